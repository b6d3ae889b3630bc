"""Scheduler, lens, rebalancers and supervisor, as their keeper calls them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract

NOBODY = "0x" + "00" * 20
GENERATION_BITS = 32
"""An id is the number of a record, and below it how often that has been booked."""


@dataclass(frozen=True, slots=True)
class RawBooking:
    """A booking, as far as a keeper needs it."""

    handler: str
    timestamp: int
    effort: int
    payer: str
    fee: int
    has_data: bool

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> RawBooking:
        """From the contract's struct."""
        handler, timestamp, effort, _, payer, fee, _, _, _, has_data = fields
        of, pays = to_checksum_address(handler), to_checksum_address(payer)
        return cls(of, timestamp, effort, pays, fee, has_data)


@dataclass(frozen=True, slots=True)
class RawRow:
    """A record as the lens tells of it; `target` is the zero address where there is none."""

    number: int
    booking_id: int
    booking: RawBooking
    target: str
    due: bool
    payout: int
    required: int
    available: int
    next_run: int
    failures: int
    halted: bool
    stuck: bool
    last_run: int
    is_external: bool

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> RawRow:
        """From the contract's struct."""
        number, booking_id, booking, target, *rest = fields
        return cls(
            number, booking_id, RawBooking.of(tuple(booking)), to_checksum_address(target), *rest
        )


class TransactionScheduler(Contract):
    """Bookings."""

    def check_upkeep(self, first: int, count: int) -> Call[tuple[int, ...]]:
        """Ids that are due among `count` records from `first` on; those with data are left out."""
        asked = encode(("uint256", "uint256", "address"), (first, count, NOBODY))
        return self._call("checkUpkeep", asked, convert=_ids)

    def records(self) -> Call[int]:
        """The highest number."""
        return self._call("records")

    def terms(self) -> Call[tuple[int, int]]:
        """Gas of a transaction, and of one execution's settlement, that payouts count."""
        return self._call("terms", convert=lambda values: (values[0][7], values[0][8]))

    def transaction(self, booking: int) -> Call[RawBooking]:
        """A booking."""
        return self._call(
            "transactionOf", booking, convert=lambda values: RawBooking.of(tuple(values[0]))
        )

    def payout_for(self, booking: int, gas: int, price: int) -> Call[int]:
        """What executing it alone now would pay for a handler that takes so much gas."""
        return self._call("payoutFor", booking, gas, price, 1)

    def execute(self, booking: int, reward_to: str) -> Call[bool]:
        """Execute one."""
        return self._call("execute", booking, b"", reward_to)

    def execute_batch(self, bookings: Sequence[int], reward_to: str) -> Call[int]:
        """Execute several; answers which were, the first in the lowest bit."""
        return self._call("executeBatch", list(bookings), [], reward_to)

    def is_booked(self, number: int) -> Call[bool]:
        """Whether a record is booked, or being executed."""
        return self._call("isBooked", number)

    def rearm_fee(self, number: int, margin_bps: int) -> Call[int]:
        """What booking a record again would cost now."""
        return self._call("rearmFee", number, margin_bps)

    def available_to(self, owner: str, spender: str) -> Call[int]:
        """Wei of an owner that a spender may take now."""
        return self._call("availableTo", owner, spender)

    def account(self, owner: str, spender: str) -> Call[tuple[int, int, int]]:
        """Balance in wei, and what a run and a day may take of it in gwei."""
        return self._call("accountOf", owner, spender, convert=lambda values: tuple(values[0][:3]))

    def balance(self, account: str) -> Call[int]:
        """What an executor has earned and not withdrawn."""
        return self._call("accountOf", account, account, convert=lambda values: values[0][0])


