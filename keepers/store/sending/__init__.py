"""The ledger of the transaction engine: its durable journal, written in named transactions.

Every write goes through `Ledger.transact`, which checks the writer's lease and names the place at
which a test can kill the process. The functions of this package take the `Writing` that it hands
out, so that several of them can be one transaction.
"""
