"""Outcomes of the last run of each rebalancer, from the events of its block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from keepers.chain.addresses import RecurringAddresses
from keepers.chain.codec import account_topic
from keepers.chain.contracts.recurring import PaidRebalancerRegistry, SchedulerLens
from keepers.chain.node import Node
from keepers.chain.recurring.events import REVERTED_BARE, RUN_EVENTS, read_runs
from keepers.chain.recurring.gas import run_gas
from keepers.chain.responses import GET_LOGS, read_logs
from keepers.model.errors.chain import ChainError
from keepers.model.recurring import JobRow, RunOutcome, RunReport

MOST = 50
"""Number of rebalancers whose last run is read; failing ones come first."""

NEAR = 16
"""Blocks to search before that of a run's timestamp; rollups make several per second."""


@dataclass(slots=True)
class LastRuns:
    """Reader of the last runs of rebalancers.

    The block of a run is found by its time, then one range of logs is read. A run that cannot be
    found is left out, so that the rest of a status is still shown.
    """

    node: Node
    addresses: RecurringAddresses
    _times: dict[int, int] = field(default_factory=dict[int, int])

    async def add(self, rows: Sequence[JobRow]) -> tuple[JobRow, ...]:
        """Return the rows with the outcomes of their last runs."""
        known = [each for each in rows if each.target is not None and each.last_run]
        chosen = sorted(known, key=lambda row: (-row.failures, row.number))[:MOST]
        found = {each.number: await self._of(each) for each in chosen}
        return tuple(replace(each, last=found.get(each.number)) for each in rows)

    async def _of(self, row: JobRow) -> RunReport | None:
        try:
            report = await self._event(row)
            if row.failures and (report is None or report.outcome is RunOutcome.FAILED):
                return await self._explained(row, report)
        except ChainError:
            return None
        return report

    async def _event(self, row: JobRow) -> RunReport | None:
        block = await self._block_at(row.last_run)
        wanted = {
            "address": row.handler,
            "topics": [list(RUN_EVENTS), account_topic(row.target or "")],
            "fromBlock": hex(max(0, block - NEAR)),
            "toBlock": hex(block),
        }
        logs = read_logs(await self.node.ask(GET_LOGS, wanted), GET_LOGS)
        return next(iter(reversed(read_runs(logs))), None)

    async def _explained(self, row: JobRow, report: RunReport | None) -> RunReport:
        """Add the current revert reason to a failure, since the event contains only a few bytes."""
        assert row.target is not None  # noqa: S101 - checked by the caller
        lens, registry = SchedulerLens(self.addresses.lens), self.addresses.registry
        force = await self.node.read(lens.is_forced(row.number))
        booking = await self.node.read(PaidRebalancerRegistry(registry).booking_gas())
        tried = await run_gas(
            self.node,
            row.target,
            force=force,
            callers=(row.handler,),
            effort=row.effort,
            booking=booking,
        )
        known = "" if report is None or report.reason == REVERTED_BARE else report.reason
        reasons = [each for each in (known, tried.problem) if each]
        reason = "; ".join(reasons) or REVERTED_BARE
        return RunReport(row.handler, row.target, RunOutcome.FAILED, reason)

    async def _block_at(self, time: int) -> int:
        """Return the last block at or before a time."""
        high = (await self.node.head()).number
        low = 0
        if await self._time(high) <= time:
            return high
        for step in range(2 * high.bit_length()):
            if high - low <= 1:
                break
            guess = (low + high) // 2
            if step % 2 == 0:
                begins, ends = await self._time(low), await self._time(high)
                share = (time - begins) * (high - low) // max(1, ends - begins)
                guess = min(max(low + 1, low + share), high - 1)
            low, high = (guess, high) if await self._time(guess) <= time else (low, guess)
        return low

    async def _time(self, block: int) -> int:
        if block not in self._times:
            self._times[block] = int((await self.node.head(block)).at.timestamp())
        return self._times[block]
