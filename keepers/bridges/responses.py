"""Answers of services as typed values; any other form is an error of the service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

from keepers.model.errors.transfers import BadBridgeAnswerError

_DECIMAL = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")
_WORD = 32


class Reader:
    """Reads answers of one service."""

    def __init__(self, service: str) -> None:
        self._service = service

    def fields(self, value: object, name: str) -> Mapping[str, Any]:
        """An object."""
        if not isinstance(value, Mapping):
            raise self.bad(f"{name} is no object")
        return cast("Mapping[str, Any]", value)

    def rows(self, value: object, name: str) -> list[Mapping[str, Any]]:
        """A list of objects."""
        if not isinstance(value, list):
            raise self.bad(f"{name} is no list")
        return [self.fields(each, name) for each in cast("list[object]", value)]

    def text(self, fields: Mapping[str, Any], name: str) -> str:
        """A text that is there."""
        value = fields.get(name)
        if not isinstance(value, str) or not value:
            raise self.bad(f"{name} is no text")
        return value

    def number(self, value: object, name: str) -> Fraction:
        """A number that is not negative, as a text or not, exactly."""
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            return Fraction(value)
        if isinstance(value, int | Fraction) and not isinstance(value, bool) and value >= 0:
            return Fraction(value)
        raise self.bad(f"{name} is no number")

    def whole(self, value: object, name: str) -> int:
        """A whole number that is not negative."""
        number = self.number(value, name)
        if number.denominator != 1:
            raise self.bad(f"{name} is no whole number")
        return int(number)

    def data(self, value: object, name: str) -> bytes:
        """Bytes in hexadecimal, with their `0x`."""
        if isinstance(value, str) and value.startswith("0x"):
            try:
                return bytes.fromhex(value[2:])
            except ValueError:
                pass
        raise self.bad(f"{name} is no bytes")

    def word(self, value: object, name: str) -> bytes:
        """Thirty-two bytes."""
        data = self.data(value, name)
        if len(data) != _WORD:
            raise self.bad(f"{name} has not 32 bytes")
        return data

    def bad(self, problem: str) -> BadBridgeAnswerError:
        """Return the error of an unusable answer."""
        return BadBridgeAnswerError(self._service, problem)
