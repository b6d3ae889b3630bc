"""Intended states of treasuries on the local network, one per chain.

USDC is bridged by CCTP, USDT by LayerZero, and both through an exchange and a custodian. Limits
are wider than the recommended initial values, bands are not. Limits start empty and fill in a day,
or in the given period.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tomlkit

from scripts.deployment.config import DAY
from scripts.deployment.local import DEPLOYER, local_approvers, local_roles
from scripts.deployment.treasury.neighbours import SUFFIX
from scripts.network.accounts import CUSTODIAN, EXCHANGE, TREASURY_KEEPER, test_account
from scripts.network.chain import LocalChain
from scripts.network.specs import ALL, DECIMALS, chain_spec

USDC, USDT = "USDC", "USDT"
AT_EXCHANGE, AT_CUSTODIAN = "EXCHANGE", "CUSTODIAN"
KEEPERS_LIMIT, REDUCING_LIMIT, ROUTES_LIMIT, VENUES_LIMIT = (
    "2000000",
    "5000000",
    "2000000",
    "5000000",
)


def offer_treasuries(
    chains: Iterable[LocalChain],
    folder: Path,
    *,
    period: int = DAY,
    owner: int = DEPLOYER,
    custody: bool = True,
) -> None:
    """Write a treasury's file per new chain, for the ape scripts; delete earlier records.

    Period, owner and custody are as in `local_treasury`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    started = list(chains)
    for chain in started:
        (folder / f"{chain.name}{SUFFIX}").unlink(missing_ok=True)
        others = [other.name for other in started if other is not chain]
        document = local_treasury(chain, others, period=period, owner=owner, custody=custody)
        text = tomlkit.dumps(document)  # pyright: ignore[reportUnknownMemberType]
        (folder / f"{chain.name}.treasury.toml").write_text(text)


def local_treasury(
    chain: LocalChain,
    others: Iterable[str] = ALL,
    *,
    period: int = DAY,
    owner: int = DEPLOYER,
    custody: bool = True,
) -> dict[str, Any]:
    """Return the intended state as a document, with lanes to all `others` except the chain itself.

    Args:
        chain: Chain of the treasury.
        others: Names of the chains with treasuries.
        period: Seconds in which limits fill.
        owner: Index of the test account that deploys and configures the treasury.
        custody: Whether there are routes through the exchange and the custodian.
    """
    networks = {name: chain_spec(name).chain_id for name in others if name != chain.name}
    usdt = chain.addresses.layer_zero
    return {
        "network": chain.name,
        "chain_id": chain.chain_id,
        "roles": local_roles(owner),
        "approvers": local_approvers(),
        "keepers": [
            {
                "account": test_account(TREASURY_KEEPER).address,
                "automatic": _limit(KEEPERS_LIMIT, period),
                "reducing": _limit(REDUCING_LIMIT, period),
            }
        ],
        "assets": {
            USDC: {"address": chain.addresses.tokens[USDC], "decimals": DECIMALS[USDC]},
            USDT: {"address": usdt.usdt, "decimals": usdt.decimals},
        },
        "venues": [
            _venue(USDC, chain.addresses.funds["AAVE-USDC"], period),
            _venue(USDT, usdt.fund, period),
        ],
        "routes": [
            each | {"limit": _limit(ROUTES_LIMIT, period), "lanes": {name: {} for name in networks}}
            for each in (*_bridges(chain), *(_custody(chain) if custody else ()))
        ],
        "networks": networks,
        "external": {"multicall3": chain.addresses.multicall3},
    }


def _bridges(chain: LocalChain) -> list[dict[str, Any]]:
    cctp, layer_zero = chain.addresses.cctp, chain.addresses.layer_zero
    return [
        {
            "asset": USDC,
            "kind": "CCTP",
            "messenger": cctp.messenger,
            "transmitter": cctp.transmitter,
            "domain": cctp.domain,
        },
        {
            "asset": USDT,
            "kind": "OFT",
            "oft": layer_zero.oft,
            "endpoint": layer_zero.endpoint,
            "eid": layer_zero.eid,
        },
    ]


def _custody(chain: LocalChain) -> list[dict[str, Any]]:
    ways = ((AT_EXCHANGE, EXCHANGE), (AT_CUSTODIAN, CUSTODIAN))
    return [
        _custodial(chain, asset, name, account) for name, account in ways for asset in (USDC, USDT)
    ]


def _custodial(chain: LocalChain, asset: str, name: str, account: int) -> dict[str, Any]:
    return {
        "asset": asset,
        "name": name,
        "kind": "CUSTODIAL",
        "deposit_address": test_account(account).address,
        "network": chain_spec(chain.name).exchange_network if name == AT_EXCHANGE else "",
    }


def _venue(asset: str, address: str, period: int) -> dict[str, Any]:
    return {"asset": asset, "address": address, "limit": _limit(VENUES_LIMIT, period)}


def _limit(cap: str, period: int) -> dict[str, Any]:
    return {"cap": cap, "period_seconds": period}
