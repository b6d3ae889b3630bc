"""Run the command line."""

from scripts.network.cli import main

main()
