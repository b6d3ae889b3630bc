"""Lines of the same shape in two places: equal except for names, strings and numbers."""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

SHORTEST = 6
"""Minimum number of lines that a pair shares."""
MOST_PLACES = 8
"""A run in more places than these is too common to count."""
LEFT_OUT = ("import ", "from ")
PLAIN = {tokenize.NAME: "n", tokenize.STRING: "s", tokenize.NUMBER: "1"}
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
MOST_THIN = 2
"""Maximum number of tokens of a line that is ignored, such as a bracket."""

Place = tuple[int, int]
"""Indices of a file and of a line in it."""


def shapes_of(text: str) -> list[tuple[int, str]]:
    """Return number and shape of each code line, without imports and lines of one or two tokens."""
    by_line: dict[int, list[str]] = defaultdict(list)
    sources = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in LAYOUT or token.type == tokenize.ENDMARKER:
            continue
        is_word = token.type == tokenize.NAME and keyword.iskeyword(token.string)
        shape = token.string if is_word else PLAIN.get(token.type, token.string)
        by_line[token.start[0]].append(shape)
    return [
        (number, " ".join(by_line[number]))
        for number in sorted(by_line)
        if len(by_line[number]) > MOST_THIN
        and not sources[number - 1].lstrip().startswith(LEFT_OUT)
    ]


def statements_of(text: str) -> list[tuple[int, str]]:
    """Return shapes as `shapes_of`, of the statements of functions only.

    Imports, fields, constants, tables and signatures are left out. Each function ends with a shape
    of its own, so that no run goes beyond it.
    """
    shapes = dict(shapes_of(text))
    found: list[tuple[int, str]] = []
    covered = 0
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, functions)]
    for node in sorted(nodes, key=lambda each: each.lineno):
        if node.lineno <= covered:  # nested in the function before
            continue
        start = node.body[int(ast.get_docstring(node) is not None) :]
        if not start:
            continue
        last = covered = node.end_lineno or node.lineno
        lines = range(start[0].lineno, last + 1)
        found += [(number, shapes[number]) for number in lines if number in shapes]
        found.append((last, f"end of {node.name} in line {last}"))
    return found


def repeated_pairs(
    files: Sequence[Path], shapes: Callable[[str], list[tuple[int, str]]] = shapes_of
) -> list[str]:
    """List pairs of files, or of places in one file, that share lines of the same shape.

    A pair is listed with the lines where its first shared run starts.
    """
    lines = [shapes(path.read_text()) for path in files]
    places: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for file, found in enumerate(lines):
        for start in range(len(found) - SHORTEST + 1):
            run = tuple(shape for _, shape in found[start : start + SHORTEST])
            places[run].append((file, start))
    pairs: dict[tuple[int, int], tuple[int, int]] = {}
    for at in places.values():
        if 1 < len(at) <= MOST_PLACES:
            for index, (one, first) in enumerate(at):
                for other, second in at[index + 1 :]:
                    if one != other or second - first >= SHORTEST:
                        pairs.setdefault((one, other), (first, second))
    return [
        f"{files[one]}:{lines[one][first][0]} {files[other]}:{lines[other][second][0]}"
        for (one, other), (first, second) in pairs.items()
    ]
