"""Bring a treasury to the intended state, once those of the other networks are deployed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from scripts.deployment.managed import Difference
from scripts.deployment.mending import Aspects, Progress, list_differences, mend_differences
from scripts.deployment.signing_list import Approve, at_once
from scripts.deployment.treasury.deployment import TreasuryDeployment, treasury_foundation
from scripts.deployment.treasury.settings import treasury_settings


def treasury_differences(deployment: TreasuryDeployment) -> Iterator[Difference]:
    """Everything on chain that is not as intended: code first, then roles, then parameters.

    Raises:
        DeploymentError: The treasury of another network is not deployed.
    """
    return list_differences(deployment, treasury_aspects(deployment, restore_keepers=False))


def configure_treasury(
    deployment: TreasuryDeployment,
    progress: Progress,
    approve: Approve = at_once,
    *,
    restore_keepers: bool = False,
    unpause: bool = False,
) -> int:
    """Mend every difference that a call can mend; return the number of changes sent.

    A keeper whom the guardian removed comes back only with `restore_keepers`, and a paused
    treasury goes on only with `unpause`.

    Raises:
        DeploymentError: The treasury of another network is not deployed; and as
            `mend_differences`.
    """
    aspects = treasury_aspects(deployment, restore_keepers=restore_keepers)
    return mend_differences(deployment, aspects, progress, approve, unpause=unpause)


def treasury_aspects(deployment: TreasuryDeployment, *, restore_keepers: bool) -> Aspects:
    """What is looked at beside code and roles."""
    return Aspects(
        partial(treasury_foundation, deployment),
        partial(treasury_settings, deployment, restore_keepers=restore_keepers),
    )
