"""Mutation operators: possible errors in a line of Solidity.

Each takes a node of the syntax tree and yields replacements of its source. Replacements that the
types prove equivalent are left out: an unsigned number is never below zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from scripts.analysis.syntax import Node

COMPARISONS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=", "<=", ">="),
    "!=": ("==", "<", ">"),
}
ARITHMETIC = {
    "+": ("-",),
    "-": ("+",),
    "*": ("/", "+"),
    "/": ("*", "%"),
    "%": ("/", "*"),
    "**": ("*",),
    "<<": (">>",),
    ">>": ("<<",),
    "|": ("&",),
    "&": ("|",),
    "^": ("|",),
}
LOGIC = {"&&": "||", "||": "&&"}
#: Functions whose arguments commute.
SYMMETRIC = frozenset({"min", "max"})


@dataclass(frozen=True)
class Edit:
    """Replacement of the bytes from `start` to `end`."""

    operator: str
    start: int
    end: int
    after: str


Operator = Callable[[Node], Iterator[Edit]]


def comparisons(node: Node) -> Iterator[Edit]:
    """Replace `<` by `<=` and `>=`, and so on; also replace equality of numbers by a bound."""
    sign = node.string("operator")
    if node.kind != "BinaryOperation" or sign not in COMPARISONS:
        return
    left, right = _sides(node)
    ordered = left.type.startswith(("uint", "int")) and "0" not in (left.text, right.text)
    for other in COMPARISONS[sign]:
        if ordered or sign in ("<", "<=", ">", ">=") or other in ("==", "!="):
            yield _between("comparison", node, other)


def arithmetic(node: Node) -> Iterator[Edit]:
    """Replace an arithmetic or bitwise operator, also in an assignment."""
    sign = node.string("operator")
    if node.kind == "BinaryOperation":
        for other in ARITHMETIC.get(sign, ()):
            yield _between("arithmetic", node, other)
    if node.kind == "Assignment" and sign != "=":
        for other in (*(f"{new}=" for new in ARITHMETIC[sign[:-1]]), "="):
            yield _between("arithmetic", node, other)


def logic(node: Node) -> Iterator[Edit]:
    """Replace `and` by `or`, `or` by `and`, and either by one of its sides."""
    sign = node.string("operator")
    if node.kind != "BinaryOperation" or sign not in LOGIC:
        return
    left, right = _sides(node)
    yield _between("logic", node, LOGIC[sign])
    for side in (left, right):
        yield Edit("logic", node.start, node.end, side.text)


def negations(node: Node) -> Iterator[Edit]:
    """Negate a condition, and make it always true and always false."""
    fixed = ("true", "false")
    if node.kind in ("IfStatement", "Conditional"):
        yield from _conditions(node, *fixed)
    if node.kind in ("WhileStatement", "ForStatement"):
        yield from _conditions(node, "false")
    if node.kind == "UnaryOperation" and node.string("operator") in ("!", "~"):
        inner = node.child("subExpression")
        if inner is not None:
            yield Edit("negation", node.start, node.end, inner.text)


def deletions(node: Node) -> Iterator[Edit]:
    """Delete a statement: an assignment, a call, a requirement, an event."""
    if node.kind in ("ExpressionStatement", "EmitStatement", "RevertStatement"):
        yield Edit("deletion", node.start, _after_semicolon(node), "{}")
    if node.kind == "Return" and node.child("expression") is None:
        yield Edit("deletion", node.start, _after_semicolon(node), "{}")


def permissions(node: Node) -> Iterator[Edit]:
    """Delete a modifier."""
    if node.kind == "ModifierInvocation" and node.string("kind") == "modifierInvocation":
        yield Edit("modifier", node.start, node.end, "")


def results(node: Node) -> Iterator[Edit]:
    """Make a function return nothing, or the opposite value."""
    value = node.child("expression") if node.kind == "Return" else None
    if value is None:
        return
    if value.type == "bool":
        yield Edit("result", value.start, value.end, f"!({value.text})")
    elif value.type.startswith(("uint", "int")) and value.text != "0":
        yield Edit("result", value.start, value.end, "0")
        yield Edit("result", value.start, value.end, f"{value.text} + 1")
    elif value.type in ("address", "bytes32"):
        yield Edit("result", value.start, value.end, f"{value.type}(0)")


def constants(node: Node) -> Iterator[Edit]:
    """Replace a number by one more, one less and zero; replace a boolean by its opposite."""
    if node.kind != "Literal":
        return
    if node.string("kind") == "bool":
        yield Edit("constant", node.start, node.end, "false" if node.text == "true" else "true")
    if node.string("kind") == "number" and node.type.startswith(("int_const", "uint")):
        others = [f"({node.text} + 1)"]
        if node.text != "0":
            others += [f"({node.text} - 1)", "0"][: 1 if node.text == "1" else 2]
        for other in others:
            yield Edit("constant", node.start, node.end, other)


def arguments(node: Node) -> Iterator[Edit]:
    """Swap two neighbouring arguments of the same type."""
    if node.kind != "FunctionCall" or node.string("kind") != "functionCall":
        return
    called = node.child("expression")
    if called is None or called.string("memberName") in SYMMETRIC:
        return
    given = node.children("arguments")
    for first, second in pairwise(given):
        if first.type == second.type and first.text != second.text:
            between = node.content[first.end : second.start].decode()
            yield Edit("arguments", first.start, second.end, second.text + between + first.text)


OPERATORS: tuple[Operator, ...] = (
    comparisons,
    arithmetic,
    logic,
    negations,
    deletions,
    permissions,
    results,
    constants,
    arguments,
)


def _sides(node: Node) -> tuple[Node, Node]:
    left, right = node.child("leftExpression"), node.child("rightExpression")
    if left is None or right is None:
        raise ValueError(f"no two sides: {node.text}")
    return left, right


def _between(operator: str, node: Node, sign: str) -> Edit:
    """Replace the operator of a binary operation or an assignment, not its operands."""
    assigned = node.kind == "Assignment"
    left = node.child("leftHandSide" if assigned else "leftExpression")
    right = node.child("rightHandSide" if assigned else "rightExpression")
    if left is None or right is None:
        raise ValueError(f"no two sides: {node.text}")
    gap = node.content[left.end : right.start].decode()
    changed = gap.replace(node.string("operator"), sign, 1)
    return Edit(
        operator,
        node.start,
        node.end,
        _part(node, node.start, left.end) + changed + _part(node, right.start, node.end),
    )


def _part(node: Node, start: int, end: int) -> str:
    return node.content[start:end].decode()


def _conditions(node: Node, *fixed: str) -> Iterator[Edit]:
    condition = node.child("condition")
    if condition is not None:
        for other in (f"!({condition.text})", *fixed):
            yield Edit("negation", condition.start, condition.end, other)


def _after_semicolon(node: Node) -> int:
    return node.content.index(b";", node.end - 1) + 1
