"""Compiler's syntax tree of a Solidity file, as far as mutation requires it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True)
class Node:
    """Node of the tree, with the file's bytes, to which the compiler's offsets refer."""

    raw: Mapping[str, object]
    content: bytes

    @property
    def kind(self) -> str:
        """Compiler's name of the kind, such as `BinaryOperation`."""
        return self.string("nodeType")

    @property
    def start(self) -> int:
        """Offset of the first byte."""
        return int(self.string("src").split(":")[0])

    @property
    def end(self) -> int:
        """Offset after the last byte."""
        return self.start + int(self.string("src").split(":")[1])

    @property
    def text(self) -> str:
        """Source text."""
        return self.content[self.start : self.end].decode()

    @property
    def type(self) -> str:
        """Type of an expression, such as `uint256` or `bool`; empty for other nodes."""
        described = self.raw.get("typeDescriptions")
        if not isinstance(described, dict):
            return ""
        return str(cast("Mapping[str, object]", described).get("typeString"))

    def string(self, field: str) -> str:
        """Return a field's text; empty if there is none."""
        value = self.raw.get(field)
        return value if isinstance(value, str) else ""

    def child(self, field: str) -> Node | None:
        """Return the node in a field, if there is one."""
        value = self.raw.get(field)
        return self._node(value) if _is_node(value) else None

    def children(self, field: str) -> list[Node]:
        """Return the nodes in a field that holds a list."""
        value = self.raw.get(field)
        items = cast("list[object]", value) if isinstance(value, list) else []
        return [self._node(item) for item in items if _is_node(item)]

    def below(self) -> Iterator[Node]:
        """Yield the direct children, in any field."""
        for field in self.raw:
            found = self.child(field)
            if found is not None:
                yield found
            yield from self.children(field)

    def _node(self, value: object) -> Node:
        return Node(cast("Mapping[str, object]", value), self.content)


def _is_node(value: object) -> bool:
    return isinstance(value, dict) and "nodeType" in value
