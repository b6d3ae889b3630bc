"""Bring a vault to the intended state."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from scripts.deployment.differences import Deployment, foundation_differences
from scripts.deployment.managed import Difference
from scripts.deployment.mending import Aspects, Progress, list_differences, mend_differences
from scripts.deployment.settings import setting_differences
from scripts.deployment.signing_list import Approve, at_once


def all_differences(deployment: Deployment) -> Iterator[Difference]:
    """Everything on chain that is not as intended: code first, then roles, then parameters."""
    return list_differences(deployment, vault_aspects(deployment, restore_keepers=False))


def configure(
    deployment: Deployment,
    progress: Progress,
    approve: Approve = at_once,
    *,
    restore_keepers: bool = False,
    unpause: bool = False,
) -> int:
    """Mend every difference that a call can mend; return the number of changes sent.

    A keeper whom the guardian removed comes back only with `restore_keepers`, and what it paused
    goes on only with `unpause`. Errors are those of `mend_differences`.
    """
    aspects = vault_aspects(deployment, restore_keepers=restore_keepers)
    return mend_differences(deployment, aspects, progress, approve, unpause=unpause)


def vault_aspects(deployment: Deployment, *, restore_keepers: bool) -> Aspects:
    """What is looked at beside code and roles."""
    return Aspects(
        partial(foundation_differences, deployment),
        partial(setting_differences, deployment, restore_keepers=restore_keepers),
    )
