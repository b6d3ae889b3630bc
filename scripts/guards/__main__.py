"""Disable guards, and write the page: `python -m scripts.guards [NAME ...]`."""

import sys
from collections.abc import Sequence

from scripts.guards.guard import read_guards
from scripts.guards.page import PAGE, page
from scripts.guards.trial import Result, repository_copy, require_passing, try_without


def main(names: Sequence[str]) -> int:
    """Return 1 if a guard's rows all pass without it, 2 if a name is not a guard's."""
    guards = read_guards()
    unknown = set(names) - {each.name for each in guards}
    if unknown:
        print("no such guard:", *sorted(unknown), sep="\n  ", file=sys.stderr)
        return 2
    results: list[Result] = []
    with repository_copy() as folder:
        for guard in guards:
            if names and guard.name not in names:
                continue
            require_passing(guard, folder)
            result = try_without(guard, folder)
            print(f"{guard.name}: {len(result.failed)} fail without it", flush=True)
            results.append(result)
    missed = [each.guard.name for each in results if not each.failed]
    if missed:
        print("no row fails without:", *missed, sep="\n  ", file=sys.stderr)
        return 1
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(guards, results, before), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
