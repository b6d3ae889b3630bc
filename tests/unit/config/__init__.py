"""Configuration, secrets and deployments files."""
