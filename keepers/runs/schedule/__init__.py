"""Schedules of checks: cron texts, ticks that are claimed once, and checks in turn."""
