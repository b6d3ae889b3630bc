"""Tests of notifications, the outbox and its sender."""
