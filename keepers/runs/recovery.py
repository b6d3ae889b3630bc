"""Interruption of runs: signed transactions are awaited, unsigned intents withdrawn."""

from __future__ import annotations

from keepers.model.errors import BallastError
from keepers.model.errors.run import ArmRequiredError
from keepers.model.run import RunRecord
from keepers.model.transaction_records import IntentRecord
from keepers.model.transaction_states import IntentState, RequestedAction
from keepers.runs.strategy import RunPorts


class OtherChainError(BallastError):
    """The vault's interrupted run belongs to another chain than the settings."""

    def __init__(self, run_id: str, then: int, now: int) -> None:
        super().__init__(
            f"run {run_id} was interrupted on chain {then}, but the settings say {now}; "
            "restore the settings and run again to resolve it"
        )
        self.run_id = run_id


def interrupted_run(ports: RunPorts) -> RunRecord | None:
    """Return the vault's open run, or None.

    Raises:
        OtherChainError: The run cannot be resolved on this chain.
    """
    record = ports.store.open_run_of(ports.vault)
    if record is not None and record.run.chain_id != ports.chain_id:
        raise OtherChainError(record.run.run_id, record.run.chain_id, ports.chain_id)
    return record


async def interrupt_run(ports: RunPorts, run_id: str, reason: str, *, armed: bool) -> None:
    """Withdraw a run's unsigned intents, then wait for the signed ones.

    Waiting first would get the unsigned ones signed. Raises as `interrupt_intent`.
    """
    found = await ports.transactions.of_run(run_id)
    for intent in sorted(found, key=lambda each: each.is_signed):
        await interrupt_intent(ports, run_id, intent, reason, armed=armed)


async def interrupt_intent(
    ports: RunPorts, run_id: str, intent: IntentRecord, reason: str, *, armed: bool
) -> None:
    """Withdraw an intent, or wait for its outcome if it is signed; nothing more is signed.

    Args:
        ports: The ports.
        run_id: The intent's run.
        intent: The intent.
        reason: The recorded reason.
        armed: Whether stored transactions may be resent; otherwise only receipts are read.

    Raises:
        ArmRequiredError: A transaction must be resent, and the keeper is not armed.
        NotSettledError: The outcome is not known in time.
    """
    transactions = ports.transactions
    if intent.has_ended:
        return
    if not intent.is_signed and intent.state is not IntentState.DISPLACED:
        await transactions.withdraw(intent.intent_id, reason)
        return
    if not armed:
        await transactions.run_pass()
        if not (await transactions.intent(intent.intent_id)).is_included:
            raise ArmRequiredError(run_id, intent.intent_id)
        return
    await transactions.want(intent.intent_id, RequestedAction.STOP, reason)
    seconds = ports.policy.confirmation_timeout_seconds
    ended = await transactions.settle(intent.intent_id, seconds)
    ports.progress(f"transaction {ended.intent_id}: {ended.state.lower()}")
