"""Where log lines go: standard error, and none but warnings unless asked for."""

import logging
import sys

import structlog


def configure_logs(*, verbose: bool) -> None:
    """Log to standard error; every request and step when verbose."""
    level = logging.DEBUG if verbose else logging.WARNING
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
