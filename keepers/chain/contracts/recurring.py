"""Contracts of recurring rebalancers: scheduler, lens, rebalancers and supervisor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address

from keepers.chain.codec import ZERO_ADDRESS, Call, Contract, Method, elements, nothing

GENERATION_BITS = 32
"""A booking id is the record's number, with the count of bookings in these lowest bits."""


@dataclass(frozen=True, slots=True)
class RawBooking:
    """Fields of a booking that a keeper needs."""

    handler: str
    timestamp: int
    effort: int
    payer: str
    fee: int
    has_data: bool

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> RawBooking:
        """Decode the contract's struct."""
        handler, timestamp, effort, _, payer, fee, _, _, _, has_data = fields
        of, pays = to_checksum_address(handler), to_checksum_address(payer)
        return cls(of, timestamp, effort, pays, fee, has_data)


@dataclass(frozen=True, slots=True)
class RawRow:
    """Record in the lens; `target` is the zero address if there is none."""

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
        """Decode the contract's struct."""
        number, booking_id, booking, target, *rest = fields
        return cls(
            number, booking_id, RawBooking.of(tuple(booking)), to_checksum_address(target), *rest
        )


def _ids(values: tuple[Any, ...]) -> tuple[int, ...]:
    needed, data = values
    return tuple(decode(("uint256[]", "address"), data)[0]) if needed else ()


class TransactionScheduler(Contract):
    """The scheduler of bookings."""

    records = Method[[], int]("records")
    """Highest number of a record."""
    terms = Method[[], tuple[int, int]]("terms", lambda values: (values[0][7], values[0][8]))
    """Gas of a transaction, and of the settlement of one execution, as counted in payouts."""
    transaction = Method[[int], RawBooking](
        "transactionOf", lambda values: RawBooking.of(values[0])
    )
    """A booking by its id."""
    is_booked = Method[[int], bool]("isBooked")
    """Whether a record is booked or being executed."""
    rearm_fee = Method[[int, int], int]("rearmFee")
    """Cost of booking a record again now, with a margin in basis points."""
    available_to = Method[[str, str], int]("availableTo")
    """Wei of an owner that a spender may take now."""
    account = Method[[str, str], tuple[int, int, int]](
        "accountOf", lambda values: tuple(values[0][:3])
    )
    """Balance of an owner's account in wei, and the limits of a spender's run and day in gwei."""

    def check_upkeep(self, first: int, count: int) -> Call[tuple[int, ...]]:
        """Return due bookings among `count` records from `first`, without those that need data."""
        asked = encode(("uint256", "uint256", "address"), (first, count, ZERO_ADDRESS))
        return self._call("checkUpkeep", asked, convert=_ids)

    def payout_for(self, booking: int, gas: int, price: int) -> Call[int]:
        """Return the payout of one execution now, from the gas that its handler uses."""
        return self._call("payoutFor", booking, gas, price, 1)

    def execute(self, booking: int, reward_to: str) -> Call[bool]:
        """Execute one booking."""
        return self._call("execute", booking, b"", reward_to)

    def execute_batch(self, bookings: Sequence[int], reward_to: str) -> Call[int]:
        """Execute several; return the executed ones as bits, the first in the lowest."""
        return self._call("executeBatch", list(bookings), [], reward_to)

    def balance(self, account: str) -> Call[int]:
        """Return the wei that an executor has earned and not withdrawn."""
        return self._call("accountOf", account, account, convert=lambda values: values[0][0])


class SchedulerLens(Contract):
    """Views of many records."""

    sweep = Method[[int, int], tuple[tuple[int, ...], int]](
        "sweep", lambda values: (tuple(values[2]), values[3])
    )
    """Stuck records among at most `count` from `first`, and the start of the next page."""
    page = Method[[int, int], tuple[tuple[RawRow, ...], int]](
        "page", lambda values: (tuple(map(RawRow.of, values[0])), values[1])
    )
    """At most `count` records from `first`, and the start of the next page; 0 at the end."""
    numbers = Method[[Sequence[str]], tuple[int, ...]]("numbersOf", elements)
    """Records that contracts claim, for as many of the first contracts as the gas allows."""
    row = Method[[int], RawRow]("rowOf", lambda values: RawRow.of(values[0]))
    """One record."""
    target = Method[[int], str]("jobOf", lambda values: to_checksum_address(values[0][0]))
    """Target of a record's job; the zero address if there is none."""
    is_forced = Method[[int], bool]("jobOf", lambda values: values[0][5][4])
    """Whether a record's job rebalances its target inside the band too."""
    is_paid = Method[[int], bool]("fixOf", lambda values: values[2])
    """Whether a record's handler is a registry."""


class PaidRebalancerRegistry(Contract):
    """The registry of rebalancers that a team pays for."""

    number_of = Method[[str], int]("entryOf", lambda values: values[0][1])
    """Record of a target's rebalancer; 0 if there is none."""
    handle_of = Method[[str], int]("handleOf")
    """Handle of a target's rebalancer; 0 if there is none."""
    fix_batch = Method[[Sequence[str]], int]("fixRescheduleBatch")
    """Book the rebalancers of several targets again; return how many were booked."""
    booking_gas = Method[[], int]("bookingGas")
    """Part of an effort that is reserved for booking the next run."""
    default_terms = Method[[], tuple[int, bool]](
        "defaultRecurringConfig", lambda values: (values[0][2], values[0][4])
    )
    """Effort of new rebalancers, and whether they force."""
    create = Method[[str], int]("createPaidRebalancer")
    """Create the rebalancer of a target; return its handle."""
    delete = Method[[int], None]("deletePaidRebalancer", nothing)
    """Cancel the booking of a rebalancer, by its handle, and remove it."""
    update_config = Method[[str, tuple[Any, ...]], None]("updateRecurringConfig", nothing)
    """Set the schedule and the payer of a target's rebalancer."""


class RebalanceSupervisor(Contract):
    """The supervisor, which has its own record."""

    number = Method[[], int]("number")
    """The supervisor's record; 0 before its schedule is set."""
    schedule = Method[[], tuple[int, int, int, int]]("schedule", lambda values: tuple(values[0]))
    """Interval, effort, margin in basis points, and priority of its ticks."""
    next_tick = Method[[], int]("nextExecutionTimestamp")
    """Time of the next tick if booked now."""


class IRebalanceable(Contract):
    """A target of rebalancers."""

    def rebalance(self, *, force: bool) -> Call[None]:
        """Rebalance once."""
        return self._call("rebalance", force, convert=nothing)


class RecurringRebalancer(Contract):
    """The rebalancer of one target."""

    number = Method[[], int]("number")
    """The rebalancer's record."""
    fix = Method[[], bool]("fixReschedule")
    """Book the rebalancer again; return whether it was booked."""
    close = Method[[], None]("close", nothing)
    """Stop the rebalancer permanently."""
    set_config = Method[[tuple[Any, ...]], None]("setRecurringConfig", nothing)
    """Set the rebalancer's schedule and payer."""
