"""`ballast run` as a process that runs until it is stopped."""
