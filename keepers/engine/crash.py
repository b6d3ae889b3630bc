"""Named places at which a test kills the real process.

A test facility: inert unless `BALLAST_CRASH_AT` names a point. `after_send:2` kills at the second
time that the point is passed.
"""

import os
import signal
from collections import Counter
from enum import StrEnum

VARIABLE = "BALLAST_CRASH_AT"
_passed: Counter[str] = Counter()


class CrashPoint(StrEnum):
    """Before and after each durable write and each effect of a run, in this order."""

    BEFORE_OPEN_RUN = "before_open_run"
    AFTER_OPEN_RUN = "after_open_run"
    AFTER_STAGE = "after_stage"
    BEFORE_ADD_STEPS = "before_add_steps"
    AFTER_ADD_STEPS = "after_add_steps"
    BEFORE_STORE_ATTEMPT = "before_store_attempt"
    AFTER_STORE_ATTEMPT = "after_store_attempt"
    AFTER_SEND = "after_send"
    AFTER_MARK_BROADCAST = "after_mark_broadcast"
    BEFORE_SETTLE = "before_settle"
    AFTER_SETTLE = "after_settle"
    BEFORE_CLOSE_RUN = "before_close_run"
    AFTER_CLOSE_RUN = "after_close_run"


def crash_point(point: str) -> None:
    """Kill this process if a test asked for it here.

    Besides those above there are `before_`, `inside_` and `after_` each named write of the ledger.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return
    name, _, count = wanted.partition(":")
    if name == point:
        _passed[name] += 1
        if _passed[name] == int(count or "1"):
            os.kill(os.getpid(), signal.SIGKILL)
