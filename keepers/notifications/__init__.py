"""Messages to operators: queued in the database, sent through Apprise."""
