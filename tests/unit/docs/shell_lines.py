"""Shell lines of the documentation: lines of fenced blocks, and code spans in the text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
SHELL_BLOCKS = ("", "sh", "bash")
PROGRAMS = ("ape", "ballast", "cast", "curl", "make", "npx", "python")
SPAN = re.compile(rf"(?<!`)`((?:{'|'.join(PROGRAMS)}) [^`\n]+)`(?!`)")
ASSIGNMENT = re.compile(r"[A-Z_a-z]+=(?:\"[^\"]*\"|'[^']*'|\S*)\s+")
LOOP_WORDS = ("do ", "then ", "done", "fi", "for ", "if ")


@dataclass(frozen=True)
class ShellLine:
    """One command of a page.

    Attributes:
        page: File that holds it, relative to the repository.
        words: The command as a shell splits it, without assignments and comments.
    """

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        """Return the page and the command, used as the id of a test."""
        return f"{self.page}: {shlex.join(self.words)}"


def lines_of(page: Path) -> Iterator[ShellLine]:
    """Return every command that a page shows."""
    name, text = str(page.relative_to(ROOT)), page.read_text(encoding="utf-8")
    for command in (*_fenced(text), *SPAN.findall(text)):
        words = _words(command)
        if words:
            yield ShellLine(name, words)


def _fenced(text: str) -> Iterator[str]:
    for language, body in re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if language in SHELL_BLOCKS:
            joined = re.sub(r"\\\n\s*", " ", body)
            yield from (each for each in _statements(joined) if _is_command(each))


def _statements(body: str) -> Iterator[str]:
    """Split a block into statements; a quoted text may span lines."""
    pending = ""
    for line in body.splitlines():
        pending = f"{pending}\n{line}" if pending else line.strip()
        if _is_closed(pending):
            yield pending
            pending = ""
    if pending:
        yield pending


def _is_closed(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return True


def _is_command(statement: str) -> bool:
    bare = _without_prefix(statement)
    return bool(bare) and bare.split()[0] in PROGRAMS


def _words(command: str) -> tuple[str, ...]:
    return (
        tuple(shlex.split(_without_prefix(command), comments=True)) if _is_closed(command) else ()
    )


def _without_prefix(statement: str) -> str:
    """Remove loop words and assignments before the command."""
    bare = statement.strip()
    while True:
        word = next((each for each in LOOP_WORDS if bare.startswith(each)), None)
        found = ASSIGNMENT.match(bare)
        if word in ("do ", "then "):
            bare = bare.removeprefix(word).strip()
        elif found is not None:
            bare = bare[found.end() :]
        else:
            return "" if word else bare
