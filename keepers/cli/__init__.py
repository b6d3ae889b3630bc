"""The commands that people and scripts type."""
