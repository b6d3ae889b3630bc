"""Tests of the keeper's treasury bindings."""
