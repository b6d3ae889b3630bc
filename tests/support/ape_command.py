"""Ape's command line as a module that `copies.py` can run."""

from ape._cli import cli

if __name__ == "__main__":
    cli(prog_name="ape")
