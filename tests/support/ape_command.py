"""Ape's command line as a module, as `copies.py` runs it."""

from ape._cli import cli

if __name__ == "__main__":
    cli(prog_name="ape")
