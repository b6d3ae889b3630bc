"""Tests of the transfer machine with simulated chains, treasuries and bridges that can fail."""
