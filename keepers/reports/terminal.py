"""Tables for terminals of any width, without cut text."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.box import HEAVY_HEAD, Box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Column, Table
from rich.text import Text

BETWEEN_COLUMNS = 3
PLAIN_WIDTH = 180
"""Width if the output is not a terminal, so that nothing is cut."""


def terminal_width(plain: int = PLAIN_WIDTH) -> int | None:
    """Return the output width: `plain` without a terminal, else None."""
    return None if sys.stdout.isatty() else plain


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Align rows in columns without headings; lines are never broken."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(Text(cell, no_wrap=True, overflow="ignore") for cell in row))
    widest = sum(max(map(cell_len, cells)) + 2 for cells in zip(*rows, strict=True))
    lines = rendered([table], widest).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def rendered(parts: Sequence[RenderableType], width: int | None) -> str:
    """Render parts in sequence as text of the given width."""
    console = Console(width=width)
    with console.capture() as captured:
        for each in parts:
            console.print(each)
    return captured.get()


@dataclass(frozen=True)
class Listing:
    """A table if every word fits into the width, otherwise a record per row."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    box: Box = HEAVY_HEAD
    pad_edge: bool = True

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        """Render the listing; called by rich."""
        del console
        if self._least_width() > options.max_width:
            yield from self._records()
            return
        headings = (
            Column(heading, overflow="fold", min_width=least)
            for heading, least in zip(self.columns, self._words(), strict=True)
        )
        table = Table(*headings, box=self.box, pad_edge=self.pad_edge)
        for row in self.rows:
            table.add_row(*map(Text, row))
        yield table

    def _least_width(self) -> int:
        edges = BETWEEN_COLUMNS + 1 if self.pad_edge else 0
        return sum(self._words()) + BETWEEN_COLUMNS * (len(self.columns) - 1) + edges

    def _words(self) -> list[int]:
        """Return the length of the longest word per column."""
        columns = zip(self.columns, *self.rows, strict=True)
        return [max(map(len, " ".join(cells).split()), default=0) for cells in columns]

    def _records(self) -> Iterator[RenderableType]:
        widest = max(map(len, self.columns))
        for row in self.rows:
            yield Text("")
            for heading, cell in zip(self.columns, row, strict=True):
                if cell:
                    yield Text(f"{heading:{widest}}  {cell}", overflow="fold")
