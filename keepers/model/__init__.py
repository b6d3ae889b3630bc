"""Domain values and rules: pure, immutable, used by all other packages."""
