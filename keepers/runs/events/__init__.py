"""Events of a vault on its chain: deposits, price moves, windows and maturities."""
