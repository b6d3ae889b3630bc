"""What nodes' errors mean: a table of their texts, and how it is read."""

from keepers.chain.errors.classify import classify, kind_of

__all__ = ["classify", "kind_of"]
