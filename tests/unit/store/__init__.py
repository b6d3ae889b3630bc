"""The journal in a database."""
