"""Becomes the given program, bound to die with the process that asked for it.

Run as `python -I -S guard.py PARENT_PID PROGRAM ARGUMENTS...`. A process of its own rather than
`preexec_fn`, which may deadlock in a parent with threads. The death signal survives `execv`.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Asks the kernel for SIGKILL at the parent's death, then replaces this program."""
    parent, program = int(arguments[0]), arguments[1]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # The parent may have died before the kernel was asked; then nothing would ever end us.
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    os.execv(program, arguments[1:])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
