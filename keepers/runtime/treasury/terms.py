"""How transfers are told: names of chains and decimals of assets, as far as they are known."""

from __future__ import annotations

from keepers.config import Settings
from keepers.config.errors import DeploymentError
from keepers.config.treasury_deployment import load_treasury_deployment
from keepers.reports.transfers.terms import Words


def words_of(settings: Settings) -> Words:
    """From settings and deployments files; a file that cannot be read leaves units."""
    chains: dict[int, str] = {}
    decimals: dict[tuple[int, str], int] = {}
    treasuries = {} if settings.treasury is None else settings.treasury.chains
    for name, treasury in treasuries.items():
        chain_id = settings.chains[name].chain_id
        chains[chain_id] = name
        try:
            deployed = load_treasury_deployment(treasury.deployments, chain_id)
        except DeploymentError:
            continue
        decimals |= {(chain_id, asset): each.decimals for asset, each in deployed.assets.items()}
    return Words(chains, lambda chain_id, asset: decimals.get((chain_id, asset)))
