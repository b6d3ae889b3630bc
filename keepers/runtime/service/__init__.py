"""`ballast run` as a process that goes on until it is told to stop."""
