"""Read the input of a command and write its output."""

from pathlib import Path

import click

from keepers.cli.lazy import ANSWERED
from keepers.model.errors import InputError
from keepers.model.json_document import Json, readable_json
from keepers.planning.files.document import WHOLE_INPUT

STANDARD_INPUT = "-"
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of the largest planning file that is read."""


def read_input(name: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`.

    Raises:
        InputError: It cannot be read, or is larger than any planning file.
    """
    try:
        if name == STANDARD_INPUT:
            data = click.get_binary_stream("stdin").read(LARGEST_FILE + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError, RuntimeError) as error:
        # A standard input that is closed is a RuntimeError of click's.
        reason = error.strerror if isinstance(error, OSError) else "the input does not exist"
        raise InputError(WHOLE_INPUT, f"cannot read {name!a}: {reason}") from error
    if len(data) > LARGEST_FILE:
        raise InputError(WHOLE_INPUT, f"is larger than {LARGEST_FILE} bytes")
    return data


def print_json(document: dict[str, Json]) -> None:
    """Print one JSON object on standard output, in UTF-8 whatever the terminal says."""
    text = readable_json(document)
    click.echo(text.encode("utf-8"))
    if (context := click.get_current_context(silent=True)) is not None:
        context.meta[ANSWERED] = True


def write_text(option: str, file: Path, text: str) -> None:
    """Write a file whose name an option gives.

    Raises:
        InputError: It cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(option, f"cannot write {file}: {error.strerror}") from error
