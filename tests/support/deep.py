"""Length of the tests: normal, or with `make deep`."""

from __future__ import annotations

import os
from collections.abc import Sequence

IS_DEEP = os.environ.get("BALLAST_HYPOTHESIS_PROFILE") == "deep"


def sampled(points: Sequence[str], first: int = 0) -> Sequence[str]:
    """Return all points with `make deep`, otherwise every second one from index `first` on."""
    return points if IS_DEEP else points[first::2]
