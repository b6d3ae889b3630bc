"""Which signers the settings name for a vault, or for the treasuries; no file is read."""

from __future__ import annotations

import os
from dataclasses import dataclass

from keepers.config import Settings
from keepers.model.transfer_record import TREASURY
from keepers.runtime.vault.setup import VAULT_VARIABLE, chosen_vault


@dataclass(frozen=True, slots=True)
class OwnedKey:
    """A signer by its name, for whom it works, and on which chain."""

    owner: str
    chain_id: int
    signer: str


def chosen_owner(settings: Settings, name: str | None) -> str:
    """A vault as `chosen_vault` chooses it, or the treasuries: named, or where there is no vault.

    Raises:
        InputError: There is no such vault, or several and none is named.
    """
    wanted = name or os.environ.get(VAULT_VARIABLE)
    is_meant = wanted == TREASURY or (wanted is None and not settings.vaults)
    if settings.treasury is not None and is_meant:
        return TREASURY
    return chosen_vault(settings, wanted)


def treasuries_meant(settings: Settings, name: str | None) -> bool:
    """Whether the treasuries are chosen; a vault may have their name where there are none.

    Raises:
        InputError: There is no such vault, or several and none is named.
    """
    return settings.treasury is not None and chosen_owner(settings, name) == TREASURY


def keys_of(settings: Settings, owner: str) -> tuple[OwnedKey, ...]:
    """The key of a vault, or those of the treasuries, one for each chain."""
    if owner == TREASURY and settings.treasury is not None:
        chains = settings.treasury.chains.items()
        return tuple(
            OwnedKey(owner, settings.chains[name].chain_id, each.signer) for name, each in chains
        )
    vault = settings.vaults[owner]
    return (OwnedKey(owner, settings.chains[vault.chain].chain_id, vault.signer),)
