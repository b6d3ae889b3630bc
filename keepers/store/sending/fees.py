"""Which signed bytes a nonce takes after those that it has."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from keepers.model.transactions.records import SignedBytes
from keepers.model.transactions.states import UNSENT, AttemptKind


def refusal(others: Sequence[RowMapping], signed: SignedBytes) -> str | None:
    """Why these bytes cannot follow the others; None if they can. The database knows it too."""
    if any(each["state"] in UNSENT for each in others):
        return "others are stored and not sent yet"
    standing = [each for each in others if each["refused_at"] is None]
    kinds = {each["kind"] for each in standing}
    match signed.kind:
        case AttemptKind.ORIGINAL if AttemptKind.ORIGINAL in kinds:
            return "the call is signed already; a bump is needed"
        case AttemptKind.BUMP if AttemptKind.ORIGINAL not in kinds:
            return "there is nothing to bump"
        case AttemptKind.ORIGINAL | AttemptKind.BUMP if AttemptKind.CANCEL in kinds:
            return "it is being cancelled"
        case _:
            return _underpaid(standing, signed)


def _underpaid(standing: Sequence[RowMapping], signed: SignedBytes) -> str | None:
    if signed.max_priority_fee_per_gas > signed.max_fee_per_gas:
        return "the tip is above the fee"
    for name in ("max_fee_per_gas", "max_priority_fee_per_gas"):
        floor = max((each[name] for each in standing), default=0)
        if getattr(signed, name) < floor:
            return f"{name} is below the {floor} of an attempt before"
    return None
