"""Schedules of checks: cron expressions, ticks claimed once, and sequential checks."""
