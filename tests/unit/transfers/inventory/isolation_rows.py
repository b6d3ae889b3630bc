"""Rows of the isolation matrix for transfers: the failure, and the chains still served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keepers.model.errors.chain import ChainError, WrongChainError
from keepers.model.limits import KeeperLimits, Limit
from tests.unit.transfers.inventory.fleet import BASE_CHAIN, TEN, PaperFleet
from tests.unit.transfers.inventory.paper import UNIT
from tests.unit.transfers.paper_treasury import UNLIMITED
from tests.unit.transfers.transfer_rig import ONE, TWO

NO_LIMIT = Limit(0, 0, 86_400)


@dataclass(frozen=True)
class Row:
    """A row of the matrix.

    Attributes:
        broken: The component and its failure.
        breaks: Function that causes the failure.
        goes_on: Chains that are still brought to their base.
        told: Text that the check reports; empty if all chains are served and nothing is reported.
    """

    broken: str
    breaks: Callable[[PaperFleet], None]
    goes_on: frozenset[int]
    told: str = ""


BOTH = frozenset({TWO, BASE_CHAIN})
OTHER = frozenset({BASE_CHAIN})


def _show(chain_id: int, **changes: object) -> Callable[[PaperFleet], None]:
    return lambda fleet: fleet.shown[chain_id].update(changes)


def _down(chain_id: int) -> Callable[[PaperFleet], None]:
    return lambda fleet: setattr(fleet.chains[chain_id], "down", True)


def _hang(chain_id: int) -> Callable[[PaperFleet], None]:
    return lambda fleet: setattr(fleet.chains[chain_id], "hangs", True)


def _trouble(chain_id: int, error: ChainError) -> Callable[[PaperFleet], None]:
    return lambda fleet: setattr(fleet.chains[chain_id], "trouble", error)


def _restrict_both(fleet: PaperFleet) -> None:
    fleet.restrict(ONE, 70 * UNIT)
    fleet.restrict(TEN, 70 * UNIT)


def _cannot_simulate(fleet: PaperFleet) -> None:
    fleet.simulators[ONE].is_able = False


def _close(*ways: tuple[int, int]) -> Callable[[PaperFleet], None]:
    return lambda fleet: fleet.timed.closed.update(ways)


def _dear(fleet: PaperFleet) -> None:
    fleet.timed.dear[TWO] = UNIT


def _dear_messages(fleet: PaperFleet) -> None:
    """Let ONE pay the fee of one message but not of two."""
    fleet.timed.native_fee = 10**15
    fleet.shown[ONE]["keeper_balance_wei"] = 25 * 10**14


def _revert_lanes(fleet: PaperFleet) -> None:
    for each in (ONE, TEN):
        fleet.refuse_sending(each, TWO)


LOW = KeeperLimits("0xk", Limit(10**30, 5 * UNIT, 86_400), UNLIMITED)
REMOVED = KeeperLimits("0xk", NO_LIMIT, NO_LIMIT)
LIES = WrongChainError("paper-1", 1, 999)

ROWS: dict[str, Row] = {
    "C-SOURCE-PAUSED": Row("source chain: treasury paused", _show(ONE, paused=True), BOTH),
    "C-SOURCE-NO-NATIVE": Row(
        "source chain: no native token for gas", _show(ONE, keeper_balance_wei=5), BOTH
    ),
    "C-SOURCE-NO-NATIVE-FOR-MESSAGES": Row(
        "source chain: native token for one message, not for two", _dear_messages, BOTH
    ),
    "C-SOURCE-KEEPER-REMOVED": Row(
        "source chain: the keeper was removed", _show(ONE, keeper_limits=REMOVED), BOTH
    ),
    "C-SOURCE-KEEPER-LIMIT": Row(
        "source chain: the keeper's automatic limit is used", _show(ONE, keeper_limits=LOW), BOTH
    ),
    "C-SOURCE-ROUTE-LIMIT": Row(
        "source chain: the route's limit is used", lambda fleet: fleet.restrict(ONE, 0), BOTH
    ),
    "C-SOURCE-ROUTE-LIMIT-SHARED": Row(
        "both sources: a limit that its lanes share admits one transfer each", _restrict_both, BOTH
    ),
    "C-SOURCE-NODE-AWAY": Row("source chain: no node answers", _down(ONE), BOTH, "not checked"),
    "C-SOURCE-NODE-HANGS": Row(
        "source chain: its node accepts and never answers", _hang(ONE), BOTH, "no response within"
    ),
    "C-SOURCE-NODE-LIES": Row(
        "source chain: its node is of another chain", _trouble(ONE, LIES), BOTH, "not checked"
    ),
    "C-SOURCE-SWITCHED-OFF": Row(
        "source chain: enabled = false", lambda fleet: fleet.switch_off(ONE), BOTH
    ),
    "C-SOURCE-REVERTS": Row(
        "source chain: what is sent reverts", lambda fleet: fleet.refuse_sending(ONE), BOTH
    ),
    "C-SOURCE-CANNOT-SIMULATE": Row(
        "source chain: its node cannot simulate", _cannot_simulate, BOTH
    ),
    "C-DESTINATION-NO-NATIVE": Row(
        "destination chain: no native token for gas",
        _show(TWO, keeper_balance_wei=5),
        OTHER,
        "EVM-42161 lacks 60: no route can carry it: EVM-42161 cannot receive: the keeper has",
    ),
    "C-DESTINATION-NODE-AWAY": Row(
        "destination chain: no node answers", _down(TWO), OTHER, "EVM-42161 cannot be read"
    ),
    "C-DESTINATION-NODE-HANGS": Row(
        "destination chain: its node never answers", _hang(TWO), OTHER, "no response within"
    ),
    "C-DESTINATION-NODE-LIES": Row(
        "destination chain: its node is of another chain", _trouble(TWO, LIES), OTHER, "not checked"
    ),
    "C-DESTINATION-SWITCHED-OFF": Row(
        "destination chain: enabled = false", lambda fleet: fleet.switch_off(TWO), OTHER
    ),
    "C-DESTINATION-LANES-REVERT": Row(
        "destination chain: every source reverts what is sent there",
        _revert_lanes,
        OTHER,
        "CctpV2Route_Paused",
    ),
    "C-DESTINATION-DEAR": Row(
        "destination chain: bridges take more than is allowed", _dear, OTHER, "20 are allowed"
    ),
    "C-DESTINATION-PAUSED": Row(
        "destination chain: treasury paused, which takes in all the same",
        _show(TWO, paused=True),
        BOTH,
    ),
    "C-LANE-DECLINES": Row("route: one lane of it declines", _close((ONE, TWO)), BOTH),
    "C-LANES-DECLINE": Row(
        "route: it declines all that goes to one chain",
        _close((ONE, TWO), (TEN, TWO)),
        OTHER,
        "TIMED from EVM-1 to EVM-42161: closed",
    ),
}
"""Transfers between chains: two chains can give 150 each, two lack 60 each."""
