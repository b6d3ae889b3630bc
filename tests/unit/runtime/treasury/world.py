"""Treasuries on three chains: settings, deployments files and transfers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address

from keepers.config import Settings, load_settings
from keepers.config.treasury_deployment import REQUIRED_CONTRACTS
from keepers.model.transfer import TransferTerms

KEY = "0x" + "07" * 32
SENDER: str = Account.from_key(KEY).address
IDS = {"ethereum-local": 1000001, "arbitrum-local": 1042161, "base-local": 1008453}
PLACES = {name: place for place, name in enumerate(IDS, start=1)}
TREASURIES = {
    name: to_checksum_address(f"0x{place:02x}{'aa' * 19}") for name, place in PLACES.items()
}
VENUE = to_checksum_address("0x" + "be" * 20)
HERE, THERE = "ethereum-local", "arbitrum-local"


def address(chain: str, what: int) -> str:
    """Return the address of another contract of a chain."""
    return to_checksum_address(f"0x{PLACES[chain]:02x}{what:038x}")


def contract(at: str) -> dict[str, Any]:
    return {
        "address": at,
        "transaction": "0x" + "ab" * 32,
        "block": 12,
        "arguments": [],
        "code_hash": "0x" + "cd" * 32,
    }


def document(chain: str) -> dict[str, Any]:
    """Return a deployments file: CCTP between all chains, other routes between the first two."""
    place = PLACES[chain]
    others = [number for name, number in IDS.items() if name != chain]
    two = [IDS[each] for each in (HERE, THERE) if chain not in {each, "base-local"}]
    cctp = {"domain": place, "transmitter": address(chain, 9), "max_fee_bps": 15}
    custody = {"deposit_address": address(chain, 11), "inbox": address(chain, 12)}
    known: list[tuple[str, str, str, list[int], dict[str, Any]]] = [
        ("USDC", "CCTP", "CCTP", others, cctp),
        ("USDT", "OFT", "OFT", two, {"oft": address(chain, 10), "eid": 30_000 + place}),
        ("USDT", "EXCHANGE", "CUSTODIAL", two, custody | {"network": f"NET{place}"}),
        ("USDC", "CUSTODIAN", "CUSTODIAL", two, custody),
    ]
    return {
        "network": chain,
        "chain_id": IDS[chain],
        "block": 40,
        "keepers": [SENDER],
        "assets": {
            "USDC": {"address": address(chain, 1), "decimals": 6},
            "USDT": {"address": address(chain, 2), "decimals": 6 if place < 3 else 18},
        },
        "contracts": {
            **{name: contract(address(chain, 5)) for name in REQUIRED_CONTRACTS},
            "Treasury": contract(TREASURIES[chain]),
        },
        "routes": [
            {
                "asset": asset,
                "name": name,
                "kind": kind,
                "lanes": lanes,
                "address": address(chain, 20 + number),
                **facts,
            }
            for number, (asset, name, kind, lanes, facts) in enumerate(known)
        ],
        "venues": {"USDC": [VENUE]},
        "external": {"multicall3": address(chain, 30)},
    }


def text(more: str = "") -> str:
    """Return the text of the settings."""
    chains = "".join(
        f'[chains.{name}]\nchain_id = {number}\nrpc_urls = ["http://127.0.0.1:{8545 + place}"]\n'
        f'[treasury.chains.{name}]\nsigner = "treasury"\nbase = {{ USDC = "100000" }}\n'
        for place, (name, number) in enumerate(IDS.items())
    )
    signer = '[signers.treasury]\nkind = "private_key_env"\nvariable = "TREASURY_KEY"\n'
    return f"{chains}{signer}{more}"


def settings_in(folder: Path, more: str = "") -> Settings:
    """Write settings and deployments, and load them."""
    (folder / "deployments").mkdir(exist_ok=True)
    for chain in IDS:
        file = folder / "deployments" / f"{chain}.treasury.json"
        file.write_text(json.dumps(document(chain)))
    (folder / "ballast.toml").write_text(text(more))
    return load_settings(folder / "ballast.toml")


def terms(
    *, source: str = HERE, destination: str = THERE, asset: str = "USDC", route: str = "CCTP"
) -> TransferTerms:
    """Return the terms of a transfer of 100,000."""
    return TransferTerms(
        source_chain=IDS[source],
        source_treasury=TREASURIES[source],
        destination_chain=IDS[destination],
        destination_treasury=TREASURIES[destination],
        asset=asset,
        amount=100_000 * 10**6,
        min_received=99_900 * 10**6,
        route=route,
        nonce=7,
    )
