"""Bring the ledger up to what the chain says, and tell what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from keepers.adapters.store.ledger.browsing import Wish, browse, senders_of
from keepers.adapters.store.ledger.transact import Ledger
from keepers.app.settings import Settings
from keepers.app.transactions.passing import Passed, follow
from keepers.app.transactions.wishing import look_up
from keepers.app.wiring import set_up
from keepers.domain.transaction.outlook import STATES
from keepers.domain.transaction.overview import Overview
from keepers.engine.ports import Progress
from keepers.planning.files.canonical import Json


@dataclass(slots=True)
class Resynced:
    """What a look at the chain has changed, by sender and by transaction."""

    passed: dict[str, Passed] = field(default_factory=dict[str, Passed])
    changed: list[tuple[Overview, Overview]] = field(
        default_factory=list[tuple[Overview, Overview]]
    )

    def lines(self) -> Iterator[str]:
        """The same in words."""
        for sender, passed in self.passed.items():
            if passed.other is not None:
                yield f"{sender}: {passed.other} works for it, and follows its receipts"
            elif not passed.reached:
                yield f"{sender}: nodes do not answer; nothing was done"
        for before, after in self.changed:
            old, new = STATES[before.record.state], STATES[after.record.state]
            seen = after.record.inclusion
            where = "" if seen is None else f" (block {seen.block_number})"
            yield f"transaction {after.record.intent_id}: {old} -> {new}{where}"
        if not self.changed:
            yield "nothing has changed"

    def document(self) -> dict[str, Json]:
        """The same for machines."""
        return {
            "senders": [
                {"sender": sender, "by": each.other, "reached": each.reached}
                for sender, each in self.passed.items()
            ],
            "changed": [
                {
                    "id": after.record.intent_id,
                    "before": before.record.state.value,
                    "after": after.record.state.value,
                    "block": None if after.record.inclusion is None else _block(after),
                }
                for before, after in self.changed
            ],
        }


async def resync_vault(
    settings: Settings, ledger: Ledger, vault: str | None, say: Progress
) -> Resynced:
    """One pass without sending for every account that has sent for a vault."""
    setup, result = set_up(settings, vault), Resynced()
    chain_id = setup.chain.chain_id
    for sender in ledger.read(lambda c: senders_of(c, setup.name, chain_id)):
        before = _live(ledger, chain_id, sender)
        result.passed[sender] = await follow(settings, setup, ledger, sender, say)
        for old in before:
            new = look_up(ledger, old.record.intent_id)
            if new.record != old.record:
                result.changed.append((old, new))
    return result


def _live(ledger: Ledger, chain_id: int, sender: str) -> tuple[Overview, ...]:
    now = ledger.now()
    found = ledger.read(lambda c: browse(c, Wish(sender=sender, live=True), now))
    return tuple(each for each in found if each.record.intent.chain_id == chain_id)


def _block(overview: Overview) -> int:
    seen = overview.record.inclusion
    assert seen is not None  # noqa: S101 - the caller looked
    return seen.block_number
