"""Tests of a vault's audit: its own policy or its deployment's default, and its services."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import function_signature_to_4byte_selector

from keepers.audit.auditor import Auditors
from keepers.chain.codec import Call
from keepers.chain.contracts.vault import AssetController, WeightJudge
from keepers.config import ConfigError, load_settings
from keepers.config.deployment import REQUIRED_CONTRACTS
from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import AuditRefusedError
from keepers.model.weights_run import Swap
from keepers.runtime.process.transaction_engine import make_auditor
from keepers.runtime.vault.sender import sender_of_vault
from keepers.runtime.vault.setup import set_up
from tests.unit.config.conftest import MINIMAL, changed

SENDER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
CONTRACTS = (*REQUIRED_CONTRACTS, "UniswapV3Venue", "AutoVenue", "RedemptionQueue", "WeightJudgeL3")
TOKEN, OTHER = "0x" + "aa" * 20, "0x" + "bb" * 20
TERMS = encode(("uint256", "bytes"), (1_800_000_000, b"\x01" * 43))
FULFIL = function_signature_to_4byte_selector("fulfil(uint256)").hex()

POLICY = f"""
[policies.narrow]
chain_ids = [1000001]
senders = ["{SENDER}"]
maximum_gas_limit = 100000
maximum_fee_per_gas_wei = "1000"
maximum_total_cost_wei = "100000000"
access_list = "any"

