"""How a transaction lives: its states, their one table of legal moves, and what is known of it.

Origin: design, section 8 (the transaction engine and its eight rules). The table is drawn in
`docs/reference/transaction-states.md`; the database refuses every other move.
"""
