"""What a check of the inventory has come to: batches, and what is left as it is, with reasons."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.batch import BatchRecord


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that a check could not do, or could not look at, in one line.

    Attributes:
        key: What it is about, as long as it lasts: an asset, a chain, a transfer.
        text: The line, which names the asset, the chain, what it lacks and why.
    """

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class InventoryCheck:
    """One check.

    Attributes:
        batches: Those that it made: running, waiting for approval, refused, or a dry run.
        leftovers: What stays as it is; nothing if all that is triggered is being served.
    """

    batches: tuple[BatchRecord, ...] = ()
    leftovers: tuple[Leftover, ...] = ()

    @property
    def text(self) -> str:
        """All of it in one line."""
        told = [f"batch {each.batch_id}: {each.state.lower()}" for each in self.batches]
        told += [each.text for each in self.leftovers]
        return "; ".join(told) or "nothing to do"
