"""When a vault is looked at: cron texts, ticks that are claimed once, and checks in turn."""
