"""The program of `make mutation` over a sample, run as a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LIMIT_SECONDS = 540


def test_mutation__sample_of_one_group__is_tried_and_summed_up() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.analysis.mutation", "ledger", "--sample", "1", "--anew"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "ledger: 1 mutants, 0 do not compile, 1 of 1 killed" in done.stdout
