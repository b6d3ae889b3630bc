"""What is said about a bridge: its quotes, and where the money of a transfer is."""
