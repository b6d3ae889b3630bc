"""The kill switch of a deployment: whether it is paused, and which keepers it has removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scripts.deployment.buckets import REMOVED_KEEPER
from scripts.deployment.managed import Difference
from scripts.deployment.members import AnyDeployment

KILL_SWITCH = "KillSwitch"
PAUSED = (
    "whoever paused it has a reason: once that is gone, a configurator calls unpause(), or runs "
    "configure with --unpause"
)


def kill_switch_differences(
    deployment: AnyDeployment, keepers: Iterable[str], *, restore_keepers: bool
) -> Iterator[Difference]:
    """Differences of the switch from what is configured: running, with all keepers of the file.

    Args:
        deployment: Whose switch is read; it may be that of another deployment.
        keepers: Accounts that should be keepers.
        restore_keepers: Whether `configure` gives removed ones their power back.
    """
    running, actual = False, deployment.read(KILL_SWITCH, "paused")
    yield from deployment.report(KILL_SWITCH, "paused", running, actual, PAUSED)
    kept = False
    for keeper in keepers:
        what, removed = (
            f"keeper {keeper} removed",
            deployment.read(KILL_SWITCH, "isRemoved", keeper),
        )
        if restore_keepers:
            arguments = ("restoreKeeper", keeper)
            yield from deployment.compare(KILL_SWITCH, what, kept, removed, *arguments)
        else:
            yield from deployment.report(KILL_SWITCH, what, kept, removed, REMOVED_KEEPER)


def removed_keepers_of(deployment: AnyDeployment, keepers: Iterable[str]) -> set[str]:
    """Those of the accounts that the guardian has removed, and nobody has restored."""
    return {each for each in keepers if deployment.read(KILL_SWITCH, "isRemoved", each)}
