"""What people ask of the transaction engine: to look, to raise, to cancel, to pause."""
