"""All mutants of a Solidity file: its syntax tree, walked with the mutation operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.analysis.operators import OPERATORS, Edit
from scripts.analysis.syntax import Node

#: Where nothing runs. The step of a loop is left out too: without it the loop does not end.
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
        """What names it as long as its function stays as it is."""
        return self.source, self.function, self.before, self.after, self.nth

    def applied(self, content: bytes) -> bytes:
        """The file with the change."""
        return content[: self.edit.start] + self.edit.after.encode() + content[self.edit.end :]


def mutants_of(source: str, tree: Node) -> list[Mutant]:
    """The mutants in the order of the file, each change once."""
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
