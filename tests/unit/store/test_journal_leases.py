"""A run repository with a lease is fenced: after the loss of the lease it writes nothing."""

import pytest

from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.run import RunStatus, Stage
from keepers.store.database import Database
from keepers.store.leases import HeldLease
from keepers.store.runs import RunRepository
from tests.unit.store.ledger.samples import StillClock
from tests.unit.store.samples import SAMPLE, run, step

SECONDS = 60


def leased(ledger: Database, holder: str) -> RunRepository:
    return RunRepository(ledger, HeldLease(ledger, "vault:main", holder, SECONDS))


def test_write__lease_is_somebody_elses__is_refused(ledger: Database) -> None:
    leased(ledger, "one").open_run(run())
    with pytest.raises(LeaseHeldError, match="one holds the lease on vault:main"):
        leased(ledger, "two").record_stage("r1", Stage.PLAN, {})


def test_write__lease_is_renewed__goes_on_for_longer_than_it_lasts(
    ledger: Database, clock: StillClock
) -> None:
    journal = leased(ledger, "one")
    journal.open_run(run())
    for _ in range(4):
        clock.advance(SECONDS * 0.75)
        journal.record_sample(SAMPLE)
    assert len(journal.samples("main")) == 4
    with pytest.raises(LeaseHeldError):
        leased(ledger, "two").record_sample(SAMPLE)


def test_write__lease_ran_out_and_nobody_took_it__is_taken_again(
    ledger: Database, clock: StillClock
) -> None:
    journal = leased(ledger, "one")
    journal.open_run(run())
    clock.advance(SECONDS + 1)
    journal.record_stage("r1", Stage.PLAN, {})
    assert len(journal.run("r1").stages) == 1


def test_writes__after_another_keeper_took_the_lease__are_refused(
    ledger: Database, clock: StillClock
) -> None:
    first, second = leased(ledger, "one"), leased(ledger, "two")
    first.open_run(run())
    (step_id,) = first.add_steps("r1", [step()])
    clock.advance(SECONDS + 1)
    second.record_stage("r1", Stage.PLAN, {})
    before = second.run("r1")
    with pytest.raises(LeaseHeldError, match="two"):
        first.record_stage("r1", Stage.RISK, {})
    with pytest.raises(LeaseHeldError):
        first.skip_step(step_id, "the run has ended")
    with pytest.raises(LeaseHeldError):
        first.close_run("r1", RunStatus.FAILED, None)
    assert second.run("r1") == before


def test_write__lease_is_taken_between_looking_and_writing__is_stale(
    ledger: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = HeldLease(ledger, "vault:main", "one", SECONDS)
    first, second = RunRepository(ledger, lease), leased(ledger, "two")
    first.open_run(run())
    monkeypatch.setattr(lease, "acquire", lambda: None)  # it checked the lease just before
    clock.advance(SECONDS + 1)
    second.record_stage("r1", Stage.PLAN, {})
    before = second.run("r1")
    with pytest.raises(
        StaleLeaseError, match="vault:main of epoch 1 has expired; nothing was written"
    ):
        first.record_stage("r1", Stage.RISK, {})
    with pytest.raises(StaleLeaseError):
        first.close_run("r1", RunStatus.FAILED, None)
    assert second.run("r1") == before


def test_close__gives_the_lease_back(ledger: Database) -> None:
    first = leased(ledger, "one")
    first.open_run(run())
    first.close()
    second = leased(ledger, "two")
    second.record_stage("r1", Stage.PLAN, {})
    assert len(second.run("r1").stages) == 1


def test_read__needs_no_lease(ledger: Database) -> None:
    leased(ledger, "one").open_run(run())
    assert leased(ledger, "two").open_run_of("main") is not None
