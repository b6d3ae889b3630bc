"""The audit of a vault's transactions, as the settings and the deployment have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepers.adapters.audit.auditor import PolicyAuditor
from keepers.adapters.audit.http import HttpAuditor
from keepers.adapters.audit.several import Auditors
from keepers.app.default_policy import default_policy
from keepers.app.endpoints import endpoint_of

if TYPE_CHECKING:
    from keepers.app.settings import Settings
    from keepers.app.wiring import VaultSetup


def make_auditor(settings: Settings, setup: VaultSetup, sender: str) -> Auditors:
    """Every audit that a vault's transactions have to pass: its policy, then its services.

    Args:
        settings: Where policies and services are configured.
        setup: The vault; without a `policy` it has the default of its deployment.
        sender: The keeper's account.

    Raises:
        KeyUnusableError: A service cannot be asked with the certificates that are configured.
        SecretUnavailableError: A password is not where the settings say.
    """
    named = setup.vault.policy
    policy = (
        default_policy(setup, sender) if named is None else settings.policies[named].policy(named)
    )
    services = [
        HttpAuditor(name, endpoint_of("auditor", name, settings.auditors[name]), policy)
        for name in setup.vault.auditors
    ]
    return Auditors([PolicyAuditor(policy), *services])
