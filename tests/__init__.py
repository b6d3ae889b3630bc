"""Tests of Ballast."""
