"""Where log lines go: standard error, and none but warnings unless asked for."""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class _Unlistened:
    """Standard error that may be closed at any time: a log line must never stop a run."""

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def configure_service_logs() -> None:
    """Log every decision of a service to standard error, each as one line of JSON."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unlistened())),
    )


def configure_logs(*, verbose: bool) -> None:
    """Log to standard error; every request and step when verbose."""
    level = logging.DEBUG if verbose else logging.WARNING
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unlistened())),
    )
