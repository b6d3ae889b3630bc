"""Several nodes of one chain as one: reads of the highest agreed head, writes to all."""

from keepers.adapters.chain.pool.failover import FailoverReader
from keepers.adapters.chain.pool.members import Members
from keepers.adapters.chain.pool.policy import PoolPolicy
from keepers.adapters.chain.pool.pool import NodePool

__all__ = ["FailoverReader", "Members", "NodePool", "PoolPolicy"]
