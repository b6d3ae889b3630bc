"""Metrics for Prometheus in a file, as node_exporter's textfile collector reads it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from prometheus_client import generate_latest

from keepers.model.errors import InputError
from keepers.telemetry.metrics import Metrics

OPTION = "--metrics-file"
READABLE = 0o644
"""node_exporter is another user."""


def read_file(metrics: Metrics, path: Path) -> None:
    """Go on with the counters of a file, if it is there.

    Raises:
        InputError: It cannot be read, or is no metrics file, and is not overwritten then.
    """
    try:
        metrics.go_on_from(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(OPTION, f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(OPTION, f"{path} is there and holds no metrics") from error


def write_file(metrics: Metrics, path: Path) -> None:
    """Replace a file as a whole: whoever reads it sees the old one or the new one.

    Raises:
        InputError: It cannot be written.
    """
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(generate_latest(metrics.registry))
                file.flush()
                os.fsync(file.fileno())
                temporary.chmod(READABLE)
                temporary.replace(path)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise InputError(OPTION, f"cannot write {path}: {error.strerror}") from error
