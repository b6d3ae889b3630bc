"""Rules about arguments: paths by name or position, and bounds of their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from eth_utils.address import is_hex_address

from keepers.audit.calldata import shown
from keepers.audit.signature import Parameter
from keepers.model.errors.signing import PolicyError
from keepers.model.money import WHOLE_BPS

Value: TypeAlias = int | str | bool
"""Value in a policy: numbers may be strings of digits, bytes are hexadecimal."""

EACH, LENGTH = "*", "length"
NO_ARGUMENT = "there is no such argument"

Step: TypeAlias = int | str
"""Index, `*` for every element, or `length`."""

_PART = re.compile(r"(\w+)((?:\[(?:\d+|\*)\])*)")
_INDEX = re.compile(r"\d+|\*")
_INTEGER = re.compile(r"-?\d{1,78}")


@dataclass(frozen=True, slots=True)
class ArgumentPath:
    """Path to a value among the arguments, and its elementary type."""

    text: str
    steps: tuple[Step, ...]
    kind: str

    def values(self, arguments: Sequence[Any]) -> Iterator[object]:
        """Yield the value at the path, or the values of all elements for `[*]`.

        Raises:
            LookupError: An array has no such element.
        """
        return _values(arguments, self.steps)


@dataclass(frozen=True, slots=True)
class Share:
    """Part of another argument, in basis points, rounded down."""

    of: ArgumentPath
    bps: int

    def most(self, arguments: Sequence[Any]) -> int:
        """Return the maximum for a call; of several values the smallest counts."""
        least = min((cast("int", each) for each in self.of.values(arguments)), default=0)
        return least * self.bps // WHOLE_BPS


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """Bounds of an argument; None for checks that are not configured."""

    path: ArgumentPath
    equals: object = None
    one_of: tuple[object, ...] | None = None
    at_most: int | None = None
    at_least: int | None = None
    share: Share | None = None

    @classmethod
    def make(
        cls,
        parameters: Sequence[Parameter],
        text: str,
        *,
        equals: Value | None = None,
        one_of: Sequence[Value] | None = None,
        at_most: Value | None = None,
        at_least: Value | None = None,
        share: tuple[str, int] | None = None,
    ) -> ArgumentRule:
        """Build a rule from a policy's text.

        Args:
            parameters: Parameters of the function.
            text: Path of the argument: `amount`, `0`, `plan.keeper`, `tokens[*]`, `tokens[2]`,
                `tokens.length`, `data.path`.
            equals: The only allowed value.
            one_of: The allowed values.
            at_most: The largest allowed number.
            at_least: The smallest allowed number.
            share: Another argument, and the maximum in basis points of it.

        Raises:
            PolicyError: There is no such argument, or a value does not have its type.
        """
        path = _path_of(parameters, text)
        if all(each is None for each in (equals, one_of, at_most, at_least, share)):
            raise PolicyError(f"argument {text}", "it has no condition")
        return cls(
            path,
            None if equals is None else _typed(path, equals),
            None if one_of is None else tuple(_typed(path, each) for each in one_of),
            None if at_most is None else _number(path, at_most),
            None if at_least is None else _number(path, at_least),
            None if share is None else _share(parameters, path, *share),
        )

    def problem(self, arguments: Sequence[Any]) -> str | None:
        """Return the problem of a call's arguments; None if they are valid."""
        try:
            most = None if self.share is None else self.share.most(arguments)
            problems = (self._problem(each, most) for each in self.path.values(arguments))
            return next((each for each in problems if each is not None), None)
        except LookupError:
            return "has no such element"

    def _problem(self, value: object, share: int | None) -> str | None:
        if self.equals is not None and value != self.equals:
            return f"is {shown(value)}, not {shown(self.equals)}"
        if self.one_of is not None and value not in self.one_of:
            return f"is {shown(value)}, which is not listed"
        number = cast("int", value)
        if self.at_most is not None and number > self.at_most:
            return f"is {number}, above {self.at_most}"
        if self.at_least is not None and number < self.at_least:
            return f"is {number}, below {self.at_least}"
        if self.share is not None and share is not None and number > share:
            return f"is {number}, above {self.share.bps} basis points of {self.share.of.text}"
        return None


