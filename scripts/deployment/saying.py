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


def say_changes(sent: int, longest_period: int) -> None:
    """How many changes were sent, and how long limits need after them, in seconds."""
    click.echo(f"{sent} changes sent" if sent else "nothing to change")
    if sent:
        hours, seconds = divmod(longest_period, SECONDS_PER_HOUR)
        time = f"{longest_period} seconds" if seconds else f"{hours} hours"
        click.echo(f"new limits start empty; the slowest is full after {time}")


def say_differences(network: str, differences: Sequence[Difference], *, as_json: bool) -> int:
    """Print them; answer the exit status, which is 1 if there are any."""
    if as_json:
        fields = ("contract", "what", "expected", "actual")
        rows = [{field: getattr(entry, field) for field in fields} for entry in differences]
        click.echo(json.dumps({"network": network, "differences": rows}, indent=2))
    else:
        for difference in differences:
            click.echo(f"{difference}; {difference.hint}" if difference.hint else str(difference))
        click.echo(f"{len(differences)} differences" if differences else "as intended")
    return 1 if differences else 0
