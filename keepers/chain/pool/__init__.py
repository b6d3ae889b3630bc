"""Pool of the nodes of one chain: reads at the highest agreed head, sends to all."""

from keepers.chain.pool.failover import FailoverReader
from keepers.chain.pool.members import Members
from keepers.chain.pool.node_status import PoolPolicy
from keepers.chain.pool.pool import NodePool

__all__ = ["FailoverReader", "Members", "NodePool", "PoolPolicy"]
