"""The program of `make demo`, run as a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LIMIT_SECONDS = 1_500
"""A demo takes one minute on an idle machine; the limit only ends a run that hangs."""


def test_demo__whole__shows_all_chapters_and_writes_its_report() -> None:
    report = ROOT / "reports" / "demo.html"
    report.unlink(missing_ok=True)

    done = subprocess.run(
        [sys.executable, "-m", "scripts.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Done in" in done.stdout
    assert report.read_text(encoding="utf-8").startswith("<!")
