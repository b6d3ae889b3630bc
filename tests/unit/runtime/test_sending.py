"""Tests of the sending policy made from settings, and of the lease holder's name."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from keepers.config.model import ChainSettings, VaultSettings
from keepers.model.chain_view import FeeLimits
from keepers.model.transaction_states import AttemptKind
from keepers.runtime.process import transaction_engine as sending
from keepers.runtime.process.transaction_engine import holder_of, sending_policy
from keepers.transactions.sender_context import SendingPolicy

GWEI = 10**9
VAULT = VaultSettings(chain="c", signer="s")


def chain(**changes: Any) -> ChainSettings:
    facts: dict[str, Any] = {"chain_id": 1, "rpc_urls": ["http://a"]}
    return ChainSettings(deployments=Path("d.json"), **facts | changes)


def test_policy__of_the_defaults() -> None:
    assert sending_policy(chain(), VAULT) == SendingPolicy(
        fees=FeeLimits(maximum=200 * GWEI, priority=2 * GWEI, rise_bps=1_250),
        minimum_balance=0,
        maximum_in_flight=16,
        bump_after_blocks=3,
        confirmations=15,
        finality_blocks=64,
        trust_tags=True,
        foreign_after_blocks=14,
        private=False,
        public_after_blocks=None,
        cancel_reverting=False,
        poll_seconds=0.5,
        stalled_head_seconds=600,
    )


@pytest.mark.parametrize(
    ("setting", "value", "field", "wanted"),
    [
        ("bump_after_blocks", 7, "bump_after_blocks", 7),
        ("maximum_in_flight", 2, "maximum_in_flight", 2),
        ("finality_blocks", 9, "finality_blocks", 9),
        ("trust_finality_tags", False, "trust_tags", False),
        ("confirmations", 3, "confirmations", 3),
        ("confirmations", 3, "foreign_after_blocks", 2),
        ("confirmations", 1, "foreign_after_blocks", 0),
        ("private_relay_urls", ["http://relay"], "private", True),
        ("public_after_blocks", 25, "public_after_blocks", 25),
        ("cancel_reverting", True, "cancel_reverting", True),
        ("poll_interval_seconds", "0.25", "poll_seconds", 0.25),
        ("stalled_head_seconds", 60, "stalled_head_seconds", 60),
    ],
)
def test_policy__each_setting_of_the_chain__reaches_the_engine(
    setting: str, value: object, field: str, wanted: object
) -> None:
    assert getattr(sending_policy(chain(**{setting: value}), VAULT), field) == wanted


def test_policy__fees_of_the_vault_and_rise_of_the_chain() -> None:
    vault = VAULT.model_copy(
        update={"maximum_fee_per_gas_wei": 70, "maximum_priority_fee_per_gas_wei": 7}
    )
    policy = sending_policy(chain(bump_rise_bps=2_000), vault)
    assert policy.fees == FeeLimits(maximum=70, priority=7, rise_bps=2_000)
    assert policy.limits_of(AttemptKind.BUMP) == policy.fees
    assert policy.limits_of(AttemptKind.CANCEL).maximum == 140


def test_holder__of_a_file__is_the_machine_whatever_the_process() -> None:
    # Locks exclude other processes from the file, so a restart may take its leases at once.
    assert holder_of("sqlite:////data/x.sqlite") == holder_of("sqlite:///y") == socket.gethostname()


def test_holder__of_a_server__is_nobody_elses() -> None:
    url = "postgresql+psycopg://keeper:hunter2@db/ballast"
    names = {holder_of(url) for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith(f"{socket.gethostname()}:") for name in names)
    assert not any("hunter2" in name for name in names)


async def test_engine__lease_is_measured_under_the_name_that_holds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names: list[str] = []

    class Engine:
        async def report_unknown_past(self) -> None: ...

    @asynccontextmanager
    async def engine_with(*_: Any, holder: str, **__: Any) -> AsyncGenerator[Engine]:
        names.append(holder)
        yield Engine()

    class Nodes:
        def health(self) -> None: ...

    class Measured:
        def end(self) -> None: ...

        def sample(self, _: object, holder: str, __: object) -> None:
            names.append(holder)

    monkeypatch.setattr(sending, "_engine", engine_with)

    def pool_of(*_: object) -> AbstractAsyncContextManager[Nodes]:
        return nullcontext(Nodes())

    def make_auditor(*_: object) -> None: ...

    monkeypatch.setattr(sending, "pool_of", pool_of)
    monkeypatch.setattr(sending, "make_auditor", make_auditor)
    settings: Any = SimpleNamespace(database="postgresql+psycopg://host/ballast")
    setup: Any = SimpleNamespace(limits=VAULT, chain=chain(), tokens={}, least_gas=None)
    signer, told = cast("Any", SimpleNamespace(address="0x")), cast("Any", Measured())
    ledger = cast("Any", None)
    async with sending.engine_of(settings, setup, ledger, signer, told, armed=True):
        pass
    assert len(names) == 2
    assert names[0] == names[1]
