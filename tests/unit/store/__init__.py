"""Tests of the run repository and its database."""
