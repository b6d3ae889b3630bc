"""The part of the preflight that needs no chain: the database, and the key that signs."""

from __future__ import annotations

from keepers.config import Settings
from keepers.model.errors import BallastError
from keepers.runtime.signers import make_signing
from keepers.runtime.vault.preflight import Check
from keepers.store.journal import open_journal


def check_database(settings: Settings) -> Check:
    """Can the database be written?"""
    try:
        open_journal(settings.database)
    except BallastError as error:
        return Check("database", passed=False, detail=str(error))
    return Check("database", passed=True, detail="can be written")


def check_signer(settings: Settings, name: str) -> tuple[Check, str | None]:
    """Can the key of a signer be used, and which account is it of?"""
    try:
        address = make_signing(settings, name).address
    except BallastError as error:
        return Check("key", passed=False, detail=str(error)), None
    return Check("key", passed=True, detail=address), address
