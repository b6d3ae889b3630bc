"""Pauses of a vault's key, of those of the treasuries, or of everything."""

from __future__ import annotations

import getpass
import socket

from keepers.config import JsonRpcSigner, SecretUnavailableError, Settings
from keepers.model.errors import InputError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.errors.signing import SigningError
from keepers.model.json_document import Json
from keepers.model.transactions.details import stops
from keepers.model.transactions.records import EVERYTHING, Pause, sender_scope
from keepers.reports.transaction_document import pause_document
from keepers.runtime.keys import OwnedKey, chosen_owner, keys_of
from keepers.runtime.process.database import has_database, opened
from keepers.runtime.process.signers import make_signing
from keepers.runtime.vault.setup import VaultSetup
from keepers.store.database import Database
from keepers.store.pauses import pause, read_pauses, resume
from keepers.store.transaction_queries import senders_of


def scopes_of(
    settings: Settings, ledger: Database, vault: str | None, *, everything: bool
) -> tuple[str, ...]:
    """What a person means: everything, or the accounts that send for a vault or the treasuries.

    Raises:
        InputError: Both or neither is named; or there is no such vault, or nothing known of it.
    """
    if everything:
        if vault is not None:
            raise InputError("--everything", "is for all vaults; leave --vault out")
        return (EVERYTHING,)
    keys = keys_of(settings, chosen_owner(settings, vault))
    return tuple(
        sender_scope(key.chain_id, each) for key in keys for each in _known(settings, key, ledger)
    )


def _known(settings: Settings, key: OwnedKey, ledger: Database) -> tuple[str, ...]:
    senders = senders_for(settings, key, ledger)
    if not senders:
        problem = "its key cannot be read and it has sent nothing; use --everything"
        raise InputError("--vault", f"the account of {key.owner} is not known: {problem}")
    return senders


def senders_for(settings: Settings, key: OwnedKey, ledger: Database) -> tuple[str, ...]:
    """The account of a key; where that cannot be read, those that have sent for its owner."""
    signer = settings.signers[key.signer]
    if isinstance(signer, JsonRpcSigner):
        return (signer.address,)
    try:
        return (make_signing(settings, key.signer).address,)
    except (SigningError, SecretUnavailableError):
        return ledger.read(lambda c: senders_of(c, key.owner, key.chain_id))


def put(ledger: Database, scopes: tuple[str, ...], reason: str) -> tuple[str, ...]:
    """Pause; answers what was not paused before."""
    by = whoever()
    return tuple(
        scope
        for scope in scopes
        if ledger.transact("pause", lambda w, s=scope: pause(w, s, reason, by))
    )


def lift(ledger: Database, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Resume; answers what was paused."""
    by = whoever()
    return tuple(
        scope for scope in scopes if ledger.transact("resume", lambda w, s=scope: resume(w, s, by))
    )


def pauses_among(ledger: Database, scopes: tuple[str, ...]) -> tuple[Pause, ...]:
    """Which of them are paused, and why."""
    return tuple(each for each in ledger.read(read_pauses) if each.scope in scopes)


def pauses_of(settings: Settings, setup: VaultSetup) -> tuple[Pause, ...]:
    """What stops a vault; no key is read and no database is made.

    Raises:
        StoreUnavailableError: The database cannot be read.
    """
    if not has_database(settings):
        return ()
    chain_id = setup.chain.chain_id
    signer = settings.signers[setup.vault.signer]
    with opened(settings) as ledger:
        senders = {*ledger.read(lambda c: senders_of(c, setup.name, chain_id))}
        if isinstance(signer, JsonRpcSigner):
            senders.add(signer.address)
        senders.update(setup.deployment.keepers)
        found = ledger.read(read_pauses)
    return tuple(each for each in found if _stops_any(each, chain_id, senders))


def pauses_document(settings: Settings, setup: VaultSetup) -> dict[str, Json]:
    """The pauses that stop a vault; why they are not known, where the database cannot be read."""
    try:
        found = pauses_of(settings, setup)
    except StoreUnavailableError as error:
        return {"pauses": None, "pauses_problem": str(error)}
    return {"pauses": [pause_document(each) for each in found]}


def whoever() -> str:
    """The person at this machine, as far as it knows."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"


def _stops_any(pause: Pause, chain_id: int, senders: set[str]) -> bool:
    return pause.scope == EVERYTHING or any(stops(pause, chain_id, each) for each in senders)
