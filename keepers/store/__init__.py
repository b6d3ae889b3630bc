"""Database of decisions, signed bytes and receipts, written before any action relies on them."""
