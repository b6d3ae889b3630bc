"""What is known of one node: whether it answers, of which chain it is, how far it is."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from keepers.chain.pool.policy import PoolPolicy
from keepers.chain.pool.reported_states import Told, Whose
from keepers.model.node_health import NodeHealth, NodeState

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Standing:
    """The state of a node; each change is logged once, however many pools see it."""

    def __init__(
        self, whose: Whose, policy: PoolPolicy, clock: Callable[[], float], told: Told
    ) -> None:
        self.failures = 0
        self.head: int | None = None
        self.behind = 0
        self._whose = whose
        _, self._node, self._role = whose
        self._told = told
        self._policy = policy
        self._clock = clock
        self._rests_until = 0.0
        self._reason = ""
        self._state = NodeState.UNTRIED

    @property
    def state(self) -> NodeState:
        """How it does."""
        return self._state

    @property
    def resting(self) -> bool:
        """Whether it failed so recently that it is left alone."""
        return self.failures > 0 and self._clock() < self._rests_until

    def health(self) -> NodeHealth:
        """The same for people."""
        return NodeHealth(
            node=self._node,
            role=self._role,
            state=self._state,
            reason=self._reason,
            head=self.head,
            behind=self.behind,
            failures=self.failures,
        )

    def answered(self) -> None:
        """It answered, if only with a no."""
        self.failures = 0
        self._settle()

    def failed(self, reason: str) -> None:
        """It did not answer, or not so that it could be read."""
        self._rest()
        self._become(NodeState.FAILING, reason)

    def is_of_another_chain(self, reason: str) -> None:
        """It must not be used; it is looked at again after a rest."""
        self._rest()
        self._become(NodeState.WRONG_CHAIN, reason)

    def saw(self, head: int, agreed: int) -> None:
        """It told of its newest block, and a quorum agreed on another one or the same."""
        self.head = head
        self.behind = max(agreed - head, 0)
        if self.failures == 0:
            self._settle()

    def _settle(self) -> None:
        if self.behind > self._policy.lag_blocks:
            self._become(NodeState.BEHIND, f"it is {self.behind} blocks behind the others")
        else:
            self._become(NodeState.HEALTHY, "")

    def _rest(self) -> None:
        self.failures += 1
        self._rests_until = self._clock() + self._policy.backoff(self.failures)

    def _become(self, state: NodeState, reason: str) -> None:
        before, self._state, self._reason = self._state, state, reason
        if not self._told.is_news(self._whose, before, state, self._clock()):
            return
        facts = {"node": self._node, "role": self._role.value, "before": before.value}
        if state is not NodeState.HEALTHY:
            _log.warning("node changed", **facts, state=state.value, reason=reason)
        else:
            _log.warning("node changed", **facts, state=state.value)
