"""All subsets of a set, as numbers with a bit for each member."""

import numpy as np
from numpy.typing import NDArray


class Subsets:
    """Remembers what it has listed, since larger sets are built from smaller ones."""

    def __init__(self) -> None:
        self._known: dict[int, NDArray[np.int64]] = {0: np.zeros(1, dtype=np.int64)}

    def of(self, mask: int) -> NDArray[np.int64]:
        """The set itself and the empty one included."""
        found = self._known.get(mask)
        if found is None:
            highest = 1 << (mask.bit_length() - 1)
            smaller = self.of(mask ^ highest)
            found = np.concatenate([smaller, smaller | highest])
            self._known[mask] = found
        return found
