"""Database: decisions, signed bytes and receipts, stored before anything depends on them."""
