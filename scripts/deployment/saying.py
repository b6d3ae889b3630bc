"""What the scripts tell the person at the keyboard, and programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from scripts.deployment.managed import Difference

SECONDS_PER_HOUR = 3600
restore_option = click.option(
    "--restore-keepers", is_flag=True, help="Also add keepers back that the guardian removed."
)

unpause_option = click.option(
    "--unpause", is_flag=True, help="Also let go on what the guardian paused."
)


def say_changes(sent: int, longest_period: int) -> None:
    """How many changes were sent, and how long limits need after them, in seconds."""
    click.echo(f"{sent} changes sent" if sent else "nothing to change")
    if sent:
        hours, seconds = divmod(longest_period, SECONDS_PER_HOUR)
        time = f"{longest_period} seconds" if seconds else f"{hours} hours"
        click.echo(f"a limit that was not there before starts empty; the slowest fills in {time}")
        click.echo("limits that were there keep what they have")


def say_differences(
    network: str, differences: Sequence[Difference], accepted: Sequence[str], *, as_json: bool
) -> int:
    """Print them, and what is accepted though it is a risk; answer the exit status.

    It is 1 if there are differences.
    """
    if as_json:
        fields = ("contract", "what", "expected", "actual")
        rows = [{field: getattr(entry, field) for field in fields} for entry in differences]
        answer = {"network": network, "differences": rows, "accepted": list(accepted)}
        click.echo(json.dumps(answer, indent=2))
        return 1 if differences else 0
    for difference in differences:
        click.echo(f"{difference}; {difference.hint}" if difference.hint else str(difference))
    for risk in accepted:
        click.echo(f"accepted: {risk}")
    click.echo(f"{len(differences)} differences" if differences else "as intended")
    return 1 if differences else 0
