"""State of one node: whether it responds, its chain, and its distance from the head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from keepers.model.chain import NodeHealth, NodeRole, NodeState

PAIR = 2
"""Up to this number of nodes, one is enough; the second serves for failover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPolicy:
    """Quorum, time limits and pauses of the nodes of a chain.

    Attributes:
        quorum: Readers that have to agree; None for one of up to two, or a majority of more.
        lag_blocks: Distance from the agreed head above which a node counts as behind.
        search_blocks: Blocks below the tip to search for one that a quorum has.
        request_seconds: Time limit of a response.
        backoff_seconds: Pause of a node after a failure, doubled by each further failure.
        longest_backoff_seconds: Longest pause.
        compare_seconds: Interval at which the failover reader compares all nodes.
    """

    quorum: int | None = None
    lag_blocks: int = 5
    search_blocks: int = 8
    request_seconds: float = 10.0
    backoff_seconds: float = 1.0
    longest_backoff_seconds: float = 30.0
    compare_seconds: float = 15.0

    def quorum_of(self, readers: int) -> int:
        """Return the number of readers that have to agree."""
        if self.quorum is not None:
            return self.quorum
        return 1 if readers <= PAIR else readers // 2 + 1

    def backoff(self, failures: int) -> float:
        """Return the pause in seconds after a number of failures in a row, at least one."""
        doublings = min(failures - 1, 30)
        return min(self.backoff_seconds * 2**doublings, self.longest_backoff_seconds)


CALM_SECONDS = 60.0
"""Time without a report after which an unchanged but unreported state is reported."""

NodeKey = tuple[int, str, NodeRole]
"""Chain, masked address and role of a node."""


@dataclass(slots=True)
class ReportedStates:
    """Last reported state of each node, with its time; shared by the pools of a process."""

    _last: dict[NodeKey, tuple[NodeState, float]] = field(
        default_factory=dict[NodeKey, tuple[NodeState, float]]
    )

    def is_change(self, node_key: NodeKey, before: NodeState, state: NodeState, now: float) -> bool:
        """Return whether a node's state is to be reported; it then counts as reported.

        Args:
            node_key: The node.
            before: Previous state known to this pool.
            state: Current state known to this pool.
            now: Monotonic seconds.
        """
        reported, at = self._last.get(node_key, (NodeState.UNTRIED, now))
        if state is reported or (state is before and now - at < CALM_SECONDS):
            return False
        self._last[node_key] = (state, now)
        return state is not NodeState.HEALTHY or reported is not NodeState.UNTRIED


_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class NodeStatus:
    """State of a node; each change is logged once, even if several pools detect it."""

    def __init__(
        self,
        node_key: NodeKey,
        policy: PoolPolicy,
        clock: Callable[[], float],
        reported: ReportedStates,
    ) -> None:
        self.failures = 0
        self.head: int | None = None
        self.behind = 0
        self._key = node_key
        _, self._node, self._role = node_key
        self._reported = reported
        self._policy = policy
        self._clock = clock
        self._rests_until = 0.0
        self._reason = ""
        self._state = NodeState.UNTRIED

    @property
    def state(self) -> NodeState:
        """The node's current state."""
        return self._state

    @property
    def resting(self) -> bool:
        """Whether the node failed recently and is paused."""
        return self.failures > 0 and self._clock() < self._rests_until

    def health(self) -> NodeHealth:
        """Return the state as a value."""
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
        """Record a response, which may be a refusal."""
        self.failures = 0
        self._settle()

    def failed(self, reason: str) -> None:
        """Record a missing or unreadable response."""
        self._rest()
        self._become(NodeState.FAILING, reason)

    def is_of_another_chain(self, reason: str) -> None:
        """Record that the node is of another chain; it is paused, then checked again."""
        self._rest()
        self._become(NodeState.WRONG_CHAIN, reason)

    def record_head(self, head: int, agreed: int) -> None:
        """Record the node's newest block and the agreed one."""
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
        if not self._reported.is_change(self._key, before, state, self._clock()):
            return
        facts = {"node": self._node, "role": self._role.value, "before": before.value}
        if state is not NodeState.HEALTHY:
            _log.warning("node changed", **facts, state=state.value, reason=reason)
        else:
            _log.warning("node changed", **facts, state=state.value)