[[policies.narrow.rules]]
name = "ping"
target = "{TOKEN}"
function = "ping(uint256 times)"
[[policies.narrow.rules.arguments]]
argument = "times"
at_most = "3"
"""


def contract(place: int) -> dict[str, Any]:
    return {
        "address": f"0x{place + 1:040x}",
        "transaction": "0x" + "ab" * 32,
        "block": 12,
        "arguments": [],
        "code_hash": "0x" + "cd" * 32,
    }


ADDRESSES = {name: contract(place)["address"] for place, name in enumerate(CONTRACTS)}
CONTROLLER = AssetController(ADDRESSES["AssetController"])


def auditor(folder: Path, text: str = MINIMAL) -> Auditors:
    (folder / "deployments").mkdir(exist_ok=True)
    (folder / "deployments" / "ethereum-local.json").write_text(
        json.dumps(
            {
                "network": "ethereum-local",
                "chain_id": 1000001,
                "tokens": {"FUND": {"address": TOKEN, "decimals": 6}},
                "contracts": {name: contract(place) for place, name in enumerate(CONTRACTS)},
                "external": {},
                "block": 40,
            }
        )
    )
    (folder / "ballast.toml").write_text(text)
    settings = load_settings(folder / "ballast.toml")
    return make_auditor(settings, sender_of_vault(set_up(settings, None)), SENDER)


def transaction(target: str, calldata: str, **more: Any) -> Unsigned:
    usual: dict[str, Any] = {"gas_limit": 1_500_000, "fees": Fees(10**9, 1)}
    return Unsigned(chain_id=1000001, nonce=1, call=ContractCall(target, calldata), **usual | more)


def made(call: Call[Any], **more: Any) -> Unsigned:
    return transaction(call.target, f"0x{call.data.hex()}", **more)


@pytest.mark.parametrize(
    "data",
    [b"", TERMS, *(encode(("address", "bytes"), (ADDRESSES[each], TERMS))
                   for each in ("UniswapV3Venue", "AutoVenue"))],
)  # fmt: skip
@pytest.mark.parametrize("verb", [CONTROLLER.purchase, CONTROLLER.redeem])
def test_default_policy__what_the_keeper_sends__is_allowed(
    tmp_path: Path, verb: Any, data: bytes
) -> None:
    auditor(tmp_path).audit(made(verb(TOKEN, 10**12, 1, data)), SENDER)


@pytest.mark.parametrize(
    "refused",
    [
        made(CONTROLLER.purchase(OTHER, 5, 1, b"")),
        made(CONTROLLER.purchase(TOKEN, 5, 1, b"\x01")),
        made(CONTROLLER.purchase(TOKEN, 5, 1, encode(("address", "bytes"), (OTHER, TERMS)))),
        made(CONTROLLER.redeem(TOKEN, 5, 1, TERMS + bytes(32))),
        made(CONTROLLER.redeem(TOKEN, 5, 1, b""), value=1, gas_limit=1),
        made(CONTROLLER.redeem(TOKEN, 5, 1, b""), gas_limit=1_500_001),
        made(CONTROLLER.redeem(TOKEN, 5, 1, b""), fees=Fees(201 * 10**9, 1)),
        made(CONTROLLER.paused()),  # stands for any function that the keeper does not send
        made(replace(CONTROLLER.redeem(TOKEN, 5, 1, b""), target=ADDRESSES["LiquidityVault"])),
    ],
)
def test_default_policy__anything_else__is_refused(tmp_path: Path, refused: Unsigned) -> None:
    with pytest.raises(AuditRefusedError, match="of vault main"):
        auditor(tmp_path).audit(refused, SENDER)


def together(*assets: str) -> Call[Any]:
    """Return a call of several actions with an asset each."""
    steps = [
        (index, 500_000, (1, asset, 5, 1, bytes(32), 0), TERMS)
        for index, asset in enumerate(assets)
    ]
    return CONTROLLER.execute_actions(steps)


def test_default_policy__several_actions__may_use_more_gas_than_one(tmp_path: Path) -> None:
    auditor(tmp_path).audit(made(together(TOKEN, TOKEN), gas_limit=2**24), SENDER)


@pytest.mark.parametrize(
    "refused",
    [
        made(together(TOKEN, OTHER)),
        made(together(TOKEN, TOKEN), gas_limit=2**24 + 1),
        made(together(TOKEN, TOKEN), fees=Fees(201 * 10**9, 1)),
    ],
)
def test_default_policy__several_actions_beyond_the_limits__are_refused(
    tmp_path: Path, refused: Unsigned
) -> None:
    with pytest.raises(AuditRefusedError, match="of vault main"):
        auditor(tmp_path).audit(refused, SENDER)


def test_default_policy__redemptions__can_be_fulfilled_at_the_queue_alone(tmp_path: Path) -> None:
    calldata = "0x" + FULFIL + encode(["uint256"], [5]).hex()
    auditor(tmp_path).audit(transaction(ADDRESSES["RedemptionQueue"], calldata), SENDER)
    with pytest.raises(AuditRefusedError):
        auditor(tmp_path).audit(transaction(ADDRESSES["LiquidityVault"], calldata), SENDER)


def test_default_policy__claims__are_of_listed_tokens_at_the_controller(tmp_path: Path) -> None:
    auditor(tmp_path).audit(made(CONTROLLER.claim(TOKEN)), SENDER)
    for refused in (
        made(CONTROLLER.claim(OTHER)),
        made(replace(CONTROLLER.claim(TOKEN), target=ADDRESSES["RedemptionQueue"])),
        made(CONTROLLER.claim(TOKEN), value=1),
    ):
        with pytest.raises(AuditRefusedError):
            auditor(tmp_path).audit(refused, SENDER)


def test_default_policy__weights__are_of_listed_tokens_at_a_judge(tmp_path: Path) -> None:
    judge = WeightJudge(ADDRESSES["WeightJudgeL3"])
    good = Swap(asset=TOKEN, minimum_out=1, data=TERMS)
    auditor(tmp_path).audit(made(judge.reweigh([good, replace(good, data=b"")])), SENDER)
    for refused in (
        made(judge.reweigh([good, replace(good, asset=OTHER)])),
        made(replace(judge.reweigh([good]), target=ADDRESSES["AssetController"])),
        made(judge.reweigh([good]), value=1),
    ):
        with pytest.raises(AuditRefusedError):
            auditor(tmp_path).audit(refused, SENDER)


def test_make_auditor__named_policy__takes_the_place_of_the_default(tmp_path: Path) -> None:
    text = changed('signer = "keeper"', 'signer = "keeper"\npolicy = "narrow"') + POLICY
    found = auditor(tmp_path, text)
    usual: dict[str, Any] = {"gas_limit": 100_000, "fees": Fees(1000, 1)}
    call = f"0x{function_signature_to_4byte_selector('ping(uint256)').hex()}"
    found.audit(transaction(TOKEN, call + encode(["uint256"], [3]).hex(), **usual), SENDER)
    with pytest.raises(AuditRefusedError, match="policy narrow, rule ping"):
        found.audit(transaction(TOKEN, call + encode(["uint256"], [4]).hex(), **usual), SENDER)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('argument = "times"', 'argument = "time"', "not the name or position"),
        ("ping(uint256 times)", "ping(uint257 times)", "not a type that can be audited"),
        ('at_most = "3"', 'at_most = "three"', "is not of type uint256"),
        ('at_most = "3"', "", "it has no condition"),
        ('at_most = "3"', 'at_mos = "3"', "at_mos: is unknown"),
        ('senders = ["0x7', 'senders = ["0x8', "checksum"),
    ],
)
def test_policy__that_cannot_be__is_a_problem_of_the_settings(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        auditor(tmp_path, MINIMAL + changed(old, new, POLICY))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('policy = "none"', r"there is no \[policies.none\]"),
        ('auditors = ["none"]', r"there is no \[auditors.none\]"),
        ('validator = "none"', r"there is no \[validators.none\]"),
    ],
)
def test_vault__names_what_is_not_there__says_so(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        auditor(tmp_path, changed('signer = "keeper"', f'signer = "keeper"\n{line}'))
