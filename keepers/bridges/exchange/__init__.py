"""An exchange as a bridge: deposit on one chain, withdraw on another. Needs `ballast[exchange]`."""
