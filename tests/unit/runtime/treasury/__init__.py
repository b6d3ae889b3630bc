"""Tests of the runtime of treasuries."""
