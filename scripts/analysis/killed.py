"""Mutants that were killed before: a long run can be cut off and gone on with.

A mutant counts as killed as long as the contracts that it could touch are the same. One that
survived is tried again each time, since a new test may notice it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from scripts.analysis.mutants import Mutant

FOLDER = Path(".cache") / "mutation"


class Killed:
    """The killed mutants of some contracts, by the test that noticed.

    Args:
        root: The checkout, in whose cache they are remembered.
        files: The contracts and all that they import, relative to the root.
    """

    def __init__(self, root: Path, files: Iterable[Path]) -> None:
        digest = hashlib.sha256()
        for file in sorted(files):
            digest.update(str(file).encode() + b"\0" + (root / file).read_bytes() + b"\0")
        self._file = root / FOLDER / f"{digest.hexdigest()[:32]}.jsonl"
        self._lock = Lock()
        self._by = dict(_read(self._file))

    def by(self, mutant: Mutant) -> str | None:
        """The test that killed a mutant; None if none is remembered."""
        return self._by.get(mutant.key)

    def remember(self, mutant: Mutant, by: str) -> None:
        """Keep that a mutant was killed."""
        with self._lock:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a") as lines:
                # A line of its own, even after one that a kill cut off.
                lines.write("\n" + json.dumps([*mutant.key, by]) + "\n")

    def forget(self) -> None:
        """Nothing was killed."""
        self._file.unlink(missing_ok=True)
        self._by.clear()


def _read(file: Path) -> Iterable[tuple[tuple[str, str, str, str, int], str]]:
    """What is there; a line that a kill cut off is left out."""
    lines = file.read_text().splitlines() if file.is_file() else []
    for line in lines:
        try:
            source, function, before, after, nth, by = json.loads(line)
        except ValueError:
            continue
        yield (source, function, before, after, nth), by
