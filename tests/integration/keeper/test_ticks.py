"""Number of requests per tick: the vault in one multicall, and a plan in one more."""

from __future__ import annotations

from collections import Counter

import pytest

from keepers.config import load_settings
from keepers.model.run import RunStatus
from keepers.model.tier_plan import AUTO
from keepers.runs.tiers.scheduled_check import check_once
from keepers.runtime.vault.runtime import Memory, vault_runtime
from tests.integration.support.deploy import KEEPER_ACCOUNT
from tests.integration.support.fault_proxy import FaultProxy, fault_proxy
from tests.integration.support.keeper import Keeper
from tests.integration.support.upstream import asking


async def test_check__first_and_later__asks_as_little_as_it_can(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second plan of a process knows the pools and feeds, and reads only their values."""
    monkeypatch.setenv("TEST_KEEPER_KEY", f"0x{KEEPER_ACCOUNT.key.hex()}")
    with fault_proxy(asking(keeper.vault.chain.url)) as proxy:
        keeper.configure(url=proxy.url)
        memory = Memory()
        assert await reads_of(keeper, proxy, memory) == {"multicall": 3, "simulation": 2}
        keeper.vault.deposit(1)
        # The same dry run is not recorded twice in a database.
        monkeypatch.setenv("BALLAST_DATABASE", f"sqlite:///{keeper.folder / 'second.sqlite'}")
        assert await reads_of(keeper, proxy, memory) == {"multicall": 2, "simulation": 2}


async def reads_of(keeper: Keeper, proxy: FaultProxy, memory: Memory) -> Counter[str]:
    """Return the reads of a check that plans, by kind."""
    settings = load_settings(keeper.folder / "ballast.toml")
    async with vault_runtime(settings, None, arm=False, progress=print, memory=memory) as work:
        proxy.forget()
        record = await check_once(work.tiers, AUTO, armed=False)
    assert record is not None
    assert record.status is RunStatus.DRY_RUN, record.reason
    multicall3 = keeper.vault.chain.addresses.multicall3.lower()
    names = {"eth_call": "other call", "eth_simulateV1": "simulation"}
    return Counter(
        "multicall" if multicall3 in str(each.params).lower() else names[each.method]
        for each in proxy.calls
        if each.method in names
    )
