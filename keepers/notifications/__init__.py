"""Messages to people: an outbox in the database, and a courier who empties it through Apprise."""