def _values(value: Any, steps: Sequence[Step]) -> Iterator[object]:  # noqa: ANN401 - what ABI has
    if not steps:
        yield value
        return
    first, rest = steps[0], steps[1:]
    if first == LENGTH:
        yield len(value)
    elif first == EACH:
        for each in value:
            yield from _values(each, rest)
    else:
        yield from _values(value[first], rest)


def _path_of(parameters: Sequence[Parameter], text: str) -> ArgumentPath:
    parts = text.split(".")
    if parts[-1] == LENGTH and len(parts) > 1:
        steps, found, open_dimensions = _walk(parameters, parts[:-1], text)
        if open_dimensions or (found.base in {"bytes", "string"} and not found.holds):
            return ArgumentPath(text, (*steps, LENGTH), "uint256")
    steps, found, open_dimensions = _walk(parameters, parts, text)
    if open_dimensions or found.members or found.holds:
        raise PolicyError(f"argument {text}", "it is not a single value; name a member or [*]")
    return ArgumentPath(text, steps, found.base)


def _walk(
    parameters: Sequence[Parameter], parts: Sequence[str], text: str
) -> tuple[tuple[Step, ...], Parameter, int]:
    """Return the steps to a parameter, the parameter, and its dimensions without index."""
    steps: list[Step] = []
    members, found, rest = parameters, None, 0
    for part in parts:
        matched = _PART.fullmatch(part)
        if matched is None or rest:
            raise PolicyError(f"argument {text}", NO_ARGUMENT)
        position = _index(members, matched[1], text)
        found = members[position]
        indices: list[Step] = [
            each if each == EACH else int(each) for each in _INDEX.findall(matched[2])
        ]
        rest = len(found.sizes) - len(indices)
        if rest < 0:
            raise PolicyError(f"argument {text}", NO_ARGUMENT)
        steps += [position, *indices]
        members = found.members
    if found is None:
        raise PolicyError(f"argument {text}", NO_ARGUMENT)
    return tuple(steps), found, rest


def _index(members: Sequence[Parameter], name: str, text: str) -> int:
    named = [index for index, each in enumerate(members) if each.name == name]
    if len(named) == 1:
        return named[0]
    if not named and name.isdecimal() and int(name) < len(members):
        return int(name)
    raise PolicyError(f"argument {text}", f"{name} is not the name or position of an argument")


def _number(path: ArgumentPath, value: Value) -> int:
    if "int" not in path.kind:
        raise PolicyError(
            f"argument {path.text}", (f"{path.kind} does not support at_most and at_least")
        )
    return cast("int", _typed(path, value))


def _share(parameters: Sequence[Parameter], path: ArgumentPath, text: str, bps: int) -> Share:
    of = _path_of(parameters, text)
    for each in (path, of):
        if not each.kind.startswith("uint"):
            raise PolicyError(f"argument {each.text}", f"{each.kind} does not support shares")
    return Share(of, bps)


def _typed(path: ArgumentPath, value: Value) -> object:
    """Convert a policy value to the decoder's representation."""
    kind, text = path.kind, str(value)
    if kind == "bool" and isinstance(value, bool):
        return value
    if "int" in kind and not isinstance(value, bool) and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "address" and isinstance(value, str) and is_hex_address(value):
        return f"0x{text.lower().removeprefix('0x')}"
    if kind == "string" and isinstance(value, str):
        return value
    if kind.startswith("bytes") and text.startswith("0x"):
        return _bytes(path, text)
    raise PolicyError(f"argument {path.text}", f"{shown(value)} is not of type {kind}")


def _bytes(path: ArgumentPath, text: str) -> bytes:
    try:
        data = bytes.fromhex(text[2:])
    except ValueError:
        raise PolicyError(f"argument {path.text}", "is not hexadecimal") from None
    size = path.kind.removeprefix("bytes")
    if size and len(data) != int(size):
        raise PolicyError(f"argument {path.text}", f"does not have {size} bytes")
    return data
