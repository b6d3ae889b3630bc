"""Tests of configuration, secrets and deployments files."""
