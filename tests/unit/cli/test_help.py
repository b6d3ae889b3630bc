"""Tests of the help text: all groups are covered, and summaries are not cut."""

import click
import pytest
from click.testing import CliRunner

from keepers.cli.main import cli

GROUPS = pytest.mark.parametrize(
    "group", ["", "config", "instructions", "plan", "recurring", "transfers", "txs", "validator"]
)


@GROUPS
def test_help__lists_of_commands__have_whole_summaries(group: str) -> None:
    said = CliRunner().invoke(cli, [*group.split(), "--help"], terminal_width=80)

    assert "Commands:" in said.output
    assert "..." not in said.output.partition("Commands:")[2]


def test_help__every_group__is_among_these() -> None:
    with click.Context(cli) as context:
        names = cli.list_commands(context)
        groups = [n for n in names if isinstance(cli.get_command(context, n), click.Group)]

    assert groups == [
        "config",
        "instructions",
        "plan",
        "recurring",
        "transfers",
        "txs",
        "validator",
    ]


def test_help__approve__needs_no_run() -> None:
    said = CliRunner().invoke(cli, ["approve", "--help"], terminal_width=80)

    assert "approve [OPTIONS] [RUN]" in said.output
