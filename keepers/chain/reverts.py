"""Typed errors from revert data, with advice for common reverts (`revert_advice.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, cast

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types
from eth_utils.address import to_checksum_address

from keepers.chain.abi import all_errors
from keepers.chain.addresses import Token
from keepers.chain.limit_keys import WORD, LimitKey, LimitKind
from keepers.model.errors.chain import (
    BadPriceError,
    CallRevertedError,
    ControllerPausedError,
    LimitExceededError,
    LimitNotSetError,
    NotKeeperError,
    SequencerNotReadyError,
    StalePriceError,
)
from keepers.model.weights_run import RebalanceRefusedError, SkipReason

SELECTOR = 4
LONGEST = 300
"""Largest number of characters or bytes shown of a contract's reason."""

NO_REASON = "no reason given"
Arguments = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Reverts:
    """Reader of revert data; addresses of `tokens` are shown with their symbols."""

    tokens: Mapping[str, Token]

    def read(self, data: bytes, at: datetime | None = None) -> CallRevertedError:
        """Return the error in revert data; ages in it are relative to a time, now by default."""
        if not data:
            return CallRevertedError(NO_REASON, (), f"contract refused: {NO_REASON}")
        known = _errors().get(data[:SELECTOR])
        try:
            if known is not None:
                return self._known(*known, data[SELECTOR:], at or datetime.now(UTC))
        except (DecodingError, ValueError, OverflowError, OSError):
            pass  # arguments of another form, or times outside the calendar
        return CallRevertedError(_hexadecimal(data))

    def _known(
        self, name: str, types: tuple[str, ...], data: bytes, at: datetime
    ) -> CallRevertedError:
        values = decode(types, data)
        if name in _LIMITS:
            return self._limit(*values)
        shown = tuple(map(self._named, types, values))
        if name in _TYPED:
            return _TYPED[name](name, shown, at)
        advice = revert_advice().get(name)
        message = None if advice is None else f"contract refused: {advice.format(*shown)} ({name})"
        return CallRevertedError(name, shown, message)

    def _limit(self, key: bytes, *amounts: int) -> CallRevertedError:
        limit = LimitKey.unpacked(key)
        subject = None if limit.subject is None else self._named("address", limit.subject)
        suffix = f" of keeper {subject}" if limit.kind is LimitKind.LOSS_REDUCING else subject
        name = _LIMIT_NAMES[limit.kind] + ("" if subject is None else str(suffix))
        if amounts:
            return LimitExceededError(name, *amounts)
        if limit.kind in {LimitKind.AUTOMATIC, LimitKind.REDUCING}:
            return NotKeeperError(str(subject))
        return LimitNotSetError(name)

    def _named(self, kind: str, value: object) -> object:
        if isinstance(value, bytes):
            return _name_in(value) or _hexadecimal(value)
        if kind == "string":
            return _plain(cast("str", value))
        if kind != "address":
            return value
        address = to_checksum_address(cast("str", value))
        token = self.tokens.get(address)
        return f"{token.symbol} ({address})" if token else address


@cache
def revert_advice() -> Mapping[str, str]:
    """Return explanations by error name, with placeholders for the error's arguments."""
    table = files("keepers.chain").joinpath("revert_advice.toml")
    return tomllib.loads(table.read_text(encoding="utf-8"))


def error_of(head: bytes) -> str:
    """Return the name of an error from its first 32 bytes; empty if there is no error."""
    if not head.rstrip(b"\0"):
        return ""
    known = _errors().get(head[:SELECTOR])
    return f"0x{head[:SELECTOR].hex()}" if known is None else known[0]


def _name_in(word: bytes) -> str | None:
    """Return the name of an asset or route stored in a word; None if it is not a name."""
    text = word.rstrip(b"\0")
    is_name = len(word) == WORD and text.isascii() and text.decode("ascii", "replace").isprintable()
    return text.decode("ascii") if text and is_name else None


def _hexadecimal(data: bytes) -> str:
    """Return bytes as bounded text; a contract may return any number of bytes."""
    shown = f"0x{data[:LONGEST].hex()}"
    return shown if len(data) <= LONGEST else f"{shown}… of {len(data)} bytes"


def _plain(text: str) -> str:
    """Return a contract's text on one line, without control characters."""
    line = "".join(each if each.isprintable() else " " for each in text[:LONGEST])
    return line if len(text) <= LONGEST else f"{line}…"


@cache
def _errors() -> dict[bytes, tuple[str, tuple[str, ...]]]:
    entries = cast("Any", all_errors())
    return {
        function_abi_to_4byte_selector(each): (each["name"], tuple(get_abi_input_types(each)))
        for each in entries
    }


def _stale(_: str, arguments: Arguments, at: datetime) -> CallRevertedError:
    token, updated_at, heartbeat = arguments
    age = at.replace(microsecond=0) - datetime.fromtimestamp(updated_at, UTC)
    return StalePriceError(token, age, timedelta(seconds=heartbeat))


def _bad(name: str, arguments: Arguments, _: datetime) -> CallRevertedError:
    token, *facts = arguments
    match name:
        case "PriceOracle_UnknownToken":
            problem = "the oracle has no feed for it"
        case "PriceOracle_PriceOutOfBounds":
            problem = f"{facts[0]} is outside {facts[1]} to {facts[2]}"
        case "PriceOracle_InvalidPrice":
            problem = f"its feed reports {facts[0]}"
        case _:
            problem = "its feed is not usable"
    return BadPriceError(token, name, problem)


def _sequencer(name: str, arguments: Arguments, _: datetime) -> CallRevertedError:
    if not arguments:
        return SequencerNotReadyError(name, "the rollup's sequencer is down")
    ends = datetime.fromtimestamp(arguments[0], UTC).isoformat()
    return SequencerNotReadyError(
        name, f"the rollup's sequencer is in its grace period until {ends}"
    )


def _paused(_name: str, _arguments: Arguments, _at: datetime) -> CallRevertedError:
    return ControllerPausedError()


def _removed(_name: str, arguments: Arguments, _at: datetime) -> CallRevertedError:
    return NotKeeperError(str(arguments[0]))


def _refused(_name: str, arguments: Arguments, _at: datetime) -> CallRevertedError:
    return RebalanceRefusedError(SkipReason(arguments[0]))


_TYPED: dict[str, Callable[[str, Arguments, datetime], CallRevertedError]] = {
    "PriceOracle_StalePrice": _stale,
    "PriceOracle_UnknownToken": _bad,
    "PriceOracle_InvalidPrice": _bad,
    "PriceOracle_PriceOutOfBounds": _bad,
    "PriceOracle_InvalidFeed": _bad,
    "PriceOracle_SequencerDown": _sequencer,
    "PriceOracle_SequencerGracePeriod": _sequencer,
    "AssetController_Paused": _paused,
    "AssetController_KeeperRemoved": _removed,
    "Rebalance_Refused": _refused,
}
_LIMITS = frozenset({"RateLimits_NotSet", "RateLimits_Exceeded"})
_LIMIT_NAMES = {
    LimitKind.AUTOMATIC: "the automatic limit of keeper ",
    LimitKind.REDUCING: "the risk-reducing limit of keeper ",
    LimitKind.ASSET: "the limit of ",
    LimitKind.LOSS_ADDING: "the loss budget of actions that add risk",
    LimitKind.LOSS_REDUCING: "the loss budget of actions that reduce risk",
    LimitKind.SINGLE_APPROVED: "the limit of plans with one approval",
    LimitKind.LOSS_OVERDUE: "the loss budget of overdue redemptions",
}
