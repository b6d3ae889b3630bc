"""Assembly of processes: owners, their runtimes, the service, and the work of commands."""
