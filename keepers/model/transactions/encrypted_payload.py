"""Signed bytes in a box that only the validator opens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed transaction in a box: the digest of what is said to be in it, and the box."""

    digest: bytes
    box: bytes
