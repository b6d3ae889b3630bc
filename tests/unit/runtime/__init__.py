"""What puts a keeper together."""
