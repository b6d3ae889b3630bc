"""Defects of the document that the engine was made from, and the tests that ours has none."""
