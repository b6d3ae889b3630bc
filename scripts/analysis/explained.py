"""Surviving mutants that docs/evidence/mutation.md explains, in a table with one per row."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.analysis.mutants import Mutant

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "evidence" / "mutation.md"
COLUMNS = 5
Key = tuple[str, str, str, str, int]


def explained(text: str) -> set[Key]:
    """Return the mutants' keys: file, function, before, after, index among equal mutants."""
    found: set[Key] = set()
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if len(cells) == COLUMNS and cells[2].startswith("`"):
            before, nth = _code(cells[2])
            after, _ = _code(cells[3])
            found.add((_code(cells[0])[0], _code(cells[1])[0], before, after, nth))
    return found


def row(mutant: Mutant, reason: str) -> str:
    """Return the mutant as a row of the table."""
    which = f" ({mutant.nth})" if mutant.nth > 1 else ""
    cells = (
        f"`{mutant.source}`",
        f"`{mutant.function}`",
        _quoted(mutant.before) + which,
        _quoted(mutant.after),
        reason,
    )
    return "| " + " | ".join(cells) + " |"


def _quoted(text: str) -> str:
    return "`" + (text or " ").replace("|", "\\|") + "`"


def _code(cell: str) -> tuple[str, int]:
    match = re.fullmatch(r"`(.*)`(?: \((\d+)\))?", cell)
    if match is None:
        raise ValueError(f"no code in a cell of docs/evidence/mutation.md: {cell}")
    return match.group(1).replace("\\|", "|").strip(), int(match.group(2) or 1)
