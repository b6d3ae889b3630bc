"""Owners in the settings; the only module that knows their kinds."""

from __future__ import annotations

import os

from keepers.config import Settings
from keepers.runtime.process.owner import Owner, SenderSetup
from keepers.runtime.treasury.owner import TreasuryOwner
from keepers.runtime.vault.owner import VaultOwner
from keepers.runtime.vault.setup import VAULT_VARIABLE, chosen_vault


def owners_of(settings: Settings) -> tuple[Owner, ...]:
    """Return every vault, and the treasuries as one owner."""
    vaults: tuple[Owner, ...] = tuple(VaultOwner(settings, name) for name in settings.vaults)
    return vaults if settings.treasury is None else (*vaults, TreasuryOwner(settings))


def owner_named(settings: Settings, name: str) -> Owner:
    """Return the owner of a name.

    Raises:
        InputError: There is no such owner.
    """
    known = {each.name: each for each in owners_of(settings)}
    return known[name] if name in known else known[chosen_vault(settings, name)]


def chosen_owner(settings: Settings, name: str | None) -> Owner:
    """Return the named owner, else that of BALLAST_VAULT, else the only owner or only vault.

    Raises:
        InputError: There is no owner of this name, or several and none is named.
    """
    wanted = name or os.environ.get(VAULT_VARIABLE)
    known = owners_of(settings)
    if wanted is None and len(known) == 1:
        return known[0]
    return owner_named(settings, wanted or chosen_vault(settings, None))


def senders_named(settings: Settings, owner: str | None) -> tuple[SenderSetup, ...]:
    """Return the senders of the owner selected as in `chosen_owner`.

    Raises:
        InputError: There is no such owner, or several and none is named.
        DeploymentError: A deployments file cannot be used.
    """
    return chosen_owner(settings, owner).senders()
