"""Which status of a run may follow which; code and database refuse everything else."""

from collections.abc import Mapping
from types import MappingProxyType

from keepers.model.run import RunStatus

RUN_MOVES: Mapping[RunStatus | None, frozenset[RunStatus]] = MappingProxyType(
    {
        None: frozenset({RunStatus.OPEN}),
        RunStatus.OPEN: frozenset(RunStatus) - {RunStatus.OPEN},
    }
)
"""A run begins open, and is closed once."""
