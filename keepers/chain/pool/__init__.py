"""Several nodes of one chain as one: reads of the highest agreed head, writes to all."""

from keepers.chain.pool.failover import FailoverReader
from keepers.chain.pool.members import Members
from keepers.chain.pool.node_status import PoolPolicy
from keepers.chain.pool.pool import NodePool

__all__ = ["FailoverReader", "Members", "NodePool", "PoolPolicy"]
