"""The table of nodes' errors: which text of which client means what."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from keepers.model.node_error import NodeErrorKind

SEND = "eth_sendRawTransaction"

BEFORE = r"(?:^|: )"
AFTER = r"(?=$|[\s:,.(])"
"""A pattern stands at the beginning or after a colon, and ends with a word: `unknown transaction`
is not `known transaction`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text of one client.

    Attributes:
        client: Whose it is; said in tests and to people, it decides nothing.
        kind: What it means.
        send_only: Whether it means that only as an answer to a transaction that was sent.
        code: JSON-RPC's code, where the text alone would not do.
        pattern: What the text looks like; None where the code says it all.
        text: The client's own words, which the tests classify.
    """

    client: str
    kind: NodeErrorKind
    send_only: bool
    code: int | None
    pattern: re.Pattern[str] | None
    text: str

    def matches(self, method: str, code: int, message: str) -> bool:
        """Whether an error is this one."""
        if self.send_only and method != SEND:
            return False
        if self.code is not None and self.code != code:
            return False
        return self.pattern is None or self.pattern.search(message) is not None


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in the order of the file."""
    return tuple(_rows(tomllib.loads(_text())))


def _text() -> str:
    table = files("keepers.chain.errors").joinpath("table.toml")
    return table.read_text(encoding="utf-8")


def _rows(table: dict[str, Any]) -> Iterator[Row]:
    for kind, group in table.items():
        for each in group["rows"]:
            yield Row(
                client=each["client"],
                kind=NodeErrorKind(kind),
                send_only=group.get("send_only", False),
                code=each.get("code"),
                pattern=_compiled(each.get("pattern")),
                text=each["text"],
            )


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    return re.compile(f"{BEFORE}(?:{pattern}){AFTER}", re.IGNORECASE)
