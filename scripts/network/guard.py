"""Program that execs another one, which is killed when the process that started it ends.

Run as `python -I -S guard.py PARENT_PID PROGRAM ARGUMENTS...`. It is a separate process because
`preexec_fn` may deadlock in a parent with threads. The death signal survives `execv`.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Request SIGKILL at the parent's death, then become the given program."""
    parent, program = int(arguments[0]), arguments[1]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # If the parent died before the request, nothing would kill this process.
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    os.execv(program, arguments[1:])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
