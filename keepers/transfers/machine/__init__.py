"""State machine, ports and notifications of transfers between chains."""
