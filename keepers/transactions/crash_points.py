"""Named crash points at which a test kills the real process.

Test facility, inert unless `BALLAST_CRASH_AT` names a point. `after_send:2` kills when the point
is passed the second time. Of several points, separated by commas, the first one reached kills.
`BALLAST_CRASH_TRACE` names a file to which every point is written.
"""

import os
import signal
from collections import Counter
from pathlib import Path

VARIABLE = "BALLAST_CRASH_AT"
TRACE = "BALLAST_CRASH_TRACE"
_passed: Counter[str] = Counter()


def crash_point(point: str) -> None:
    """Kill this process if a test requests it at this point; write the point to the trace, if any.

    There are `before_`, `inside_` and `after_` points for each named write of the store,
    `before_send` and `after_send` around each submission, and the same around bridge requests.
    """
    trace = os.environ.get(TRACE)
    if trace is not None:
        with Path(trace).open("a") as file:
            file.write(f"{point}\n")
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return
    _passed[point] += 1
    for each in wanted.split(","):
        name, _, count = each.partition(":")
        if name == point and _passed[point] == int(count or "1"):
            os.kill(os.getpid(), signal.SIGKILL)
