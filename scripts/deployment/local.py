"""Accounts, roles and approvers of deployments on the local network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.deployment.config import DELAYS
from scripts.network.accounts import test_account

LOCAL_DEPLOYMENTS = Path(__file__).resolve().parents[2] / "deployments" / "local"
DEPLOYER, KEEPER, GUARDIAN, DESK, APPROVER = 0, 1, 2, 8, 9


def local_roles(account: int = DEPLOYER) -> dict[str, Any]:
    """Return the role holders of a deployment on the local network, by default the deployer.

    All delays are zero, so that every change takes effect at once.
    """
    owner = test_account(account).address
    return {
        "admin": owner,
        "configurators": [owner],
        "guardians": [test_account(GUARDIAN).address],
        **dict.fromkeys(DELAYS, 0),
        "accept_no_delay": True,
    }


def local_approvers() -> list[dict[str, Any]]:
    """Return the approvers of plans on the local network."""
    return [{"account": test_account(APPROVER).address}]
