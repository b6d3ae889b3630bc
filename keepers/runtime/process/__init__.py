"""Parts of a process: database and locks, leases, nodes, keys, the engine, telemetry, messages."""
