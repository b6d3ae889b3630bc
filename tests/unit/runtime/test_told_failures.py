"""Tests of failed work: it is reported, and its stored messages are still delivered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
import structlog

from keepers.model.errors import BallastError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.errors.transaction import LeaseHeldError, NotSettledError
from keepers.model.notice import Notice, Severity
from keepers.model.run import RunStatus, StepStatus
from keepers.runtime.process import notifications as notifying
from keepers.runtime.process import runtime as building
from keepers.runtime.vault import keeper as keeper_module
from keepers.runtime.vault.keeper import PipelineKeeper

NOBODY: Any = None
SETTINGS: Any = SimpleNamespace(notifications=SimpleNamespace(urls=("json://hook",)))


class Courier:
    def __init__(self) -> None:
        self.rounds = 0

    async def deliver(self) -> None:
        self.rounds += 1


class Heard:
    def __init__(self) -> None:
        self.reported: list[Notice] = []
        self.over: list[str] = []

    def report(self, notice: Notice) -> None:
        self.reported.append(notice)

    def recovered(self, key: str, text: str) -> None:
        assert text
        self.over.append(key)


def telling(heard: Heard) -> Any:
    keeper = PipelineKeeper(NOBODY, "main", NOBODY, NOBODY, arm=True)
    return keeper._reporting(heard)  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("armed", [True, False])
async def test_messages__of_work_that_failed__leave_if_it_was_armed(
    monkeypatch: pytest.MonkeyPatch, armed: bool
) -> None:
    courier = Courier()

    def notification_sender_of(*_: object) -> Courier:
        return courier

    monkeypatch.setattr(notifying, "notification_sender_of", notification_sender_of)
    with pytest.raises(BallastError, match="stale"):
        async with notifying.delivering(SETTINGS, cast("Any", None), armed=armed):
            raise BallastError("a price is stale")
    assert courier.rounds == int(armed)


async def test_messages__address_is_none__does_not_undo_work_that_is_done() -> None:
    told = SimpleNamespace(
        urls=("nonsense://hook",), minimum_severity=Severity.INFO, reminder_hours=6
    )
    settings: Any = SimpleNamespace(notifications=told)
    with structlog.testing.capture_logs() as logs:
        async with notifying.delivering(settings, NOBODY, armed=True):
            pass
    (error,) = [each for each in logs if each["log_level"] == "error"]
    assert error["event"] == "messages_not_sent"
    assert "hook" not in error["reason"]


def test_check__that_cannot_be_made__is_told_with_its_reason() -> None:
    heard = Heard()
    with pytest.raises(BallastError), telling(heard):
        raise BallastError("a price is stale")
    (notice,) = heard.reported
    assert notice.key == "check:main"
    assert "a price is stale" in notice.text
    assert heard.over == []


def test_check__that_is_made__ends_what_was_told() -> None:
    heard = Heard()
    with telling(heard):
        pass
    assert (heard.reported, heard.over) == ([], ["check:main"])


def test_check__of_another_process__is_no_trouble() -> None:
    heard = Heard()
    with pytest.raises(LeaseHeldError), telling(heard):
        raise LeaseHeldError("the vault", "somebody else")
    assert (heard.reported, heard.over) == ([], [])


@pytest.mark.parametrize(
    ("status", "reported", "over"),
    [
        (RunStatus.FAILED, ["upkeep:main"], []),
        (RunStatus.PARTIAL, ["upkeep:main"], []),
        (RunStatus.DONE, [], ["upkeep:main"]),
        (None, [], ["upkeep:main"]),
    ],
)
async def test_upkeep__that_does_not_succeed__is_told(
    monkeypatch: pytest.MonkeyPatch,
    status: RunStatus | None,
    reported: list[str],
    over: list[str],
) -> None:
    step = SimpleNamespace(
        status=StepStatus.FAILED, step=SimpleNamespace(reason="cash covers batch 7")
    )
    record = SimpleNamespace(
        status=status,
        reason="the gas limit",
        steps=(step,),
        ending="",
        run=SimpleNamespace(run_id="r1"),
    )

    async def upkeep(_: object, *, armed: bool) -> Any:
        assert armed
        return None if status is None else record

    heard = Heard()
    monkeypatch.setattr(keeper_module, "run_maintenance", upkeep)
    work: Any = SimpleNamespace(maintenance=None, armed=True, tiers=SimpleNamespace(notifier=heard))
    keeper = PipelineKeeper(NOBODY, "main", NOBODY, NOBODY, arm=True)
    await keeper._maintain(work)  # pyright: ignore[reportPrivateUsage]
    assert ([each.key for each in heard.reported], heard.over) == (reported, over)
    assert all("batch 7: the gas limit" in each.text for each in heard.reported)


@pytest.mark.parametrize("problem", [None, StoreUnavailableError("gone")])
def test_runs__are_measured_also_where_work_is_stuck_in_one(
    monkeypatch: pytest.MonkeyPatch, problem: Exception | None
) -> None:
    measured: list[str] = []

    def sample_runs(_: object, __: object) -> None:
        measured.append("main")
        if problem is not None:
            raise problem

    def sample_notifications(_: object, __: object) -> None:
        measured.append("messages")

    monkeypatch.setattr(building, "sample_notifications", sample_notifications)
    sampled = building.measured(NOBODY, NOBODY, sample_runs)
    with pytest.raises(NotSettledError), sampled:
        raise NotSettledError.after(1, "SENT", 300)
    assert measured == (["main", "messages"] if problem is None else ["main"])
