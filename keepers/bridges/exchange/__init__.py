"""An exchange as a bridge: deposited here, withdrawn there. Needs `ballast[exchange]`."""
