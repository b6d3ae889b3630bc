"""Notices, the outbox and its courier."""
