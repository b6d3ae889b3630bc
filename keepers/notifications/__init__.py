"""Messages to people: queued in the database, sent through Apprise."""
