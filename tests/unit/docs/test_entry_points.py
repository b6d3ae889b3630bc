"""Tests that every program in scripts/ is run by a test, or by a target that a test names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "scripts"

RUN_BY = {
    "scripts/analysis/coverage.py": ("Makefile", "deep:"),
    "scripts/analysis/gas.py": ("Makefile", "test-gas:"),
    "scripts/analysis/mutation.py": (
        "tests/integration/programs/test_mutation.py",
        "scripts.analysis.mutation",
    ),
    "scripts/analysis/python/mutation.py": ("Makefile", "scripts.analysis.python.mutation"),
    "scripts/analysis/structure.py": (
        "tests/unit/analysis/test_structure.py",
        "analysis.structure",
    ),
    "scripts/configure.py": ("tests/contracts/conftest.py", "configure"),
    "scripts/crash_points.py": ("tests/unit/docs/test_crash_points.py", "page()"),
    "scripts/defects/__main__.py": ("tests/unit/docs/test_defects.py", "scripts.defects"),
    "scripts/demo/__main__.py": ("tests/integration/programs/test_demo.py", "scripts.demo"),
    "scripts/deploy.py": ("tests/contracts/conftest.py", "deploy"),
    "scripts/fault_matrix/__main__.py": ("tests/unit/docs/test_fault_matrix.py", "page("),
    "scripts/guards/__main__.py": ("Makefile", "scripts.guards"),
    "scripts/isolation_matrix/__main__.py": ("tests/unit/docs/test_isolation.py", "page("),
    "scripts/metrics.py": ("tests/unit/telemetry/test_metrics.py", "scripts.metrics"),
    "scripts/monitoring/__main__.py": ("tests/unit/monitoring/test_files.py", "scripts.monitoring"),
    "scripts/network/__main__.py": ("tests/integration/network/test_cli.py", "scripts.network"),
    "scripts/network/guard.py": ("scripts/network/spawner.py", "guard"),
    "scripts/safe.py": ("tests/contracts/test_signing.py", '"safe"'),
    "scripts/schema_diagram.py": ("tests/unit/docs/test_schema_diagram.py", "page()"),
    "scripts/setup/prepare.py": ("Makefile", "scripts.setup.prepare"),
    "scripts/setup/slither.sh": ("Makefile", "scripts/setup/slither.sh"),
    "scripts/transaction_states.py": ("tests/unit/docs/test_transaction_states.py", "page()"),
    "scripts/treasury.py": ("tests/contracts/test_treasury_deployment.py", "treasury deploy"),
    "scripts/verify.py": ("tests/contracts/test_deployment.py", "verify"),
}
"""By program: the file that runs it, and a text in that file that proves it."""


def programs() -> set[str]:
    """Return all programs: modules with a main guard, ape scripts, shell scripts."""
    found = {*SCRIPTS.glob("*.py"), *SCRIPTS.rglob("*.sh"), *SCRIPTS.rglob("__main__.py")}
    found |= {path for path in SCRIPTS.rglob("*.py") if _has_main(path)}
    return {str(path.relative_to(ROOT)) for path in found if path.name != "__init__.py"}


def _has_main(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.If) and "__main__" in ast.unparse(node.test) for node in tree.body
    )


def test_programs__all__are_in_the_table() -> None:
    assert programs() == set(RUN_BY)


@pytest.mark.parametrize("program", RUN_BY)
def test_program__its_test__runs_it(program: str) -> None:
    where, text = RUN_BY[program]
    path = ROOT / where
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]

    assert any(text in each.read_text(encoding="utf-8") for each in files)
