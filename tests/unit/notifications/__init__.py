"""Notices, the outbox and its sender."""
