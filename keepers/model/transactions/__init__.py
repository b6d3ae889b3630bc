"""Life of a transaction: states, the table of legal moves, and records.

Origin: design, section 8 (the transaction engine and its eight rules). The table is drawn in
`docs/reference/transaction-states.md`; the database refuses every other move.
"""
