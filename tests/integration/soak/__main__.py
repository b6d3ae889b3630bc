"""Run the long soak (15 minutes), and write `docs/evidence/soak.md` and its chart."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from keepers.store.runs import MaintenanceRunRepository
from scripts.network import start_network
from tests.integration.soak.checks import broken
from tests.integration.soak.course import DEEP
from tests.integration.soak.page import Outcome, page, picture
from tests.integration.soak.soak import Soak
from tests.integration.support.deploy import deploy_vault
from tests.integration.support.keeper import GENEROUS

CHAIN = "ethereum-local"
DOCS = Path(__file__).resolve().parents[3] / "docs"


def run_soak(folder: Path) -> Outcome:
    """Run the long soak and return its results."""
    with start_network((CHAIN,)) as network:
        soak = Soak(deploy_vault(network.chains[CHAIN], folder), folder, DEEP)
        soak.configure(GENEROUS)
        diary = soak.run()
        return Outcome(
            course=DEEP,
            diary=diary,
            disturbances=soak.disturbances,
            rebalances=soak.rebalances(),
            upkeep=soak.runs(MaintenanceRunRepository),
            broken=broken(soak, diary),
        )


def write(outcome: Outcome, docs: Path = DOCS) -> None:
    """Write the page and the chart."""
    (docs / "evidence" / "soak.md").write_text(page(outcome))
    (docs / "images" / "soak.svg").write_text(picture(outcome))


def main() -> int:
    """Run and write; the exit status is 1 if a property did not hold."""
    with TemporaryDirectory() as folder:
        outcome = run_soak(Path(folder))
    write(outcome)
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
