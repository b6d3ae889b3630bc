"""Tests of treasuries built from settings and deployments: lanes and contradictions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from keepers.config import DeploymentError, load_settings
from keepers.model.errors import InputError
from keepers.model.transaction_records import sender_scope
from keepers.model.transfer_record import PlacementVerb, TransferWork
from keepers.runtime.owners import chosen_owner, owner_named, senders_named
from keepers.runtime.process.owner import OwnedKey
from keepers.runtime.process.transaction_engine import sending_policy
from keepers.runtime.transactions.pauses import scopes_of
from keepers.runtime.treasury.setup import set_up_treasury
from tests.unit.runtime.treasury.world import (
    HERE,
    IDS,
    KEY,
    SENDER,
    THERE,
    TREASURIES,
    VENUE,
    document,
    settings_in,
)

VAULT = f"""
[vaults.main]
chain = "{HERE}"
signer = "keeper"

[signers.keeper]
kind = "private_key_env"
variable = "KEEPER_KEY"
"""


def test_ways__between_all_chains_that_have_the_route(tmp_path: Path) -> None:
    setup = set_up_treasury(settings_in(tmp_path))
    found = {(w.source_route.name, w.source.name, w.destination.name) for w in setup.lanes()}
    chains = [*IDS]
    assert {each for each in found if each[0] == "CCTP"} == {
        ("CCTP", one, other) for one in chains for other in chains if one != other
    }
    assert {each for each in found if each[0] == "OFT"} == {
        ("OFT", HERE, THERE),
        ("OFT", THERE, HERE),
    }


def test_ways__route_that_the_other_chain_lacks__is_none(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    content = document(THERE)
    content["routes"] = [each for each in content["routes"] if each["name"] != "OFT"]
    file = tmp_path / "deployments" / f"{THERE}.treasury.json"
    file.write_text(json.dumps(content))
    found = {
        (lane.source_route.name, lane.source.name) for lane in set_up_treasury(settings).lanes()
    }
    assert ("OFT", HERE) not in found
    assert ("CCTP", HERE) in found


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("USDC =", "DAI =", r"base\.DAI: is not an asset of the deployments file"),
        ('base = { USDC = "100000" }',
         f'base = {{ USDT = "5" }}\ninvest = {{ USDT = "{VENUE}" }}',
         r"invest\.USDT: .* is not a venue of USDT"),
    ],
)  # fmt: skip
def test_set_up__what_is_not_deployed__is_told(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    settings_in(tmp_path)
    file = tmp_path / "ballast.toml"
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=problem):
        set_up_treasury(load_settings(file))


def test_set_up__file_of_another_chain__is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    file = tmp_path / "deployments" / f"{THERE}.treasury.json"
    file.write_text(json.dumps(document(HERE)))
    with pytest.raises(DeploymentError, match="but the settings have"):
        set_up_treasury(settings)


def test_senders__of_the_treasuries__are_one_for_each_chain(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    found = senders_named(settings, None)
    assert [each.name for each in found] == [f"treasury on {name}" for name in IDS]
    assert {each.owner for each in found} == {"treasury"}
    assert found[0].tokens[VENUE].symbol == "a venue of USDC"
    assert set(found[0].interpreters) == {
        *(TransferWork.TRANSFER_OUT, TransferWork.TRANSFER_IN),
        *(PlacementVerb.INVEST, PlacementVerb.DIVEST),
    }
    assert sending_policy(found[0].chain, found[0].limits).fees.maximum == 200 * 10**9


def test_owner__is_the_treasuries_where_they_are_named_or_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BALLAST_VAULT", raising=False)
    alone, beside = settings_in(tmp_path), settings_in(tmp_path, VAULT)
    assert chosen_owner(alone, None).name == "treasury"
    assert chosen_owner(beside, None).name == "main"
    assert chosen_owner(beside, "treasury").name == "treasury"
    monkeypatch.setenv("BALLAST_VAULT", "treasury")
    assert chosen_owner(beside, None).name == "treasury"
    assert owner_named(beside, "main").keys == (OwnedKey("main", IDS[HERE], "keeper"),)
    assert owner_named(alone, "treasury").keys == tuple(
        OwnedKey("treasury", number, "treasury") for number in IDS.values()
    )


def test_pause__of_the_treasuries__is_of_their_key_on_every_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREASURY_KEY", KEY)
    settings = settings_in(tmp_path, VAULT)
    found = scopes_of(settings, cast("Any", None), "treasury", everything=False)
    assert found == tuple(sender_scope(number, SENDER) for number in IDS.values())


def test_addresses__are_those_of_the_file(tmp_path: Path) -> None:
    chain = set_up_treasury(settings_in(tmp_path)).chains[HERE]
    assert chain.addresses.treasury == TREASURIES[HERE]
    assert ("USDT", "EXCHANGE") in chain.addresses.routes
