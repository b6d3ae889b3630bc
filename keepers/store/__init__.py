"""The database: what was decided, signed, sent and seen, durable before anything depends on it."""
