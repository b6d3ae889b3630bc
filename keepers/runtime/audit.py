"""The audit of a sender's transactions, as the settings and the deployment have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepers.audit.auditor import Auditors, PolicyAuditor
from keepers.audit.http import HttpAuditor
from keepers.runtime.process.endpoints import endpoint_of

if TYPE_CHECKING:
    from keepers.config import Settings
    from keepers.runtime.senders import SenderSetup


def make_auditor(settings: Settings, sender: SenderSetup, address: str) -> Auditors:
    """Every audit that a sender's transactions have to pass: its policy, then its services.

    Args:
        settings: Where policies and services are configured.
        sender: Whose they are; without a `policy` there is the default of its deployment.
        address: The keeper's account.

    Raises:
        KeyUnusableError: A service cannot be asked with the certificates that are configured.
        SecretUnavailableError: A password is not where the settings say.
    """
    named = sender.limits.policy
    policy = sender.policy(address) if named is None else settings.policies[named].policy(named)
    services = [
        HttpAuditor(name, endpoint_of("auditor", name, settings.auditors[name]), policy)
        for name in sender.limits.auditors
    ]
    return Auditors([PolicyAuditor(policy), *services])
