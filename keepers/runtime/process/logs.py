"""Log lines on standard error: warnings only, unless more is requested."""

import logging
import sys
from contextlib import suppress
from enum import StrEnum
from typing import TextIO, cast

import structlog

from keepers.telemetry.redaction import REDACTOR


class LogFormat(StrEnum):
    """Format of log lines."""

    TEXT = "text"
    JSON = "json"


class _Unlistened:
    """Standard error that may be closed at any time: a log line must never stop a run."""

    def write(self, text: str) -> int:
        """Write, unless standard error is closed."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, unless standard error is closed."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def configure_service_logs() -> None:
    """Log every decision of a service to standard error, each as one line of JSON."""
    _configure(logging.INFO, LogFormat.JSON)


def configure_logs(
    *, verbose: bool, form: LogFormat = LogFormat.TEXT, steady: bool = False
) -> None:
    """Log to standard error: warnings, also events in JSON format, every request when verbose.

    A `steady` process, which runs for a long time, logs events in any format.
    """
    usual = logging.WARNING if form is LogFormat.TEXT and not steady else logging.INFO
    _configure(logging.DEBUG if verbose else usual, form)


def _configure(level: int, form: LogFormat) -> None:
    renderers: dict[LogFormat, structlog.typing.Processor] = {
        LogFormat.TEXT: structlog.dev.ConsoleRenderer(colors=False),
        LogFormat.JSON: structlog.processors.JSONRenderer(ensure_ascii=False),
    }
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            REDACTOR,
            renderers[form],
        ],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unlistened())),
    )
