"""Switches each guard off, and writes the page: `python -m scripts.guards`."""

import sys

from scripts.guards.guard import read_guards
from scripts.guards.page import PAGE, page
from scripts.guards.trial import Result, repository_copy, require_passing, try_without


def main() -> int:
    """Return 1 if no row misses some guard."""
    results: list[Result] = []
    with repository_copy() as folder:
        for guard in read_guards():
            require_passing(guard, folder)
            result = try_without(guard, folder)
            print(f"{guard.name}: {len(result.failed)} fail without it", flush=True)
            results.append(result)
    missed = [each.guard.name for each in results if not each.failed]
    if missed:
        print("no row fails without:", *missed, sep="\n  ", file=sys.stderr)
        return 1
    PAGE.write_text(page(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
