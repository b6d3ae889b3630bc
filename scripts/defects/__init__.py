"""Defects of the engine's source document, and the tests that Ballast has none of them."""
