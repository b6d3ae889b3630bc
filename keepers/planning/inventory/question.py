"""What the planner is asked, and what whoever asks has found besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keepers.model.inventory import InventoryRequest


@dataclass(frozen=True, slots=True)
class Question:
    """A request, from a file or from the chains.

    Attributes:
        closed: Ways that cannot be used now, and why.
        unreadable: By asset, which chains cannot be read; they are not in the request.
    """

    request: InventoryRequest
    closed: tuple[str, ...] = ()
    unreadable: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
