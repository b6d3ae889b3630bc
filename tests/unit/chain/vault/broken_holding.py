"""Vault on a node in memory that models gas, with holdings that are broken in one way.

The rows of the isolation matrix for holdings as the keeper reads them: each part of a holding,
broken in each possible way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from keepers.chain.addresses import Addresses, Token
from keepers.chain.codec import function
from keepers.chain.rpc import RpcError


class Part(StrEnum):
    """Part of a holding that is broken."""

    VALUE = "VALUE"
    """The fund does not report the value of shares, or the feed the price of the token."""
    TOKEN = "TOKEN"
    """The token does not report the balance."""
    ROOM = "ROOM"
    """The fund does not report its limits on deposits and withdrawals."""
    QUOTE = "QUOTE"
    """The market does not quote a trade."""
    VENUE = "VENUE"
    """The venue does not report its paths."""


class Way(StrEnum):
    """Kind of a defect."""

    REVERTS = "REVERTS"
    SILENT = "SILENT"
    BURNS_GAS = "BURNS_GAS"
    RETURNS_NOTHING = "RETURNS_NOTHING"
    GARBAGE = "GARBAGE"
    MEGABYTE = "MEGABYTE"
    STALE = "STALE"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the matrix: a part of a holding and its defect."""

    part: Part
    way: Way

    @property
    def id(self) -> str:
        """Name of the case, such as `K-VENUE-REVERTS`."""
        return f"K-{self.part}-{self.way}"

    @property
    def is_valued(self) -> bool:
        """Whether the holding can still be valued."""
        return self.part not in {Part.VALUE, Part.TOKEN}


ROWS = [
    Row(part, way)
    for part, way in product(Part, Way)
    if way is not Way.STALE or part in {Part.VALUE, Part.QUOTE}
]


def _address(number: int) -> str:
    return to_checksum_address(f"0x{number:040x}")


VAULT, CONTROLLER, ORACLE, MULTICALL, QUOTER, L2, L3 = (_address(n) for n in range(0xA0, 0xA7))
USDT, BROKEN_FUND, FUND, BROKEN_TOKEN, TOKEN = (_address(n) for n in range(0xB0, 0xB5))
BROKEN_VENUE, VENUE = _address(0xC0), _address(0xC1)
NOBODY = _address(0)
ONE = 10**6
CAP = 4_000
BOOK = [50 * ONE, 30 * ONE, 20 * ONE]
"""Cash; two funds of 10 and 20; two tokens of 5 and 15."""

WORTH = {BROKEN_FUND: 10 * ONE, FUND: 20 * ONE, BROKEN_TOKEN: 5 * ONE, TOKEN: 15 * ONE}
IN_TIER = {L2: (BROKEN_FUND, FUND), L3: (BROKEN_TOKEN, TOKEN)}
BROKEN = frozenset({BROKEN_FUND, BROKEN_TOKEN, BROKEN_VENUE})
STALE = keccak(text="PriceOracle_StalePrice(address,uint256,uint256)")[:4]
REASON = keccak(text="PriceOracle_UnknownToken(address)")[:4] + encode(["address"], [TOKEN])
ADDRESSES = Addresses(
    vault=VAULT,
    controller=CONTROLLER,
    portfolios=(L2, L3),
    oracle=ORACLE,
    multicall3=MULTICALL,
    quoter=QUOTER,
    tokens={
        USDT: Token("USDT", 6),
        BROKEN_FUND: Token("BAD-FUND", 6),
        FUND: Token("FUND", 6),
        BROKEN_TOKEN: Token("BAD", 6),
        TOKEN: Token("GOOD", 6),
    },
)


