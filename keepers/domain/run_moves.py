"""Which status may follow which; code and database refuse everything else.

Every status that leads nowhere is final.
"""

from collections.abc import Mapping
from types import MappingProxyType

from keepers.domain.run import AttemptStatus, RunStatus, StepStatus

RUN_MOVES: Mapping[RunStatus, frozenset[RunStatus]] = MappingProxyType(
    {RunStatus.OPEN: frozenset(RunStatus) - {RunStatus.OPEN}}
)
"""An open run is closed once."""

STEP_MOVES: Mapping[StepStatus, frozenset[StepStatus]] = MappingProxyType(
    {
        StepStatus.PENDING: frozenset({StepStatus.SENDING, StepStatus.FAILED, StepStatus.SKIPPED}),
        StepStatus.SENDING: frozenset({StepStatus.DONE, StepStatus.FAILED}),
    }
)
"""A step without a signed transaction can fail or be skipped; with one, its receipt decides."""

ATTEMPT_MOVES: Mapping[AttemptStatus, frozenset[AttemptStatus]] = MappingProxyType(
    {
        AttemptStatus.STORED: frozenset(AttemptStatus) - {AttemptStatus.STORED},
        AttemptStatus.BROADCAST: frozenset(AttemptStatus) - {AttemptStatus.STORED},
    }
)
"""A stored attempt may have a receipt although no broadcast is on record: a crash in between.

Broadcast again is legal, since the same bytes may be sent any number of times.
"""

SETTLED = frozenset({AttemptStatus.SUCCEEDED, AttemptStatus.REVERTED, AttemptStatus.LOST})
"""The final statuses of an attempt."""


def step_after(attempt: AttemptStatus) -> StepStatus:
    """What a settled attempt makes of its step."""
    return StepStatus.DONE if attempt is AttemptStatus.SUCCEEDED else StepStatus.FAILED
