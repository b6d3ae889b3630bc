"""`ballast status --vault treasury` with real treasuries, at each phase of a transfer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from keepers.cli.main import cli
from keepers.runtime.treasury.single_pass import treasury_pass
from tests.integration.transfers.carriers import Order
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.treasuries import (
    ARBITRUM,
    ETHEREUM,
    KEEPER,
    OPTIMISM,
    Treasuries,
)

SIX = 10**6
GWEI = 10**9
Document = dict[str, Any]
Read = Callable[[], Document]
ORDER = Order("CCTP", "USDC", ETHEREUM, ARBITRUM, 12_345 * SIX)


@pytest.fixture
def keeper(
    treasuries: Treasuries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TreasuryKeeper:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    made = TreasuryKeeper(treasuries, tmp_path, f"sqlite:///{tmp_path / 'ballast.sqlite'}")
    made.configure()
    return made


@pytest.fixture
def status(keeper: TreasuryKeeper) -> Callable[..., str]:
    def text(*arguments: str) -> str:
        config = str(keeper.folder / "ballast.toml")
        result = CliRunner(mix_stderr=False).invoke(cli, ["status", "--config", config, *arguments])
        assert result.exit_code == 0, result.stderr
        return result.stdout

    return text


@pytest.fixture
def document(status: Callable[..., str]) -> Read:
    return lambda: json.loads(status("--json", "--vault", "treasury"))


def balance(document: Document, chain: str, asset: str = "USDC") -> Document:
    (found,) = (
        each for each in document["balances"] if (each["name"], each["asset"]) == (chain, asset)
    )
    return found


def test_status__quiet__has_balances_limits_and_addresses(
    keeper: TreasuryKeeper,
    status: Callable[..., str],
    document: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name)  # no key is read
    found = document()
    here = balance(found, OPTIMISM, "USDT")
    assert (here["decimals"], here["idle"], here["effective"]) == (18, "1000000", "1000000")
    assert (here["base"], here["threshold"]) == ("100000", "50000")
    assert (here["deficit"], here["surplus"], here["triggered"]) == ("0", "900000", False)
    assert {each["keeper"] for each in found["chains"]} == {KEEPER.address}
    limits = {(each["chain"], each["limit"], each["asset"], each["of"]) for each in found["limits"]}
    assert ("EVM-1000001", "AUTOMATIC", None, KEEPER.address) in limits
    assert ("EVM-1000001", "ROUTE", "USDC", "CCTP") in limits
    assert found["transfers"] == found["batches"] == found["placements"] == []
    text = status()
    for chain in (ETHEREUM, ARBITRUM, OPTIMISM):
        assert f"treasury {keeper.treasuries.contract(chain).address}: block" in text, "T5"
    assert "900000 above" in text
    assert "Nothing is in progress." in text


def test_status__transfer__counts_once_in_every_phase(
    keeper: TreasuryKeeper, status: Callable[..., str], document: Read
) -> None:
    keeper.begin(ORDER)
    planned = document()
    assert balance(planned, ETHEREUM)["leaving"] == "12345"
    assert balance(planned, ARBITRUM)["coming_from"] == {"TRANSFER_OUT": "12345"}
    asyncio.run(treasury_pass(keeper.settings, arm=True, progress=print))
    crossing = document()
    assert balance(crossing, ETHEREUM)["idle"] == "987655"
    assert balance(crossing, ETHEREUM)["leaving"] == "0"
    assert balance(crossing, ARBITRUM)["coming_from"] == {"CROSS": "12345"}
    assert [each["place"] for each in crossing["transfers"]] == ["CROSS.CROSSING"]
    assert len(crossing["batches"]) == 1
    text = status()
    assert "+12345 at CROSS" in text
    assert "CROSS.CROSSING" in text
    keeper.treasuries.bridges.deliver()
    asyncio.run(treasury_pass(keeper.settings, arm=True, progress=print))
    done = document()
    for phase in (planned, crossing, done):
        assert balance(phase, ETHEREUM)["effective"] == "987655"
        assert balance(phase, ARBITRUM)["effective"] == "1012345"
    assert balance(done, ARBITRUM)["idle"] == "1012345"
    assert done["transfers"] == []


def test_status__triggered__says_so(
    treasuries: Treasuries, status: Callable[..., str], document: Read
) -> None:
    treasuries.funds(ARBITRUM, "USDC", 50_000 * SIX)
    found = balance(document(), ARBITRUM)
    assert (found["triggered"], found["deficit"], found["surplus"]) == (True, "50000", "0")
    assert "TRIGGERED, 50000 missing" in status()


def test_status__chain_down__others_are_shown(
    keeper: TreasuryKeeper, status: Callable[..., str], document: Read
) -> None:
    file = keeper.folder / "ballast.toml"
    url = keeper.treasuries.chains[ARBITRUM].url
    file.write_text(file.read_text().replace(url, "http://127.0.0.1:1"))
    found = document()
    readable = {each["name"]: each["is_readable"] for each in found["chains"]}
    assert readable == {ETHEREUM: True, ARBITRUM: False, OPTIMISM: True}
    assert {each["name"] for each in found["balances"]} == {ETHEREUM, OPTIMISM}
    assert found["unreadable"].keys() == {"USDC", "USDT"}
    assert "Left out of USDC: EVM-1042161 cannot be read" in status()


@pytest.fixture
def usual_fee(treasuries: Treasuries) -> Generator[None]:
    """Restore the base fee afterwards, which a snapshot does not include."""
    chain = treasuries.chains[ETHEREUM]
    before = chain.web3.eth.get_block("latest").get("baseFeePerGas", 0)
    yield
    chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(before))
    chain.mine()


def test_status__gas_above_the_limit__says_which_work_waits_for_which_price(
    keeper: TreasuryKeeper, status: Callable[..., str], document: Read, usual_fee: None
) -> None:
    """C9: earlier, only the alarm reported the gas price, without the work that waits for it."""
    del usual_fee
    assert document()["waiting_for_gas"] == []
    keeper.begin(ORDER)
    chain = keeper.treasuries.chains[ETHEREUM]
    chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(350 * GWEI))
    chain.mine()
    asyncio.run(treasury_pass(keeper.settings, arm=True, progress=print))
    begun, new = document()["waiting_for_gas"]
    assert (begun["kind"], begun["state"], begun["owner"]) == ("TRANSFER_OUT", "QUEUED", "treasury")
    assert (begun["limit_wei"], begun["base_fee_wei"]) == (str(200 * GWEI), str(350 * GWEI))
    assert (new["kind"], new["chain_id"]) == ("NEW", begun["chain_id"])
    assert (
        f"transaction {begun['intent']}, TRANSFER_OUT of the treasury on chain 1000001, waits for "
        "a gas price of 200 gwei or less, the limit maximum_fee_per_gas_wei; it is 350 gwei now\n"
    ) in status()
