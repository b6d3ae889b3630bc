"""Parts of a process: database and locks, leases, nodes, keys, engine, telemetry, messages."""
