"""Preflight of every owner: each failed check states the remedy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keepers.config import Settings, load_settings
from keepers.model.errors import BallastError
from keepers.runtime.owners import chosen_owner, owners_of
from keepers.runtime.process.checks import Check
from keepers.runtime.process.owner import Owner
from keepers.runtime.vault.setup import VAULT_VARIABLE


async def preflight(config: Path | None, name: str | None) -> list[Check]:
    """Run all possible checks; checks that depend on a failed one are left out.

    Without a name, every owner is checked.
    """
    try:
        settings = load_settings(config)
        owners = _owners(settings, name)
    except BallastError as error:
        return [Check("configuration", passed=False, detail=str(error))]
    if len(owners) == 1:
        return await owners[0].checks()
    return [
        replace(check, name=f"{owner.name}: {check.name}")
        for owner in owners
        for check in await owner.checks()
    ]


def _owners(settings: Settings, name: str | None) -> Sequence[Owner]:
    known = owners_of(settings)
    if name is None and VAULT_VARIABLE not in os.environ and len(known) > 1:
        return known
    return (chosen_owner(settings, name),)
