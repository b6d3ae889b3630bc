"""The transfer machine, on paper: chains, treasuries and bridges that a test can break."""
