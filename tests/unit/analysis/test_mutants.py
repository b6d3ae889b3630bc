"""Tests of mutants of the compiler's syntax trees, and of the table of explained mutants."""

from typing import Any

import pytest

from scripts.analysis.explained import explained, row
from scripts.analysis.mutants import Mutant, mutants_of
from scripts.analysis.syntax import Node

SOURCE = "f() { if (a < b) { x += 1; } return a + b; }"


def node(node_type: str, text: str, nth: int = 0, **fields: Any) -> dict[str, Any]:
    start = -1
    for _ in range(nth + 1):
        start = SOURCE.index(text, start + 1)
    return {"nodeType": node_type, "src": f"{start}:{len(text)}:0"} | fields


def number(text: str, nth: int = 0) -> dict[str, Any]:
    return node("Identifier", text, nth, typeDescriptions={"typeString": "uint256"})


TREE = node(
    "FunctionDefinition",
    SOURCE,
    name="f",
    body=[
        node(
            "IfStatement",
            "if (a < b) { x += 1; }",
            condition=node(
                "BinaryOperation",
                "a < b",
                operator="<",
                leftExpression=number("a"),
                rightExpression=number("b"),
            ),
            trueBody=node(
                "ExpressionStatement",
                "x += 1",
                expression=node(
                    "Assignment",
                    "x += 1",
                    operator="+=",
                    leftHandSide=number("x"),
                    rightHandSide=node(
                        "Literal", "1", kind="number", typeDescriptions={"typeString": "uint256"}
                    ),
                ),
            ),
        ),
        node(
            "Return",
            "return a + b",
            expression=node(
                "BinaryOperation",
                "a + b",
                operator="+",
                typeDescriptions={"typeString": "uint256"},
                leftExpression=number("a", 1),
                rightExpression=number("b", 1),
            ),
        ),
    ],
)


def mutants() -> list[Mutant]:
    return mutants_of("contracts/F.sol", Node(TREE, SOURCE.encode()))


def test_mutants__function__one_for_each_small_change() -> None:
    assert {(mutant.before, mutant.after) for mutant in mutants()} == {
        ("a < b", "a <= b"),
        ("a < b", "a >= b"),
        ("a < b", "!(a < b)"),
        ("a < b", "true"),
        ("a < b", "false"),
        ("x += 1;", "{}"),
        ("x += 1", "x -= 1"),
        ("x += 1", "x = 1"),
        ("1", "(1 + 1)"),
        ("1", "(1 - 1)"),
        ("a + b", "a - b"),
        ("a + b", "0"),
        ("a + b", "a + b + 1"),
    }


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: f"{mutant.after}")
def test_applied__each__changes_its_place_only(mutant: Mutant) -> None:
    changed = mutant.applied(SOURCE.encode()).decode()

    assert changed != SOURCE
    assert changed.startswith(SOURCE[: mutant.edit.start])
    assert changed.endswith(SOURCE[mutant.edit.end :])
    assert (mutant.function, mutant.line) == ("f", 1)


def test_explained__rows__name_their_mutants() -> None:
    every = mutants()
    document = "\n".join(["| file | function |", *(row(mutant, "because") for mutant in every)])

    assert explained(document) == {mutant.key for mutant in every}


@pytest.mark.parametrize("text", ["a || b", "a | b", ""])
def test_explained__bars_and_nothing__survive_the_table(text: str) -> None:
    first = mutants()[0]
    mutant = Mutant("contracts/F.sol", 1, "f", "logic", text, "a || c", 2, first.edit)

    assert explained(row(mutant, "a | b")) == set()
    assert explained(row(mutant, "because")) == {mutant.key}
