"""Bridge through an exchange: our route deposits, and one withdrawal by id goes to our inbox."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import structlog

from keepers.bridges.arrival import find_arrival
from keepers.bridges.bridge import LaneBridge, unreadable
from keepers.bridges.exchange.account import exchange_conditions
from keepers.bridges.exchange.client import ADDRESS, APPLY, FINAL, QUOTA, REFUSALS, ExchangeClient
from keepers.bridges.exchange.history import (
    BROKEN,
    COMPLETED,
    Withdrawal,
    deposit_obstacle,
    find_withdrawals,
    order_id,
)
from keepers.bridges.exchange.lane import (
    READER,
    ExchangeLane,
    fetch_networks,
    objection,
    quote_exchange,
    tariff_of,
)
from keepers.bridges.lane import Chains, problems_of
from keepers.chain.codec import same
from keepers.model.bridge import (
    Accepted,
    BridgeQuote,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import (
    BridgeBusyError,
    BridgeError,
    BridgeRefusedError,
    BridgeUnreachableError,
)
from keepers.model.money import format_units
from keepers.model.ports import Clock

NAME = "EXCHANGE"
SETTLE = timedelta(minutes=15)
"""Time after an attempt without a response in which only the history is read."""

ASK = "Check the withdrawal in the exchange's console, or ask its support."

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class ExchangeBridge(LaneBridge[ExchangeLane]):
    """Bridge through a Binance account."""

    name = NAME

    def __init__(
        self,
        client: ExchangeClient,
        clock: Clock,
        chains: Chains,
        lanes: tuple[ExchangeLane, ...],
    ) -> None:
        super().__init__(chains, lanes)
        self._client = client
        self._clock = clock

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Quote the current fee, step and limits.

        The lane is unavailable while a network is closed, while the day's limit is used up, and
        while a condition of the account fails: our inbox must be on its list before a deposit.
        """
        lane = self._lanes.for_request(request)
        networks = await fetch_networks(self._client, lane.asset)
        quote = quote_exchange(lane, networks, request, await self._left_today())
        if quote.unavailable:
            return quote
        reason = await self._problem_of(lane)
        if reason:
            return quote_exchange(lane, {}, request, Fraction(0), reason)
        return quote

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Withdraw once: after a look-up in the history, and once the deposit is unlocked."""
        lane, order = self._lanes.of(departure), order_id(effect.client_key)
        try:
            found = await self._found(lane, order, departure)
            if found:
                return Accepted(order)
            obstacle = self._recent_attempt(effect) or await self._obstacle(lane, departure)
        except BridgeError as error:
            return unreadable(error)
        if obstacle is not None:
            return obstacle
        await effect.record()
        return await self._withdraw(lane, departure, order)

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Read the withdrawal, then the transaction that it reports."""
        lane = self._lanes.of(departure)
        try:
            found = await self._found(lane, remote_id, departure)
        except BridgeError as error:
            return unreadable(error)
        if not found:
            return Pending(Wait.UNSURE, "the withdrawal is not in the history")
        if len(found) > 1:
            return Stuck(f"{len(found)} withdrawals have the id {remote_id}", ASK)
        return await self._state_of(departure, lane, *found)

    async def _found(
        self, lane: ExchangeLane, order: str, departure: Departure
    ) -> tuple[Withdrawal, ...]:
        now = self._clock.now()
        return await find_withdrawals(self._client, lane, order, departure.at, now)

    async def _state_of(
        self, departure: Departure, lane: ExchangeLane, found: Withdrawal
    ) -> Tracking:
        problem = _problem(found, lane, departure)
        if problem:
            return Stuck(problem, ASK)
        if found.status != COMPLETED or not found.transaction:
            return Pending(Wait.PROCESSING, f"the withdrawal has status {found.status}")
        reader = self._chains[lane.destination]
        return await find_arrival(reader, lane, departure, found.transaction, found.amount)

    def _recent_attempt(self, effect: Effect) -> Pending | None:
        last = effect.last_attempt
        if last is None or self._clock.now() - last >= SETTLE:
            return None
        return Pending(
            Wait.UNSURE,
            f"it was last requested at {last:%H:%M:%S}, and the history does not show it",
        )

    async def _obstacle(self, lane: ExchangeLane, departure: Departure) -> Pending | Stuck | None:
        """Return what prevents a withdrawal now: deposit, network, fee or limits."""
        locked = await deposit_obstacle(self._client, lane, departure)
        if locked is not None:
            return locked
        networks = await fetch_networks(self._client, lane.asset)
        here, there = (
            networks.get(each) for each in (lane.source_network, lane.destination_network)
        )
        if here is None or there is None:
            return Pending(Wait.SUSPENDED, "the exchange does not list the network now")
        closed = objection(here, there)
        if closed and not closed.startswith("deposits"):
            return Pending(Wait.SUSPENDED, closed)
        left = await self._left_today()
        amount = departure.terms.amount
        if left * 10**lane.source_decimals < amount:
            return Pending(Wait.QUOTA, f"only {int(left)} of the daily limit are left")
        tariff = tariff_of(lane, there, left)
        arriving = lane.at_destination(tariff.arriving(amount))
        if arriving < departure.terms.min_received:
            reason = f"its fee has risen: {arriving} units would arrive, less than the terms allow"
            return Stuck(reason, "Wait until the fee has fallen, or withdraw the deposit manually.")
        return None

    async def _withdraw(self, lane: ExchangeLane, departure: Departure, order: str) -> Initiation:
        fields = {
            "coin": lane.asset,
            "network": lane.destination_network,
            "address": lane.inbox,
            "amount": format_units(departure.terms.amount, lane.source_decimals),
            "withdrawOrderId": order,
        }
        try:
            await self._client.post(APPLY, fields)
        except BridgeRefusedError as error:
            return _refused(error)
        except BridgeBusyError as error:
            return Pending(Wait.BUSY, str(error))
        except BridgeUnreachableError as error:
            _log.warning(
                "withdrawal without an answer", transfer=departure.transfer_id, order=order
            )
            return Pending(Wait.UNSURE, str(error))
        return Accepted(order)

    async def _left_today(self) -> Fraction:
        """Return the remaining daily withdrawal limit, in US dollars."""
        answer = READER.fields(await self._client.get(QUOTA), "quota")
        whole, used = (READER.number(answer.get(each), each) for each in ("wdQuota", "usedWdQuota"))
        return max(Fraction(0), whole - used)

    async def _problem_of(self, lane: ExchangeLane) -> str:
        if not await self._is_our_address(lane):
            return "its deposit address differs from the one that our route sends to"
        return problems_of(await exchange_conditions(self._client, self._lanes.all, (lane,)))

    async def _is_our_address(self, lane: ExchangeLane) -> bool:
        query = {"coin": lane.asset, "network": lane.source_network}
        answer = READER.fields(await self._client.get(ADDRESS, query), "address")
        return same(READER.text(answer, "address"), lane.deposit_address)


def _refused(error: BridgeRefusedError) -> Initiation:
    if error.code in REFUSALS:
        return Pending(REFUSALS[error.code], str(error))
    if error.code in FINAL:
        return Stuck(f"the exchange reports that {FINAL[error.code]}", "Check the key's rights.")
    return Pending(Wait.UNSURE, str(error))


def _problem(found: Withdrawal, lane: ExchangeLane, departure: Departure) -> str:
    if found.status in BROKEN:
        return f"the exchange has ended the withdrawal with status {found.status} {found.note}"
    if not same(found.address, lane.inbox) or found.network != lane.destination_network:
        return "the withdrawal goes to a different address or network than requested"
    scale = Fraction(10) ** (lane.destination_decimals - lane.source_decimals)
    if found.amount + found.fee != departure.terms.amount * scale:
        return (
            f"{found.amount} and a fee of {found.fee} units were withdrawn, which is not the "
            "deposited amount"
        )
    if found.internal:
        return "the withdrawal stayed inside the exchange, so nothing arrives on chain"
    return ""
