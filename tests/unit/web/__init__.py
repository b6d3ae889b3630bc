"""Tests of the services that hold keys."""
