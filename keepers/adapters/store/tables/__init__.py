"""The tables of the journal.

The constraints are the rules of the journal once more, so that no other program, and no mistake in
this one, can write a state that should not exist. `migrations/` makes the same tables.
"""

from keepers.adapters.store.tables.attempts import attempts
from keepers.adapters.store.tables.base import metadata
from keepers.adapters.store.tables.runs import runs, stages
from keepers.adapters.store.tables.samples import samples
from keepers.adapters.store.tables.steps import steps

__all__ = ["attempts", "metadata", "runs", "samples", "stages", "steps"]