class SchedulerLens(Contract):
    """Views of many records."""

    def sweep(self, first: int, count: int) -> Call[tuple[tuple[int, ...], int]]:
        """Numbers of stuck records among `count` at most from `first` on, and where to go on."""
        return self._call(
            "sweep", first, count, convert=lambda values: (tuple(values[2]), values[3])
        )

    def page(self, first: int, count: int) -> Call[tuple[tuple[RawRow, ...], int]]:
        """At most `count` records, and where to go on; 0 at the end."""
        return self._call(
            "page",
            first,
            count,
            convert=lambda values: (tuple(map(RawRow.of, values[0])), values[1]),
        )

    def numbers(self, handlers: Sequence[str]) -> Call[tuple[int, ...]]:
        """Records that contracts say are theirs, of the first ones as far as the gas lasts."""
        return self._call("numbersOf", list(handlers), convert=lambda values: tuple(values[0]))

    def row(self, number: int) -> Call[RawRow]:
        """One record."""
        return self._call("rowOf", number, convert=lambda values: RawRow.of(tuple(values[0])))

    def target(self, number: int) -> Call[str]:
        """What the job of a record rebalances; the zero address where there is none."""
        return self._call("jobOf", number, convert=lambda values: to_checksum_address(values[0][0]))

    def is_forced(self, number: int) -> Call[bool]:
        """Whether the job of a record has its target rebalance inside the band too."""
        return self._call("jobOf", number, convert=lambda values: values[0][5][4])

    def is_paid(self, number: int) -> Call[bool]:
        """Whether a record's handler is a registry."""
        return self._call("fixOf", number, convert=lambda values: values[2])


class PaidRebalancerRegistry(Contract):
    """Rebalancers that a team pays for."""

    def number_of(self, target: str) -> Call[int]:
        """The record of a target's rebalancer; 0 where there is none."""
        return self._call("entryOf", target, convert=lambda values: values[0][1])

    def handle_of(self, target: str) -> Call[int]:
        """The handle of a target's rebalancer; 0 where there is none."""
        return self._call("handleOf", target)

    def fix_batch(self, targets: Sequence[str]) -> Call[int]:
        """Book several again; answers how many were."""
        return self._call("fixRescheduleBatch", list(targets))

    def booking_gas(self) -> Call[int]:
        """Of an effort, what is kept for booking the next run."""
        return self._call("bookingGas")

    def default_terms(self) -> Call[tuple[int, bool]]:
        """Effort of new rebalancers, and whether they force."""
        return self._call(
            "defaultRecurringConfig", convert=lambda values: (values[0][2], values[0][4])
        )

    def create(self, target: str) -> Call[int]:
        """Make the rebalancer of a target; answers its handle."""
        return self._call("createPaidRebalancer", target)

    def delete(self, handle: int) -> Call[None]:
        """Cancel what is booked, and remove a rebalancer."""
        return self._call("deletePaidRebalancer", handle, convert=lambda _: None)

    def update_config(self, target: str, config: tuple[Any, ...]) -> Call[None]:
        """Set how and at whose expense a target is rebalanced."""
        return self._call("updateRecurringConfig", target, config, convert=lambda _: None)


class RebalanceSupervisor(Contract):
    """The supervisor, which has a record of its own."""

    def number(self) -> Call[int]:
        """Its record; 0 before its schedule is set."""
        return self._call("number")

    def schedule(self) -> Call[tuple[int, int, int, int]]:
        """Interval, effort, margin in basis points, and priority of its ticks."""
        return self._call("schedule", convert=lambda values: tuple(values[0]))

    def next_tick(self) -> Call[int]:
        """When its next tick would be booked for."""
        return self._call("nextExecutionTimestamp")


class IRebalanceable(Contract):
    """Anything that a rebalancer has rebalance itself."""

    def rebalance(self, *, force: bool) -> Call[None]:
        """One run."""
        return self._call("rebalance", force, convert=lambda _: None)


class RecurringRebalancer(Contract):
    """The rebalancer of one target."""

    def number(self) -> Call[int]:
        """Its record."""
        return self._call("number")

    def fix(self) -> Call[bool]:
        """Book it again; answers whether it was."""
        return self._call("fixReschedule")

    def close(self) -> Call[None]:
        """Stop it for good."""
        return self._call("close", convert=lambda _: None)

    def set_config(self, config: tuple[Any, ...]) -> Call[None]:
        """Set how and at whose expense its target is rebalanced."""
        return self._call("setRecurringConfig", config, convert=lambda _: None)


def _ids(values: tuple[Any, ...]) -> tuple[int, ...]:
    needed, data = values
    return tuple(decode(("uint256[]", "address"), data)[0]) if needed else ()
