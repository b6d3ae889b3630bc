"""`python -m keepers.cli` is `ballast`."""

from keepers.cli.main import cli

cli(prog_name="ballast")
