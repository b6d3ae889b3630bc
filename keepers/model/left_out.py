"""Holdings that a plan leaves out, so that everything else can be planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keepers.model.order import OrderKind

LONGEST = 300
"""Characters of a reason; a broken contract may answer any number of them."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A holding that is not traded, and why.

    Attributes:
        asset: Its symbol.
        reason: What is wrong with it.
        kind: The direction that is closed; None for both.
    """

    asset: str
    reason: str
    kind: OrderKind | None = None

    @classmethod
    def of(cls, kept: Mapping[str, str | None]) -> LeftOut:
        """As the store keeps it in a plan's `left_out`."""
        kind = kept["kind"]
        found = None if kind is None else OrderKind(kind)
        return cls(str(kept["asset"]), str(kept["reason"]), found)

    @property
    def text(self) -> str:
        """For people, on one line: `OTC-BOND is left out: its venue gives no quotes`."""
        what = {
            None: "is left out",
            OrderKind.SALE: "is not sold",
            OrderKind.PURCHASE: "is not bought",
        }[self.kind]
        return f"{self.asset} {what}: {short(self.reason)}"

    def closes(self, kind: OrderKind) -> bool:
        """Return whether it closes a direction."""
        return self.kind is None or self.kind is kind


def short(reason: str) -> str:
    """A reason on one line, without its end where it is very long."""
    line = " ".join(reason.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
