"""Audits: transactions read by code that had no part in making them, and compared with policy."""
