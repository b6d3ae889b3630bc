"""Audits: transactions are decoded by independent code and compared with a policy."""
