"""Telling systemd that the service is ready, alive and stopping (`sd_notify`)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

import structlog

SOCKET = "NOTIFY_SOCKET"
WATCHDOG = "WATCHDOG_USEC"
READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"
MICROSECONDS = 1_000_000


def notify(message: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send a message, where there is somebody to hear it; a keeper never fails because of it."""
    address = environment.get(SOCKET)
    if not address:
        return False
    if address.startswith("@"):
        address = f"\0{address[1:]}"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(0)
            sender.sendto(message.encode(), address)
    except OSError as error:
        structlog.get_logger().warning("systemd_not_told", problem=error.strerror)
        return False
    return True


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> float | None:
    """How often systemd wants to hear of us: half of what it waits; None where it does not."""
    wanted = environment.get(WATCHDOG, "")
    meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    if not (meant and wanted.isascii() and wanted.isdecimal() and int(wanted)):
        return None
    return int(wanted) / MICROSECONDS / 2
