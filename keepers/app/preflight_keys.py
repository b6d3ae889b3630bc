"""The part of the preflight that needs no chain: the database, and the key that signs."""

from __future__ import annotations

from keepers.adapters.store.journal import open_journal
from keepers.app.preflight_vault import Check
from keepers.app.settings import Settings
from keepers.app.signers import make_signing
from keepers.domain.errors import BallastError


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
