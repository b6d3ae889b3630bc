"""Tests of links and paths to pages in documentation, README, code and settings."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.unit.docs.shell_lines import PAGES, ROOT

DOCS = ROOT / "docs"
KINDS = ("tutorials", "how-to", "reference", "explanation", "evidence")
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"(?<![\w/.-])docs/[\w./-]+\.(?:md|yml|json|svg|png)\b")
FILE = re.compile(
    r"`((?!contracts/test_)(?:keepers|contracts|scripts|tests)/[\w./-]+?)(?:::\w+)?/?`"
)
FILES_OF = re.compile(r"^\|[^|]*\| file in `([\w/]+)/` \|.*\n((?:\|.*\n)+)", re.MULTILINE)
"""Table whose second column names files of a folder."""
PLACEHOLDER = "docs/PAGE.md"
"""Placeholder of a page in the recorded corpus of commands."""
TEXTS = {".md", ".py", ".sol", ".toml", ".yml", ".yaml", ".json", ".sh", ""}


def links_of(page: Path) -> Iterator[str]:
    """Return the targets of links inside the repository."""
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    yield from (each for each in LINK.findall(text) if "://" not in each and ":" not in each)


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as GitHub and MkDocs make them."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return frozenset(slug(each) for each in headings)


def slug(heading: str) -> str:
    """Return a heading's anchor."""
    words = re.sub(r"[^\w\s-]", "", LINK.sub("]", heading).lower())
    return re.sub(r"[\s]+", "-", words.strip())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page__its_links__lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        known = target.is_file() or target.is_dir()
        if not known or (anchor and anchor not in anchors_of(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_page__lies_in_one_of_five_folders(page: Path) -> None:
    parts = page.relative_to(DOCS).parts

    assert parts[0] in (*KINDS, "index.md", "release-notes.md")


def test_paths__of_pages_in_any_file__exist() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    files = [ROOT / each for each in listed if Path(each).suffix in TEXTS]
    named = {
        (str(file.relative_to(ROOT)), path)
        for file in files
        if file.is_file() and file != Path(__file__)
        for path in PATH.findall(file.read_text(encoding="utf-8"))
        if path != PLACEHOLDER
    }

    assert named
    assert sorted((file, path) for file, path in named if not (ROOT / path).is_file()) == []


def test_pages__each__is_linked_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in links_of(page)
    }

    assert sorted(str(page) for page in DOCS.rglob("*.md") if page.resolve() not in linked) == []


def test_code__paths_in_pages__exist() -> None:
    named = {
        (str(page.relative_to(ROOT)), path)
        for page in PAGES
        for path in FILE.findall(page.read_text(encoding="utf-8"))
    }

    assert named
    assert sorted((page, path) for page, path in named if not (ROOT / path).exists()) == []


def test_tables__files_of_a_folder__exist() -> None:
    named: list[tuple[str, str]] = []
    for page in PAGES:
        for folder, rows in FILES_OF.findall(page.read_text(encoding="utf-8")):
            cells = [row.split(" | ")[1] for row in rows.strip().splitlines()[1:]]
            named += [(folder, each) for cell in cells for each in re.findall(r"`([\w.]+)`", cell)]

    assert named
    assert [(folder, each) for folder, each in named if not (ROOT / folder / each).is_file()] == []


def test_site__every_page__is_in_its_navigation() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")]

    assert [page for page in pages if f"- {page}\n" not in site] == []


def test_slug__code_and_signs__are_left_out() -> None:
    assert slug("`[vaults.NAME]`, in `vaults`") == "vaultsname-in-vaults"
