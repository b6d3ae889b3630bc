"""Which status of a run may follow which; code and database refuse everything else."""

from collections.abc import Mapping
from types import MappingProxyType

from keepers.model.run import RunStatus

RUN_MOVES: Mapping[RunStatus, frozenset[RunStatus]] = MappingProxyType(
    {RunStatus.OPEN: frozenset(RunStatus) - {RunStatus.OPEN}}
)
"""An open run is closed once."""
