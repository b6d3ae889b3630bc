"""Benchmarks: they print measurements and assert no duration."""
