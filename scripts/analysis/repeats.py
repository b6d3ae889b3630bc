"""Lines of the same shape in two places: equal except for names, strings and numbers."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections import defaultdict
from collections.abc import Sequence
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


def repeated_pairs(files: Sequence[Path]) -> list[str]:
    """List pairs of files, or of places in one file, that share lines of the same shape.

    A pair is listed with the lines where its first shared run starts.
    """
    lines = [shapes_of(path.read_text()) for path in files]
    places: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for file, shapes in enumerate(lines):
        for start in range(len(shapes) - SHORTEST + 1):
            run = tuple(shape for _, shape in shapes[start : start + SHORTEST])
            places[run].append((file, start))
    pairs: dict[tuple[int, int], tuple[int, int]] = {}
    for found in places.values():
        if 1 < len(found) <= MOST_PLACES:
            for index, (one, first) in enumerate(found):
                for other, second in found[index + 1 :]:
                    if one != other or second - first >= SHORTEST:
                        pairs.setdefault((one, other), (first, second))
    return [
        f"{files[one]}:{lines[one][first][0]} {files[other]}:{lines[other][second][0]}"
        for (one, other), (first, second) in pairs.items()
    ]
