"""What goes to a node and comes from it, without one."""
