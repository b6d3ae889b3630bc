"""How a run of weights ends before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.run import RunStatus


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends before anything is sent, and why; at its targets there is no reason."""

    status: RunStatus
    reason: str | None
