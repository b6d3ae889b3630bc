"""Values and their rules, pure and frozen; everything else is built from them."""
