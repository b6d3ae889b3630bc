"""Mutants of Python modules: the meaningful changes among those that cosmic-ray lists."""

from __future__ import annotations

import ast
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COSMIC_RAY = ROOT / ".venv-analysis" / "bin" / "cosmic-ray"
CONFIG = """[cosmic-ray]
module-path = {modules}
timeout = 60.0
excluded-modules = []
test-command = "true"
distributor.name = "local"
"""
#: Closest wrong operator for each operator. Any test detects cosmic-ray's ten others.
COMPARISONS = {
    "Lt": "LtE",
    "LtE": "Lt",
    "Gt": "GtE",
    "GtE": "Gt",
    "Eq": "NotEq",
    "NotEq": "Eq",
    "Is": "IsNot",
    "IsNot": "Is",
}
BINARY = {
    "Add": "Sub",
    "Sub": "Add",
    "Mul": "FloorDiv",
    "Div": "Mul",
    "FloorDiv": "Mul",
    "Mod": "FloorDiv",
    "Pow": "Mul",
    "BitAnd": "BitOr",
    "BitOr": "BitAnd",
    "LShift": "RShift",
    "RShift": "LShift",
}
OPERATORS = frozenset(
    [f"core/ReplaceComparisonOperator_{a}_{b}" for a, b in COMPARISONS.items()]
    + [f"core/ReplaceBinaryOperator_{a}_{b}" for a, b in BINARY.items()]
    + [
        "core/NumberReplacer",
        "core/AddNot",
        "core/ReplaceAndWithOr",
        "core/ReplaceOrWithAnd",
        "core/ReplaceTrueWithFalse",
        "core/ReplaceFalseWithTrue",
        "core/ReplaceUnaryOperator_Delete_USub",
        "core/ReplaceUnaryOperator_Delete_Not",
        "core/ReplaceBreakWithContinue",
        "core/ReplaceContinueWithBreak",
        "core/ZeroIterationForLoop",
    ]
)
#: Flags of declarations and of `zip`: they guard against coding errors; no caller observes them.
DECLARATION_FLAGS = frozenset({"frozen", "slots", "kw_only", "strict", "order", "eq", "init"})
Position = tuple[int, int]


@dataclass(frozen=True)
class Span:
    """Part of a file: lines from 1, columns from 0."""

    start: Position
    end: Position

    def holds(self, other: Span) -> bool:
        """Return whether another span lies inside."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class PythonMutant:
    """One change of a line. `nth` counts equal lines inside one function, from 1."""

    source: str
    function: str
    operator: str
    occurrence: int
    span: Span
    before: str
    nth: int

    @property
    def line(self) -> int:
        """First line of the change."""
        return self.span.start[0]

    @property
    def change(self) -> str:
        """The operator's name without its package."""
        return self.operator.removeprefix("core/")


@dataclass(frozen=True)
class Change:
    """One change of a module that cosmic-ray lists."""

    operator: str
    occurrence: int
    span: Span
    function: str


def mutants_of(folder: Path, modules: Iterable[str]) -> list[PythonMutant]:
    """List the mutants of folders or files under a checkout, in the order of files and lines."""
    changes: dict[str, list[Change]] = {}
    for source, change in _listed(folder, modules):
        changes.setdefault(source, []).append(change)
    return [
        mutant
        for source in sorted(changes)
        for mutant in meaningful(source, (folder / source).read_text(), changes[source])
    ]


def meaningful(source: str, text: str, changes: Iterable[Change]) -> list[PythonMutant]:
    """Return the changes of executed code by the operators above, in the order of the lines."""
    ignored = list(_ignored(ast.parse(text)))
    lines = text.splitlines()
    equal: dict[tuple[str, str], list[int]] = {}
    found: list[PythonMutant] = []
    for change in sorted(changes, key=lambda each: (each.span.start, each.operator)):
        if change.operator not in OPERATORS or any(each.holds(change.span) for each in ignored):
            continue
        number = change.span.start[0]
        before = lines[number - 1].strip()
        numbers = equal.setdefault((change.function, before), [])
        if number not in numbers:
            numbers.append(number)
        nth = numbers.index(number) + 1
        found.append(
            PythonMutant(
                source,
                change.function,
                change.operator,
                change.occurrence,
                change.span,
                before,
                nth,
            )
        )
    return found


def apply(folder: Path, mutant: PythonMutant) -> None:
    """Apply the mutant to the module of a copy."""
    subprocess.run(
        [COSMIC_RAY, "apply", mutant.source, mutant.operator, str(mutant.occurrence)],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def _listed(folder: Path, modules: Iterable[str]) -> Iterator[tuple[str, Change]]:
    """Yield every change that cosmic-ray lists, with its file."""
    with tempfile.TemporaryDirectory() as scratch:
        config, session = Path(scratch) / "config.toml", Path(scratch) / "session.sqlite"
        config.write_text(CONFIG.format(modules=[str(module) for module in modules]))
        subprocess.run(
            [COSMIC_RAY, "init", config, session], cwd=folder, check=True, capture_output=True
        )
        with sqlite3.connect(session) as database:
            rows = database.execute(
                "select module_path, operator_name, occurrence, start_pos_row, start_pos_col,"
                " end_pos_row, end_pos_col, definition_name from mutation_specs"
            ).fetchall()
        database.close()
    for source, operator, occurrence, row, column, end_row, end_column, function in rows:
        span = Span((row, column), (end_row, end_column))
        yield source, Change(operator, occurrence, span, function or "")


def _ignored(tree: ast.Module) -> Iterator[Span]:
    """Yield code without effect at run time: annotations, declaration flags, type imports."""
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr() as annotation):
                yield _span(annotation)
            case ast.AnnAssign(annotation=annotation):
                yield _span(annotation)
            case ast.FunctionDef(returns=ast.expr() as returns):
                yield _span(returns)
            case ast.AsyncFunctionDef(returns=ast.expr() as returns):
                yield _span(returns)
            case ast.keyword(arg=str() as name, value=value) if name in DECLARATION_FLAGS:
                yield _span(value)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield _span(node)
            case _:
                pass


def _span(node: ast.expr | ast.stmt) -> Span:
    return Span(
        (node.lineno, node.col_offset),
        (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
    )
