"""Cache of killed mutants, so that an interrupted run can resume.

A mutant counts as killed while the contracts that it could affect are unchanged. A survivor is
tried again in each run, because a new test may detect it.
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
    """Killed mutants of some contracts, and the test that detected each.

    Args:
        root: The checkout whose cache stores them.
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
        """Return the test that killed a mutant; None if none is stored."""
        return self._by.get(mutant.key)

    def remember(self, mutant: Mutant, by: str) -> None:
        """Store that a mutant was killed."""
        with self._lock:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a") as lines:
                # Start a new line, because a kill may have cut off the last one.
                lines.write("\n" + json.dumps([*mutant.key, by]) + "\n")

    def forget(self) -> None:
        """Delete all stored mutants."""
        self._file.unlink(missing_ok=True)
        self._by.clear()


def _read(file: Path) -> Iterable[tuple[tuple[str, str, str, str, int], str]]:
    """Yield the stored mutants; skip a line that a kill cut off."""
    lines = file.read_text().splitlines() if file.is_file() else []
    for line in lines:
        try:
            source, function, before, after, nth, by = json.loads(line)
        except ValueError:
            continue
        yield (source, function, before, after, nth), by
