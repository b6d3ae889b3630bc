"""What may be signed."""
