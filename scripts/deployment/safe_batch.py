"""Batch of calls for the Transaction Builder of Safe{Wallet}; the Safe's owners sign it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from eth_utils.address import to_checksum_address

from scripts.deployment.batches import simulate, single_message
from scripts.deployment.changes import Change
from scripts.deployment.configure import plan_changes
from scripts.deployment.deployment import AnyDeployment
from scripts.deployment.signing_list import call_lines, counted

FORMAT = "1.0"


def write_safe_batch(
    deployment: AnyDeployment, output: Path, *, restore_keepers: bool, unpause: bool
) -> None:
    """Write the calls that the Safe, which is the chain's sender, has to send; sign nothing.

    Raises:
        DeploymentError: A call would revert; other errors as `plan_changes`.
    """
    plan = plan_changes(deployment, restore_keepers=restore_keepers, unpause=unpause)
    for difference in plan.left:
        click.echo(f"not changed: {difference}; {difference.hint}")
    if not plan.to_send:
        click.echo("nothing to send")
        return
    simulate(deployment, plan.to_send)
    for change in plan.to_send:
        for line in call_lines(deployment, change):
            click.echo(line)
    output.write_text(json.dumps(safe_batch(deployment, plan.to_send), indent=2) + "\n")
    click.echo(f"{counted(len(plan.to_send), 'call')} written to {output}, for the Safe to sign")


def safe_batch(deployment: AnyDeployment, changes: Sequence[Change]) -> dict[str, Any]:
    """Return the document that the Transaction Builder loads."""
    messages = [single_message(deployment, change) for change in changes]
    return {
        "version": FORMAT,
        "chainId": str(deployment.config.chain_id),
        "meta": {
            "name": f"Ballast, {deployment.config.network}",
            "description": "\n".join(change.purpose for change in changes),
            "createdFromSafeAddress": to_checksum_address(deployment.chain.sender),
        },
        "transactions": [
            {
                "to": to_checksum_address(message.to),
                "value": "0",
                "data": message.data,
                "contractMethod": None,
                "contractInputsValues": None,
            }
            for message in messages
        ],
    }
