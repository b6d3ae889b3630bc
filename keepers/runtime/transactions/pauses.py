"""Pauses of an owner's keys, or of everything."""

from __future__ import annotations

import getpass
import socket

from keepers.config import JsonRpcSigner, SecretUnavailableError, Settings
from keepers.model.errors import InputError
from keepers.model.errors.signing import SigningError
from keepers.model.transaction_records import EVERYTHING, Pause, sender_scope
from keepers.runtime.owners import chosen_owner
from keepers.runtime.process.owner import OwnedKey
from keepers.runtime.process.signers import make_signing
from keepers.store.database import Database
from keepers.store.pauses import pause, read_pauses, resume
from keepers.store.transaction_queries import senders_of


def scopes_of(
    settings: Settings, database: Database, vault: str | None, *, everything: bool
) -> tuple[str, ...]:
    """Return the scopes of a pause: everything, or the accounts that send for an owner.

    Raises:
        InputError: Both or neither is named, there is no such vault, or its account is unknown.
    """
    if everything:
        if vault is not None:
            raise InputError("--everything", "applies to all vaults; omit --vault")
        return (EVERYTHING,)
    return tuple(
        sender_scope(key.chain_id, each)
        for key in chosen_owner(settings, vault).keys
        for each in _known(settings, key, database)
    )


def _known(settings: Settings, key: OwnedKey, database: Database) -> tuple[str, ...]:
    senders = senders_for(settings, key, database)
    if not senders:
        problem = "its key cannot be read and it has sent nothing; use --everything"
        raise InputError("--vault", f"the account of {key.owner} is not known: {problem}")
    return senders


def senders_for(settings: Settings, key: OwnedKey, database: Database) -> tuple[str, ...]:
    """Return the account of a key; if it is unreadable, those that have sent for its owner."""
    signer = settings.signers[key.signer]
    if isinstance(signer, JsonRpcSigner):
        return (signer.address,)
    try:
        return (make_signing(settings, key.signer).address,)
    except (SigningError, SecretUnavailableError):
        return database.read(lambda c: senders_of(c, key.owner, key.chain_id))


def put(database: Database, scopes: tuple[str, ...], reason: str) -> tuple[str, ...]:
    """Pause scopes; return those that were not paused before."""
    by = operator_name()
    return tuple(
        scope
        for scope in scopes
        if database.transact("pause", lambda w, s=scope: pause(w, s, reason, by))
    )


def lift(database: Database, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Resume scopes; return those that were paused."""
    by = operator_name()
    return tuple(
        scope
        for scope in scopes
        if database.transact("resume", lambda w, s=scope: resume(w, s, by))
    )


def pauses_among(database: Database, scopes: tuple[str, ...]) -> tuple[Pause, ...]:
    """Return the pauses of these scopes."""
    return tuple(each for each in database.read(read_pauses) if each.scope in scopes)


def operator_name() -> str:
    """Return the name of the operator at this machine, as far as known."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"
