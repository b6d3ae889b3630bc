"""Tests of runs against an in-memory market."""
