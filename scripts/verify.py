"""Compare the chain with the intended state: `ape run verify --network …`."""

from __future__ import annotations

import sys

from scripts.deployment.command import VAULT, reading_command
from scripts.deployment.configurer import all_differences
from scripts.deployment.differences import Deployment
from scripts.deployment.saying import say_differences
from scripts.deployment.supervision import accepted_risks


@reading_command(VAULT)
def cli(deployment: Deployment, as_json: bool) -> None:  # noqa: FBT001 - as click passes it
    """List each role, parameter and code hash that is not as intended; exit status 1 if any."""
    differences = list(all_differences(deployment))
    sys.exit(
        say_differences(
            deployment.config.network, differences, accepted_risks(deployment), as_json=as_json
        )
    )
