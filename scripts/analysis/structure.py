"""Figures of the keepers' structure: sizes, names, import cycles, repeated lines.

`python -m scripts.analysis.structure` prints a table, with `--json` an object. `--folder` measures
another tree, such as a checkout of an earlier commit. `--list repeated_pairs` lists the places.
"""

from __future__ import annotations

import ast
import json
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from scripts.analysis.repeats import repeated_pairs, statements_of

ROOT = Path(__file__).resolve().parents[2]
RIDDLES = ("What", "Who", "How", "Those")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Structure:
    """Figures of a tree of Python files. Lengths are in lines."""

    files: int
    lines: int
    median_file: int
    p95_file: int
    largest_file: int
    functions: int
    median_function: int
    p95_function: int
    largest_function: int
    module_docstrings_as_riddles: int
    files_named_by_gerunds: int
    class_names_twice: int
    protocols: int
    protocols_with_one_implementation: int
    circles_of_modules: int
    circles_of_packages: int
    repeated_pairs: int
    repeated_pairs_of_statements: int


@dataclass(frozen=True)
class Module:
    """One parsed file, with its dotted name."""

    name: str
    path: Path
    tree: ast.Module
    lines: int

    @property
    def is_package(self) -> bool:
        """Whether it is a package's `__init__.py`."""
        return self.path.name == "__init__.py"


def modules_of(folder: Path) -> list[Module]:
    """Return all Python files below a folder whose parent is on the import path."""
    found: list[Module] = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text()
        parts = path.relative_to(folder.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path, ast.parse(text), len(text.splitlines())))
    return found


def places_of(modules: Sequence[Module]) -> Mapping[str, list[str]]:
    """List the places counted by the figures of names, Protocols, cycles and repeats."""
    classes = [
        (node, each)
        for each in modules
        for node in ast.walk(each.tree)
        if isinstance(node, ast.ClassDef)
    ]
    named: dict[str, list[str]] = defaultdict(list)
    for node, each in classes:
        if not node.name.startswith("_"):
            named[node.name].append(each.name)
    protocols = {node.name: each for node, each in classes if "Protocol" in _bases(node)}
    counts = _implementations([node for node, _ in classes], set(protocols))
    imports = _imports(modules)
    return {
        "module_docstrings_as_riddles": [each.name for each in modules if _is_riddle(each.tree)],
        "files_named_by_gerunds": [each.name for each in modules if each.path.stem.endswith("ing")],
        "class_names_twice": [
            f"{name}: {', '.join(found)}" for name, found in named.items() if len(found) > 1
        ],
        "protocols": [f"{each.name}.{name}" for name, each in protocols.items()],
        "protocols_with_one_implementation": [
            f"{protocols[name].name}.{name}" for name, count in counts.items() if count == 1
        ],
        "circles_of_modules": _circles(imports),
        "circles_of_packages": _circles(_between_packages(modules, imports)),
        "repeated_pairs": repeated_pairs([each.path for each in modules]),
        "repeated_pairs_of_statements": repeated_pairs(
            [each.path for each in modules], statements_of
        ),
    }


def measure(folder: Path) -> Structure:
    """Measure a tree."""
    modules = modules_of(folder)
    places = {name: len(found) for name, found in places_of(modules).items()}
    sizes = sorted(each.lines for each in modules)
    functions = sorted(length for each in modules for length in _function_lengths(each.tree))
    return Structure(
        files=len(modules),
        lines=sum(sizes),
        median_file=round(statistics.median(sizes)),
        p95_file=_p95(sizes),
        largest_file=sizes[-1],
        functions=len(functions),
        median_function=round(statistics.median(functions)),
        p95_function=_p95(functions),
        largest_function=functions[-1],
        **places,
    )


def _function_lengths(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def _bases(node: ast.ClassDef) -> list[str]:
    plain = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    return [ast.unparse(base).rpartition(".")[2] for base in plain]


def _is_riddle(tree: ast.Module) -> bool:
    return (ast.get_docstring(tree) or "").split(" ")[0].rstrip(",:;'s") in RIDDLES


def _methods(node: ast.ClassDef) -> frozenset[str]:
    return frozenset(
        each.name
        for each in node.body
        if isinstance(each, Function)
        and not (each.name.startswith("_") and each.name != "__call__")
    )


def _implementations(classes: Sequence[ast.ClassDef], protocols: set[str]) -> Mapping[str, int]:
    """Count, for each Protocol, the other classes with all of its public methods."""
    others = [node for node in classes if node.name not in protocols]
    found: dict[str, int] = {}
    for node in classes:
        wanted = _methods(node)
        if node.name in protocols and wanted:
            found[node.name] = sum(wanted <= _methods(each) for each in others)
    return found


def _imports(modules: Sequence[Module]) -> Mapping[str, set[str]]:
    names = {each.name for each in modules}
    found: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        for node in module.tree.body:
            for name in _imported(node):
                target = name if name in names else name.rpartition(".")[0]
                if target in names and target != module.name:
                    found[module.name].add(target)
    return found


def _imported(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{each.name}" for each in node.names)


def _between_packages(
    modules: Sequence[Module], imports: Mapping[str, set[str]]
) -> Mapping[str, set[str]]:
    package = {
        each.name: each.name if each.is_package else each.name.rpartition(".")[0]
        for each in modules
    }
    found: dict[str, set[str]] = defaultdict(set)
    for module, targets in imports.items():
        for target in targets:
            if package[module] != package[target]:
                found[package[module]].add(package[target])
    return found


def _circles(edges: Mapping[str, set[str]]) -> list[str]:
    """List the groups of two or more nodes that reach each other."""
    reached = {name: _reached(name, edges) for name in edges}
    groups = {
        frozenset(other for other in others if name in reached.get(other, ()))
        for name, others in reached.items()
        if name in others
    }
    return [", ".join(sorted(each)) for each in groups]


def _reached(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _p95(ordered: Sequence[int]) -> int:
    return ordered[int(len(ordered) * 0.95)]


@click.command(help=__doc__)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=ROOT / "keepers",
    help="The tree to measure; keepers by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--list", "listed", metavar="FIGURE", help="Print the places behind a figure.")
def main(folder: Path, *, as_json: bool, listed: str | None) -> None:
    """Run the command line."""
    if listed is not None:
        places = places_of(modules_of(folder.resolve()))
        if listed not in places:
            raise click.UsageError(f"only these figures have places: {', '.join(places)}")
        for place in places[listed]:
            click.echo(place)
        return
    figures = asdict(measure(folder.resolve()))
    if as_json:
        click.echo(json.dumps(figures, indent=2))
        return
    for name, figure in figures.items():
        click.echo(f"{name.replace('_', ' '):34} {figure:>8,}")


if __name__ == "__main__":
    main()
