"""Treasury bindings of the keeper."""
