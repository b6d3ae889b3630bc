"""Tests of outcomes read from events of rebalancers, with the contracts' reasons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address

from keepers.chain.codec import event_topic
from keepers.chain.recurring.events import (
    REVERTED_BARE,
    metered_gas,
    name_of,
    read_runs,
)
from keepers.model.chain import Log
from keepers.model.errors.chain import BadAnswerError
from keepers.model.recurring import RunOutcome, RunReport

ROOT = Path(__file__).parents[4]
REGISTRY, TARGET = (to_checksum_address("0x" + each * 20) for each in ("aa", "bb"))
SUBJECT = "0x" + "00" * 12 + "bb" * 20
EMPTY = f"0x{6:064x}"


def log(name: str, topics: tuple[str, ...], types: tuple[str, ...], *values: object) -> Log:
    first = event_topic("PaidRebalancerRegistry", name)
    return Log(REGISTRY, (first, *topics), f"0x{encode(types, values).hex()}")


DONE = log("Rebalanced", (SUBJECT,), ("bool", "uint40", "uint256"), False, 1, 2)
SKIPPED = log("RunSkipped", (SUBJECT, EMPTY), ("uint8", "uint40", "uint256"), 0, 1, 2)
BARE = log("RebalanceFailed", (SUBJECT,), ("bytes32", "uint8"), b"", 1)


def test_runs__each_kind__is_read() -> None:
    assert read_runs((DONE, SKIPPED, BARE)) == (
        RunReport(REGISTRY, TARGET, RunOutcome.DONE),
        RunReport(REGISTRY, TARGET, RunOutcome.SKIPPED, "BucketEmpty"),
        RunReport(REGISTRY, TARGET, RunOutcome.FAILED, REVERTED_BARE),
    )


def test_runs__events_of_another_form__are_left_out() -> None:
    short = Log(REGISTRY, DONE.topics[:1], "0x")
    garbage = Log(REGISTRY, SKIPPED.topics, "0x1234")
    assert read_runs((short, garbage, Log(REGISTRY, (), "0x"), DONE)) == read_runs((DONE,))


def test_reasons__are_those_of_the_contracts() -> None:
    source = (ROOT / "contracts/interfaces/IRebalanceable.sol").read_text()
    found = re.search(r"enum Reason \{([^}]*)\}", source)
    assert found is not None
    names = re.findall(r"\w+", found[1])
    assert [name_of(each) for each in range(len(names))] == names
    assert name_of(len(names)) == f"reason {len(names)}"


EXECUTED = Log(
    REGISTRY,
    (event_topic("TransactionScheduler", "Executed"),),
    f"0x{encode(('bool', 'uint256', 'uint256', 'uint256'), (True, 128_376, 5, 6)).hex()}",
)


def test_metered_gas__one_execution__is_what_the_scheduler_counted() -> None:
    assert metered_gas((DONE, EXECUTED), REGISTRY) == 128_376


@pytest.mark.parametrize(
    "logs", [(), (DONE,), (EXECUTED, EXECUTED), (Log(TARGET, EXECUTED.topics, EXECUTED.data),)]
)
def test_metered_gas__none_several_or_a_strangers__is_unknown(logs: tuple[Log, ...]) -> None:
    assert metered_gas(logs, REGISTRY) is None


def test_metered_gas__another_form__is_an_error() -> None:
    with pytest.raises(BadAnswerError):
        metered_gas((Log(REGISTRY, EXECUTED.topics, "0x12"),), REGISTRY)
