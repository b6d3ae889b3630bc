"""Metrics for Prometheus: a file for node_exporter's textfile collector, or a server."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from prometheus_client import generate_latest, start_http_server

from keepers.model.errors import InputError
from keepers.telemetry.metrics import Metrics

OPTION = "--metrics-file"
READABLE = 0o644
"""node_exporter is another user."""


@contextmanager
def serving(metrics: Metrics, host: str, port: int) -> Generator[str]:
    """Serve metrics over HTTP, without encryption: bind it to an address that you trust.

    Args:
        metrics: What to serve.
        host: The address to listen at.
        port: The port; 0 takes a free one.

    Yields:
        The URL.
    """
    server, thread = start_http_server(port, addr=host, registry=metrics.registry)
    try:
        yield f"http://{host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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
