"""The compiler's syntax tree of a Solidity file, as far as mutation needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True)
class Node:
    """A node, with the file's bytes, in which the compiler counts."""

    raw: Mapping[str, object]
    content: bytes

    @property
    def kind(self) -> str:
        """The compiler's name for it, such as `BinaryOperation`."""
        return self.string("nodeType")

    @property
    def start(self) -> int:
        """Offset of its first byte."""
        return int(self.string("src").split(":")[0])

    @property
    def end(self) -> int:
        """Offset after its last byte."""
        return self.start + int(self.string("src").split(":")[1])

    @property
    def text(self) -> str:
        """Its source."""
        return self.content[self.start : self.end].decode()

    @property
    def type(self) -> str:
        """The type of an expression, such as `uint256` or `bool`; empty for anything else."""
        described = self.raw.get("typeDescriptions")
        if not isinstance(described, dict):
            return ""
        return str(cast("Mapping[str, object]", described).get("typeString"))

    def string(self, field: str) -> str:
        """A field's text; empty when there is none."""
        value = self.raw.get(field)
        return value if isinstance(value, str) else ""

    def child(self, field: str) -> Node | None:
        """The node in a field, if there is one."""
        value = self.raw.get(field)
        return self._node(value) if _is_node(value) else None

    def children(self, field: str) -> list[Node]:
        """The nodes in a field that holds a list."""
        value = self.raw.get(field)
        items = cast("list[object]", value) if isinstance(value, list) else []
        return [self._node(item) for item in items if _is_node(item)]

    def below(self) -> Iterator[Node]:
        """The nodes directly in this one, whatever the field."""
        for field in self.raw:
            found = self.child(field)
            if found is not None:
                yield found
            yield from self.children(field)

    def _node(self, value: object) -> Node:
        return Node(cast("Mapping[str, object]", value), self.content)


def _is_node(value: object) -> bool:
    return isinstance(value, dict) and "nodeType" in value
