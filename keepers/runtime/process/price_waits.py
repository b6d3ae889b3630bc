"""Work that waits for a lower gas price, as shown by `ballast status`."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.model.json_document import Json
from keepers.model.transaction_details import TransactionDetails
from keepers.reports.transaction_document import gwei
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.process.transaction_engine import sending_policy
from keepers.store.database import Database
from keepers.store.transaction_queries import TransactionFilter, browse
from keepers.transactions.price_wait import PriceWait, price_wait
from keepers.transactions.sender_context import SendingPolicy

NEW = "NEW"
"""Kind of work not started yet, which the next check would find."""

LIMIT = "maximum_fee_per_gas_wei"
TIP_LIMIT = "maximum_priority_fee_per_gas_wei"


def price_waits(database: Database, sender: SenderSetup, base_fee: int) -> list[Json]:
    """Return a sender's work that waits for a lower gas price, requested work first."""
    policy, now = sending_policy(sender.chain, sender.limits), database.now()
    live = database.read(lambda c: browse(c, TransactionFilter(vault=sender.owner, live=True), now))
    under_way = _under_way(live, sender, base_fee, policy)
    return [*under_way, *new_waits(sender, base_fee)]


def _under_way(
    live: tuple[TransactionDetails, ...], sender: SenderSetup, base_fee: int, policy: SendingPolicy
) -> Iterator[dict[str, Json]]:
    for each in reversed(live):
        record = each.record
        if record.intent.chain_id != sender.chain.chain_id:
            continue
        wait = price_wait(each, base_fee, policy)
        if wait is not None:
            what = f"transaction {record.intent_id}, {each.step.kind} of {sender.subject},"
            known: dict[str, Json] = {
                "kind": each.step.kind,
                "intent": record.intent_id,
                "run": each.step.run_id,
                "state": record.state.value,
            }
            yield known | _wait(sender, what, wait, base_fee)


def new_waits(sender: SenderSetup, base_fee: int) -> Iterator[dict[str, Json]]:
    """Yield the wait of work not started yet while gas is above the limit."""
    limit = sender.limits.maximum_fee_per_gas_wei
    if base_fee > limit:
        known: dict[str, Json] = {"kind": NEW, "intent": None, "run": None, "state": None}
        what = f"all new work of {sender.subject}"
        yield known | _wait(sender, what, PriceWait(limit, limit), base_fee)


def _wait(sender: SenderSetup, what: str, wait: PriceWait, base_fee: int) -> dict[str, Json]:
    return {
        "owner": sender.owner,
        "chain_id": sender.chain.chain_id,
        "admitted_wei": str(wait.admitted),
        "limit_wei": str(wait.limit),
        "base_fee_wei": str(base_fee),
        "text": f"{what} waits for a gas price of {_most(wait)}; it is {gwei(base_fee)} gwei now",
    }


def _most(wait: PriceWait) -> str:
    limit = f"{gwei(wait.limit)} gwei"
    if wait.admitted == wait.limit:
        return f"{limit} or less, the limit {LIMIT}"
    return (
        f"{gwei(wait.admitted)} gwei or less, which it offers; {LIMIT} ({limit}) and "
        f"{TIP_LIMIT} allow no replacement"
    )
