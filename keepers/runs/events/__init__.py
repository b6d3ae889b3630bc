"""What happens to a vault on its chain: deposits, price moves, windows and maturities."""
