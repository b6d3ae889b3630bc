"""Simulation of a call before it is signed or replaced."""

from __future__ import annotations

from keepers.model.errors.chain import CallRevertedError
from keepers.model.transaction_records import IntentRecord
from keepers.transactions.ports import ResultInterpreter
from keepers.transactions.sender_context import SenderContext


async def simulate(context: SenderContext, intent: IntentRecord, gas: int) -> None:
    """Simulate an intent's call at the head.

    Raises:
        CallRevertedError: It reverts, or succeeds without any effect.
        ChainError: The nodes do not respond.
    """
    new = intent.intent
    result = await context.nodes.simulate(context.sender, new.call, new.value, gas)
    step = await context.read(context.store.step, new.step_id)
    owner = context.interpreters.get(step.kind)
    problem = owner.problem_of(result) if isinstance(owner, ResultInterpreter) else None
    if problem is not None:
        raise CallRevertedError(problem, (), problem)
