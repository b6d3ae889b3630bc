"""Holdings that a plan excludes, so that all others can be planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keepers.model.order import OrderKind

LONGEST = 300
"""Maximum length of a reason; a faulty contract may return text of any length."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Holding that is excluded from trading.

    Attributes:
        asset: Its symbol.
        reason: Reason for the exclusion.
        kind: The excluded direction; None for both.
    """

    asset: str
    reason: str
    kind: OrderKind | None = None

    @classmethod
    def of(cls, kept: Mapping[str, str | None]) -> LeftOut:
        """Parse an entry of a stored plan's `left_out`."""
        kind = kept["kind"]
        found = None if kind is None else OrderKind(kind)
        return cls(str(kept["asset"]), str(kept["reason"]), found)

    @property
    def text(self) -> str:
        """Return one line of text: `OTC-BOND is left out: its venue gives no quotes`."""
        what = {
            None: "is left out",
            OrderKind.SALE: "is not sold",
            OrderKind.PURCHASE: "is not bought",
        }[self.kind]
        return f"{self.asset} {what}: {short(self.reason)}"

    def closes(self, kind: OrderKind) -> bool:
        """Return whether a direction is excluded."""
        return self.kind is None or self.kind is kind


def short(reason: str) -> str:
    """Return a reason on one line, truncated to `LONGEST` characters."""
    line = " ".join(reason.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
