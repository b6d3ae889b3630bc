"""The fault matrix: which faults the transaction engine bears, and which tests show it."""
