"""Share values of funds at earlier blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from keepers.model.risk import FundRate
from keepers.store.database import Database, Writing
from keepers.store.records import columns_of, record
from keepers.store.tables import yield_samples

SPACING = timedelta(hours=1)
"""Minimum interval between stored rates of a fund: yields are measured over days."""


class YieldRepository:
    """Share values of funds. Every method may raise `StoreUnavailableError`.

    Requires no lease: every keeper reads the same rate at a block.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record_rates(self, rates: Sequence[FundRate]) -> None:
        """Store rates, except those within an hour of their fund's last one."""
        earlier = self._newest(rates)
        due = [each for each in rates if _is_due(each, earlier.get(each.asset))]
        if not due:
            return

        def work(writing: Writing) -> None:
            for each in due:
                writing.connection.execute(insert(yield_samples).values(columns_of(each)))

        self._database.transact("record_rates", work)

    def rates_since(self, vault: str, chain_id: int, since: datetime) -> tuple[FundRate, ...]:
        """Return the rates of a vault's funds since a time, in order of time."""
        same = (yield_samples.c.vault == vault) & (yield_samples.c.chain_id == chain_id)
        query = select(yield_samples).where(same, yield_samples.c.at >= since)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(yield_samples.c.at)).mappings()
            return tuple(record(FundRate, row) for row in rows)

    def _newest(self, rates: Sequence[FundRate]) -> dict[str, datetime]:
        """Return the time of each fund's last stored rate."""
        table = yield_samples.c
        query = select(table.asset, func.max(table.at).label("at")).group_by(table.asset)
        whose = {(each.vault, each.chain_id) for each in rates}
        found: dict[str, datetime] = {}
        with self._database.reading() as connection:
            for vault, chain_id in whose:
                same = (table.vault == vault) & (table.chain_id == chain_id)
                found |= {row.asset: row.at for row in connection.execute(query.where(same))}
        return found


def _is_due(rate: FundRate, last: datetime | None) -> bool:
    return last is None or rate.at - last >= SPACING
