"""What can go wrong when a chain's logs are read."""

from keepers.model.errors.chain import ChainError


class RangeRefusedError(ChainError):
    """No node gives the logs of a range of blocks; a shorter one may do.

    Attributes:
        first: The first block.
        last: The last block.
    """

    def __init__(self, first: int, last: int, problem: str) -> None:
        super().__init__(
            f"no node gives the logs of blocks {first} to {last}: {problem}; use a node that "
            "serves eth_getLogs"
        )
        self.first = first
        self.last = last


class BlockNotThereError(ChainError):
    """Nodes do not have a block that was read before, and no other one in its place.

    Attributes:
        number: The block.
    """

    def __init__(self, number: int) -> None:
        super().__init__(
            f"block {number} was read before and is not there now: the nodes lag behind, or the "
            "chain has become shorter; no events are handled until they have it"
        )
        self.number = number


class ChainInMotionError(ChainError):
    """The chain is reorganised again and again while it is read.

    Attributes:
        number: The block up to which it was read.
    """

    def __init__(self, number: int) -> None:
        super().__init__(
            f"the chain was reorganised below block {number} while it was read; the next tick "
            "goes on from there; confirmations may be too few"
        )
        self.number = number
