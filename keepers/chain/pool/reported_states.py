"""What a process has already said of its nodes, so that several pools of one node say it once."""

from __future__ import annotations

from dataclasses import dataclass, field

from keepers.model.node_health import NodeRole, NodeState

CALM_SECONDS = 60.0
"""A pool that sees no change says that a node does well if others have not failed for so long."""

Whose = tuple[int, str, NodeRole]
"""A node by its chain, its address as it is shown, and what it is asked for."""


@dataclass(slots=True)
class Told:
    """The state of each node that was last told, and when; shared by the pools of a process."""

    _last: dict[Whose, tuple[NodeState, float]] = field(
        default_factory=dict[Whose, tuple[NodeState, float]]
    )

    def is_news(self, whose: Whose, before: NodeState, state: NodeState, now: float) -> bool:
        """Whether what a pool sees of a node is to be told; it counts as told then.

        Args:
            whose: The node.
            before: How this pool saw it before.
            state: How this pool sees it now.
            now: Seconds that only grow.
        """
        told, at = self._last.get(whose, (NodeState.UNTRIED, now))
        if state is told or (state is before and now - at < CALM_SECONDS):
            return False
        self._last[whose] = (state, now)
        return state is not NodeState.HEALTHY or told is not NodeState.UNTRIED
