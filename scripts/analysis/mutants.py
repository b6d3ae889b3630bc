"""Mutants of a Solidity file: the mutation operators applied to its syntax tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.analysis.operators import OPERATORS, Edit
from scripts.analysis.syntax import Node

#: Nodes without executable code. The step of a loop is skipped too: without it the loop never ends.
SKIPPED = frozenset(
    {
        "ImportDirective",
        "PragmaDirective",
        "ElementaryTypeName",
        "ArrayTypeName",
        "StructuredDocumentation",
    }
)


@dataclass(frozen=True)
class Mutant:
    """One change of a file. `nth` counts equal changes inside one function, from 1."""

    source: str
    line: int
    function: str
    operator: str
    before: str
    after: str
    nth: int
    edit: Edit

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """Identity of the mutant, stable while its function is unchanged."""
        return self.source, self.function, self.before, self.after, self.nth

    def applied(self, content: bytes) -> bytes:
        """Return the file's content with the change."""
        return content[: self.edit.start] + self.edit.after.encode() + content[self.edit.end :]


def mutants_of(source: str, tree: Node) -> list[Mutant]:
    """Return the mutants in the order of the file, each change once."""
    seen: set[tuple[int, int, str]] = set()
    count: Counter[tuple[str, str, str]] = Counter()
    found: list[Mutant] = []
    for function, edit in sorted(_edits(tree, ""), key=lambda item: (item[1].start, item[1].end)):
        before = tree.content[edit.start : edit.end].decode()
        place = (edit.start, edit.end, edit.after)
        if place in seen or before == edit.after:
            continue
        seen.add(place)
        words = (function, _one_line(before), _one_line(edit.after))
        count[words] += 1
        line = tree.content.count(b"\n", 0, edit.start) + 1
        found.append(Mutant(source, line, function, edit.operator, *words[1:], count[words], edit))
    return found


def _edits(node: Node, function: str) -> Iterator[tuple[str, Edit]]:
    if node.kind in SKIPPED:
        return
    if node.kind in ("FunctionDefinition", "ModifierDefinition"):
        function = node.string("name") or node.string("kind")
    for operator in OPERATORS:
        for edit in operator(node):
            yield function, edit
    stepping = node.child("loopExpression")
    for inner in node.below():
        if inner != stepping:
            yield from _edits(inner, function)


def _one_line(text: str) -> str:
    return " ".join(text.split())
