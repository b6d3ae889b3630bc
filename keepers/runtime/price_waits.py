"""Work that waits for a price of gas, as `ballast status` shows it."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.config import Settings
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.json_document import Json
from keepers.model.transactions.details import TransactionDetails
from keepers.model.transfer_record import TREASURY
from keepers.reports.transaction_document import gwei
from keepers.runtime.process.database import has_database, opened
from keepers.runtime.process.transaction_engine import sending_policy
from keepers.runtime.senders import SenderSetup
from keepers.store.database import Ledger
from keepers.store.transaction_details import TransactionFilter, browse
from keepers.transactions.price_wait import PriceWait, price_wait
from keepers.transactions.sender_context import SendingPolicy

NEW = "NEW"
"""The kind of work that is not begun: what the next check would find to do."""

LIMIT = "maximum_fee_per_gas_wei"
TIP_LIMIT = "maximum_priority_fee_per_gas_wei"


def vault_price_waits(settings: Settings, sender: SenderSetup, base_fee: int) -> dict[str, Json]:
    """What waits for a vault; what is under way is not known where the database cannot be read."""
    found: list[Json] | None = None
    try:
        if has_database(settings):
            with opened(settings) as ledger:
                found = price_waits(ledger, sender, base_fee)
        else:
            found = list[Json](_new(sender, base_fee))
    except StoreUnavailableError:
        pass  # `pauses_problem` of the same document says why
    return {"base_fee_wei": str(base_fee), "waiting_for_gas": found}


def price_waits(ledger: Ledger, sender: SenderSetup, base_fee: int) -> list[Json]:
    """All work of a sender that waits for gas to be cheaper, what is asked for first."""
    policy, now = sending_policy(sender.chain, sender.limits), ledger.now()
    live = ledger.read(lambda c: browse(c, TransactionFilter(vault=sender.owner, live=True), now))
    under_way = _under_way(live, sender, base_fee, policy)
    return [*under_way, *_new(sender, base_fee)]


def _under_way(
    live: tuple[TransactionDetails, ...], sender: SenderSetup, base_fee: int, policy: SendingPolicy
) -> Iterator[dict[str, Json]]:
    for each in reversed(live):
        record = each.record
        if record.intent.chain_id != sender.chain.chain_id:
            continue
        wait = price_wait(each, base_fee, policy)
        if wait is not None:
            what = f"transaction {record.intent_id}, {each.step.kind} of {_whose(sender)},"
            known: dict[str, Json] = {
                "kind": each.step.kind,
                "intent": record.intent_id,
                "run": each.step.run_id,
                "state": record.state.value,
            }
            yield known | _wait(sender, what, wait, base_fee)


def _new(sender: SenderSetup, base_fee: int) -> Iterator[dict[str, Json]]:
    """What is not begun while gas is above the limit leaves nothing behind that says so."""
    limit = sender.limits.maximum_fee_per_gas_wei
    if base_fee > limit:
        known: dict[str, Json] = {"kind": NEW, "intent": None, "run": None, "state": None}
        what = f"all new work of {_whose(sender)}"
        yield known | _wait(sender, what, PriceWait(limit, limit), base_fee)


def _wait(sender: SenderSetup, what: str, wait: PriceWait, base_fee: int) -> dict[str, Json]:
    return {
        "owner": sender.owner,
        "chain_id": sender.chain.chain_id,
        "admitted_wei": str(wait.admitted),
        "limit_wei": str(wait.limit),
        "base_fee_wei": str(base_fee),
        "text": f"{what} waits for gas at {_most(wait)}; it costs {gwei(base_fee)} gwei now",
    }


def _most(wait: PriceWait) -> str:
    limit = f"{gwei(wait.limit)} gwei"
    if wait.admitted == wait.limit:
        return f"{limit} or less, the limit {LIMIT}"
    return (
        f"{gwei(wait.admitted)} gwei or less, which it pays; {LIMIT} ({limit}) and {TIP_LIMIT} "
        "admit no replacement"
    )


def _whose(sender: SenderSetup) -> str:
    if sender.owner == TREASURY:
        return f"the treasury on chain {sender.chain.chain_id}"
    return f"vault {sender.owner}"