class Vault:
    """Node of a vault; `row` is the defect of the first holding of each tier, None if sound.

    `low` are the holdings whose rate is below the minimum rate.
    """

    shown_url = "http://node"

    def __init__(self, row: Row | None, low: Collection[str] = ()) -> None:
        self.row, self.low = row, low
        self.requests = 0
        self._known = {
            function(contract, name).selector: function(contract, name)
            for contract, names in FUNCTIONS.items()
            for name in names
        }

    async def ask(self, method: str, *params: Any) -> Any:
        """Answer a request like a node."""
        if method == "eth_chainId":
            return "0x1"
        if method == "eth_getBlockByNumber":
            return {"number": "0x7", "hash": "0x" + "11" * 32, "timestamp": "0x64"}
        assert method == "eth_call"
        target, data = params[0]["to"], bytes.fromhex(params[0]["data"][2:])
        if to_checksum_address(target) != MULTICALL:
            return "0x" + self._answer(to_checksum_address(target), data)[1].hex()
        self.requests += 1
        aggregate = function("Multicall3", "aggregate3")
        (calls,) = decode(aggregate.inputs, data[4:])
        return "0x" + encode(aggregate.outputs, (self._all(calls, params[0].get("gas")),)).hex()

    def _all(self, calls: Any, gas: str | None) -> list[tuple[bool, bytes]]:
        answers: list[tuple[bool, bytes]] = []
        is_spent = False
        for target, _, data in calls:
            touches = self._touches(to_checksum_address(target), data)
            if touches and self.row is not None and self.row.way is Way.MEGABYTE:
                if gas is None or len(calls) > 1:
                    raise RpcError("eth_call", -32000, "response is too large", None)
                answers.append((False, b""))
            elif is_spent:
                answers.append((False, b""))
            else:
                answers.append(self._answer(to_checksum_address(target), data))
                is_spent = touches and self.row is not None and self.row.way is Way.BURNS_GAS
        return answers

    def _touches(self, target: str, data: bytes) -> bool:
        """Return whether a call reaches the broken part."""
        if self.row is None or data[:4] not in self._known:
            return False
        known = self._known[data[:4]]
        arguments = decode(known.inputs, data[4:])
        about = {target, *(to_checksum_address(a) for a in arguments if _is_address(a))}
        if known.name == "positions":  # a gas bound per holding does not save the whole call
            return not self.row.is_valued and self.row.way in {Way.BURNS_GAS, Way.MEGABYTE}
        if known.name == "tierValues":
            return not self.row.is_valued
        if known.name == "quoteExactInput":
            about = {BROKEN_TOKEN if arguments[0] == b"bad" else TOKEN}
        return known.name in ASKED[self.row.part] and bool(about & BROKEN)

    def _answer(self, target: str, data: bytes) -> tuple[bool, bytes]:
        known = self._known.get(data[:4])
        if known is None:
            return False, b""
        if self._touches(target, data):
            return self._broken(composite=known.name in COMPOSITE)
        values = self._values(known.name, target, decode(known.inputs, data[4:]))
        return (False, b"") if values is None else (True, encode(known.outputs, values))

    def _broken(self, *, composite: bool) -> tuple[bool, bytes]:
        """Return the answer of a broken contract; our contracts that call it also revert."""
        assert self.row is not None
        match self.row.way:
            case Way.REVERTS:
                return False, REASON
            case Way.STALE:
                return False, STALE + encode(["address", "uint256", "uint256"], [TOKEN, 1, 2])
            case Way.RETURNS_NOTHING:
                return (False, b"") if composite else (True, b"")
            case Way.GARBAGE:
                return (False, b"") if composite else (True, b"\x01" * 5)
            case Way.SILENT | Way.BURNS_GAS | Way.MEGABYTE:
                return False, b""

    def _values(self, name: str, target: str, arguments: tuple[Any, ...]) -> Any:
        if name == "positions":
            return (self._positions(target),)
        if name not in SOUND:
            return None
        return SOUND[name](target, arguments)

    def _positions(self, portfolio: str) -> list[Any]:
        is_valued = self.row is None or self.row.is_valued
        known = {each: is_valued or each not in BROKEN for each in IN_TIER[portfolio]}
        return [
            (
                *_terms(each)[:4],
                0 if each in self.low else CAP,
                _terms(each)[5],
                True,
                ONE,
                WORTH[each] if known[each] else 0,
                False,
                known[each],
                each in self.low,
            )
            for each in IN_TIER[portfolio]
        ]


def _terms(asset: str) -> tuple[Any, ...]:
    is_fund = asset in IN_TIER[L2]
    venue = NOBODY if is_fund else BROKEN_VENUE if asset == BROKEN_TOKEN else VENUE
    return (asset, 0 if is_fund else 1, 5_000, 100, CAP, venue, 2 * ONE if is_fund else 0, 0)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith("0x")


BANDS = [500, 1_000, 2_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000]
SOUND: dict[str, Callable[[str, tuple[Any, ...]], tuple[Any, ...]]] = {
    "asset": lambda _, __: (USDT,),
    "totalSupply": lambda _, __: (sum(BOOK),),
    "totalAssets": lambda _, __: (sum(BOOK),),
    "bounds": lambda _, __: ([*BANDS, *[0] * 5],),
    "paused": lambda _, __: (False,),
    "queue": lambda _, __: (NOBODY,),
    "bucketOf": lambda _, __: ((10**9, 0, 0, 86_400, 0),),
    "available": lambda _, __: (10**12,),
    "maxWithdraw": lambda _, __: (10**12,),
    "maxDeposit": lambda _, __: (10**12,),
    "bookValues": lambda _, __: (BOOK, 100),
    "tierValues": lambda _, __: (BOOK,),
    "holdings": lambda target, _: ([_terms(each) for each in IN_TIER[target]],),
    "valueOf": lambda _, given: (WORTH[to_checksum_address(given[0])],),
    "pathOf": lambda target, _: (b"bad" if target == BROKEN_VENUE else b"good",),
    "quoteExactInput": lambda _, given: (given[1], [], [], 0),
    "balanceOf": lambda _, __: (ONE,),
    "convert": lambda _, given: (given[2],),
    "previewDeposit": lambda _, given: (given[0],),
    "previewRedeem": lambda _, given: (given[0],),
    "convertToShares": lambda _, given: (given[0],),
    "convertToAssets": lambda _, given: (given[0],),
}
"""Answers of sound contracts by function, computed from the address and the arguments."""

FUNCTIONS = {
    "LiquidityVault": ("asset", "totalSupply", "totalAssets", "queue"),
    "AssetController": ("bounds", "paused", "bucketOf", "available", "bookValues", "tierValues"),
    "Portfolio": ("positions", "holdings", "valueOf"),
    "IERC4626": (
        *("maxWithdraw", "maxDeposit", "previewDeposit", "previewRedeem"),
        *("convertToShares", "convertToAssets", "balanceOf"),
    ),
    "PriceOracle": ("convert",),
    "UniswapV3Venue": ("pathOf",),
    "AutoVenue": ("venuesOf",),
    "QuoterV2": ("quoteExactInput",),
}
COMPOSITE = frozenset({"positions", "valueOf", "tierValues"})
ASKED = {
    Part.VALUE: frozenset({"valueOf"}),
    Part.TOKEN: frozenset({"valueOf", "balanceOf"}),
    Part.ROOM: frozenset({"maxWithdraw", "maxDeposit"}),
    Part.QUOTE: frozenset({"previewDeposit", "previewRedeem", "quoteExactInput", "convert"}),
    Part.VENUE: frozenset({"pathOf", "venuesOf"}),
}
"""Functions that each part answers."""
