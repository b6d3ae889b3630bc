"""A model of everything that can happen to two keepers of one sender, in any order."""
