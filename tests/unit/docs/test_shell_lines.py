"""Tests that shell lines of README and docs/ name existing commands, options and functions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from urllib.parse import urlsplit

import click
import pytest

from keepers.cli.main import cli
from keepers.cli.txs import ListByDefault
from tests.unit.docs.shell_lines import PAGES, PROGRAMS, ROOT, ShellLine, lines_of

LINES = list({str(line): line for page in PAGES for line in lines_of(page)}.values())
LEAST = 100
PLACEHOLDER = re.compile(r"…|\.\.\.|<[^>]+>")
HELP = {"-h", "--help"}
APE_OPTIONS = {"--network", "--account", "--help"}


class UnknownError(Exception):
    """Documentation of something that does not exist."""


def check_click(command: click.Command, words: Sequence[str], name: str) -> None:
    """Walk through groups to a command, and parse its options."""
    context = click.Context(command, info_name=name)
    rest = list(words)
    while isinstance(command, click.Group) and rest and not HELP & set(rest):
        if isinstance(command, ListByDefault) and rest[0].startswith("-"):
            rest.insert(0, "list")
        if rest[0].startswith("-"):
            break
        chosen = command.get_command(context, rest[0])
        if chosen is None:
            raise UnknownError(f"`{name}` has no command {rest[0]!r}")
        name, command = f"{name} {rest.pop(0)}", chosen
        context = click.Context(command, info_name=name, parent=context)
    if rest and not HELP & set(rest):
        _, left, _ = command.make_parser(context).parse_args(args=rest)
        if left:
            raise UnknownError(f"`{name}` does not take {left}")


def check_ballast(words: Sequence[str]) -> None:
    """Check a line of the `ballast` command."""
    check_click(cli, words, "ballast")


def check_make(words: Sequence[str]) -> None:
    """Check that the targets are in the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    for word in words:
        if "=" not in word and not word.startswith("-") and word not in targets:
            raise UnknownError(f"the Makefile has no target {word!r}")


def check_python(words: Sequence[str]) -> None:
    """Check a module and its options, or a program in quotes."""
    if words[0] == "-c":
        compile(words[1], "documentation", "exec")
        return
    if words[0] != "-m":
        raise UnknownError(f"cannot check `python {words[0]}`")
    module, rest = words[1], words[2:]
    if find_spec(module) is None:
        raise UnknownError(f"there is no module {module}")
    command = _command_of(module)
    if command is not None:
        check_click(command, rest, f"python -m {module}")


def _command_of(module: str) -> click.Command | None:
    places = {"scripts.network": ("scripts.network.cli", "commands")}
    where, name = places.get(module, (module, "main"))
    if not where.startswith(("scripts.analysis", "scripts.network")):
        return None
    found = getattr(import_module(where), name)
    return found if isinstance(found, click.Command) else None


def check_ape(words: Sequence[str]) -> None:
    """Check the file and the options of a script that ape runs; accept ape's own commands."""
    if words[0] != "run":
        return
    script, *rest = words[1:]
    if not (ROOT / "scripts" / f"{script}.py").is_file():
        raise UnknownError(f"there is no scripts/{script}.py")
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (
            ROOT / "scripts" / f"{script}.py",
            *(ROOT / "scripts/deployment").rglob("*.py"),
        )
    )
    for word in rest:
        option = word.partition("=")[0]
        known = option in APE_OPTIONS or f'"{option}"' in source
        if option.startswith("--") and not known:
            raise UnknownError(f"`ape run {script}` has no option {option}")


@cache
def signatures() -> frozenset[str]:
    """Return the signatures of all functions of our contracts and of OpenZeppelin's manager."""
    found: set[str] = set()
    for file in (ROOT / "out").rglob("*.json"):
        for entry in json.loads(file.read_text(encoding="utf-8")).get("abi", ()):
            if entry["type"] == "function":
                found.add(f"{entry['name']}({','.join(map(_type_of, entry['inputs']))})")
    return frozenset(found)


def _type_of(parameter: dict[str, str]) -> str:
    kind, parts = parameter["type"], parameter.get("components")
    if parts is None:
        return kind
    inner = ",".join(_type_of(each) for each in parts)  # pyright: ignore[reportArgumentType]
    return f"({inner}){kind.removeprefix('tuple')}"


def check_cast(words: Sequence[str]) -> None:
    """Check that a called function exists on one of the contracts."""
    for word in words:
        found = re.fullmatch(r"(\w+\([^()]*\))(\([^()]*\))?", word)
        if found and found[1].replace(" ", "") not in signatures():
            raise UnknownError(f"no contract has {found[1]}")


def check_curl(words: Sequence[str]) -> None:
    """Check that a keeper serves the path of the address."""
    (url,) = (word for word in words if "://" in word)
    path = "/".join(urlsplit(url).path.split("/")[:3])
    sources = (each.read_text(encoding="utf-8") for each in (ROOT / "keepers").rglob("*.py"))
    if not any(path in source for source in sources):
        raise UnknownError(f"no keeper serves {path}")


def check_npx(words: Sequence[str]) -> None:
    """Check that the program is in the lock file of npm."""
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    if f'"node_modules/{words[0]}"' not in lock:
        raise UnknownError(f"package-lock.json has no {words[0]}")


CHECKS: dict[str, Callable[[Sequence[str]], None]] = {
    "ape": check_ape,
    "ballast": check_ballast,
    "cast": check_cast,
    "curl": check_curl,
    "make": check_make,
    "npx": check_npx,
    "python": check_python,
}


def test_lines__of_all_pages__are_found() -> None:
    assert len(LINES) >= LEAST
    assert set(CHECKS) == set(PROGRAMS)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_line__of_a_page__is_of_today(line: ShellLine) -> None:
    words = [word for word in line.words[1:] if not PLACEHOLDER.fullmatch(word)]
    alternatives = [word.split("|") if "|" in word else [word] for word in words]

    for each in product(*alternatives):
        CHECKS[line.words[0]](each)


@pytest.mark.parametrize(
    "words",
    [
        ("ballast", "statsu"),
        ("ballast", "status", "--jsn"),
        ("ballast", "txs", "shew"),
        ("make", "tset"),
        ("python", "-m", "scripts.netwrok"),
        ("python", "-m", "scripts.network", "deposti", "1"),
        ("ape", "run", "deplo"),
        ("ape", "run", "deploy", "--acount", "x"),
        ("cast", "send", "0x", "puase()"),
        ("curl", "http://127.0.0.1:9465/v1/instructiosn"),
    ],
    ids=" ".join,
)
def test_check__something_that_is_not_there__is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises((UnknownError, click.UsageError)):
        CHECKS[words[0]](words[1:])
