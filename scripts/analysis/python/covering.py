"""Tests that run each line: measured once by coverage.py, stored until a file changes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from coverage import CoverageData

CACHE = Path(".cache") / "mutation" / "python"
CONFIG = """[run]
source = keepers
relative_files = true
dynamic_context = test_function
data_file = {data}
"""
IMPORT = ""
"""Context of lines that run when a module is imported outside of a test."""

PYTEST = ("-m", "pytest", "-p", "no:ape_test", "-q", "-p", "no:cacheprovider")


class Covering:
    """Tests by the lines of `keepers` that they run.

    Args:
        folder: The copy in which the tests were measured.
        data: Coverage data measured there.
    """

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder = folder
        self._data = CoverageData(str(data))
        self._data.read()
        self._lines: dict[str, dict[int, list[str]]] = {}

    def tests(self, source: str, lines: Iterable[int]) -> list[str]:
        """List the ids of tests that run the lines; for import-time code, all that use the module.

        Tests in the folder that mirrors the module come first: they are likely to fail first.
        """
        by_line = self._by_line(source)
        contexts = {name for line in lines for name in by_line.get(line, [])}
        if not contexts or IMPORT in contexts:
            contexts = {name for found in by_line.values() for name in found}
        names = contexts - {IMPORT}
        mirrored = "tests.unit." + ".".join(Path(source).parts[1:-1])
        ordered = sorted(names, key=lambda name: (not name.startswith(mirrored), name))
        return [node for name in ordered if (node := self._node(name))]

    def _by_line(self, source: str) -> dict[int, list[str]]:
        if source not in self._lines:
            self._lines[source] = self._data.contexts_by_lineno(source)
        return self._lines[source]

    def _node(self, name: str) -> str | None:
        """Return the node id of a test function from its dotted name; None if it is not a test."""
        parts = name.split(".")
        for length in range(len(parts) - 1, 0, -1):
            file = Path(*parts[:length]).with_suffix(".py")
            if (self._folder / file).is_file():
                return "::".join([str(file), *parts[length:]])
        return None


def measured(root: Path, folder: Path, python: str = sys.executable, jobs: int = 2) -> Covering:
    """Measure the unit tests in a copy, or load the stored measurement of the same files."""
    data = root / CACHE / f"{_digest(folder)}.coverage"
    if not data.is_file():
        data.parent.mkdir(parents=True, exist_ok=True)
        _measure(folder, data, python, jobs)
    return Covering(folder, data)


def _measure(folder: Path, data: Path, python: str, jobs: int) -> None:
    """Run the unit tests under coverage.py, a folder at a time, and combine the data."""
    with ThreadPoolExecutor(jobs) as pool:
        files = list(pool.map(partial(_measure_part, folder, python), _test_folders(folder)))
    whole = CoverageData(str(data.with_suffix(".part")))
    for file in files:
        one = CoverageData(str(file))
        one.read()
        whole.update(one)
    whole.write()
    data.with_suffix(".part").replace(data)


def _test_folders(folder: Path) -> Sequence[str]:
    unit = folder / "tests" / "unit"
    return [
        str(each.relative_to(folder))
        for each in sorted(unit.iterdir())
        if (each.is_dir() and any(each.rglob("test_*.py"))) or each.name.startswith("test_")
    ]


def _measure_part(folder: Path, python: str, part: str) -> Path:
    name = part.replace("/", "-").removesuffix(".py")
    config, data = folder / f".coverage-{name}.ini", folder / f".coverage-{name}"
    config.write_text(CONFIG.format(data=data))
    subprocess.run(
        [python, "-m", "coverage", "run", f"--rcfile={config}", *PYTEST, part],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=False,
        capture_output=True,
    )
    return data


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for top in ("keepers", "tests/unit", "tests/support", "tests/vectors"):
        for file in sorted((folder / top).rglob("*.*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:32]
