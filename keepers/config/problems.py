"""Pydantic's errors as problems with advice, without any values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path as File
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from keepers.config.errors import ConfigError, Problem
from keepers.config.model import Settings
from keepers.config.signers import SIGNER_KINDS, SIGNER_SECTIONS
from keepers.config.structure import KeyPath, Kinds, has_names, keys_of, kinds_at
from keepers.config.tiers import TIER_VARIABLES

Finding = tuple[KeyPath, str, str]
"""Path, problem and advice."""

_SETTINGS: Kinds = (Settings,)
_SEE = "see docs/reference/configuration.md"
_UNQUOTED = "write it without quotes"
_KINDS = f"kind = one of {', '.join(SIGNER_KINDS)}"

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "int_type": ("must be a whole number", _UNQUOTED),
        "bool_type": ("must be true or false", _UNQUOTED),
        "string_type": ("must be a text", "put it in quotes"),
        "path_type": ("must be the path of a file", "put it in quotes"),
        "list_type": ("must be a list", 'write it as ["…"]'),
        "dict_type": ("must be a table", "write it as a [table] of its own"),
        "model_type": ("must be a table", "write it as a [table] of its own"),
        "model_attributes_type": ("must be a table", "write it as a [table] of its own"),
        "too_short": ("is empty", "give at least one"),
        "union_tag_not_found": ("kind is missing", f"add {_KINDS}"),
        "union_tag_invalid": ("kind is unknown", f"use {_KINDS}"),
        "decimal_type": ("must be a number", "write 0.5, for instance"),
        "decimal_parsing": ("must be a number", "write 0.5, for instance"),
        "finite_number": ("must be a number", "write 0.5, for instance"),
    }
)

_LIMITS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "greater_than": ("above", "gt"),
        "greater_than_equal": ("at least", "ge"),
        "less_than_equal": ("at most", "le"),
    }
)


@dataclass(frozen=True, slots=True)
class Origins:
    """Line of the file, or environment variable, of each value; a table has its header's line."""

    file: File
    lines: Mapping[KeyPath, int]
    variables: Mapping[KeyPath, str] = field(default_factory=dict[KeyPath, str])

    def place(self, path: KeyPath) -> int | str | None:
        """Return the line or the variable that sets the value at a path; None for a default."""
        return self.variables.get(path) or self.lines.get(path)

    def error(self, found: Sequence[Finding]) -> ConfigError:
        """Return the findings as an error with the location of each."""
        problems = [self._problem(*each) for each in found]
        return ConfigError(sorted(problems, key=lambda each: each.line or 0))

    def _problem(self, path: KeyPath, problem: str, advice: str) -> Problem:
        """Locate a problem at its value, or at the innermost enclosing table."""
        around = (self.place(path[:end]) for end in range(len(path), 0, -1))
        place = next((each for each in around if each is not None), None)
        return Problem(
            file=self.file,
            line=place if isinstance(place, int) else None,
            variable=place if isinstance(place, str) else None,
            key=".".join(str(part) for part in path),
            problem=problem,
            advice=advice,
        )


def findings(error: ValidationError) -> Iterator[Finding]:
    """Yield all findings of a validation error."""
    for detail in error.errors(include_url=False, include_input=False):
        yield _finding(detail, _path(detail["loc"]))


def _path(loc: KeyPath) -> KeyPath:
    """Return the path as written in the file, without pydantic's marks for unions and keys."""
    if loc[:1] == ("signers",) and len(loc) > 2 and loc[2] in SIGNER_KINDS:  # noqa: PLR2004 - signers, name, kind
        loc = (*loc[:2], *loc[3:])
    return tuple(part for part in loc if part != "[key]")


def _finding(detail: ErrorDetails, path: KeyPath) -> Finding:
    kind = detail["type"]
    context = detail.get("ctx", {})
    special: dict[str, Callable[[], tuple[str, str]]] = {
        "missing": lambda: ("is missing", _how_to_add(path)),
        "extra_forbidden": lambda: ("is unknown", _instead(path, detail["loc"])),
        "value_error": lambda: (str(context["error"]), _SEE),
        "enum": lambda: (f"must be {context['expected']}", "use one of them"),
        "tier_variable": lambda: ("is not a tier variable", _instead(path)),
    }
    if kind == "tier_config":
        return (*path, context["variable"]), context["problem"], "change one of them"
    if kind in special:
        return path, *special[kind]()
    if kind in _LIMITS:
        words, name = _LIMITS[kind]
        return path, f"must be {words} {context[name]}", "change it"
    problem, advice = _WORDS.get(kind, ("has an invalid form", _SEE))
    return path, problem, advice


def _how_to_add(path: KeyPath) -> str:
    *table, key = (str(part) for part in path)
    if not table or has_names(kinds_at(_SETTINGS, path)):
        return f"add a table [{'.'.join((*table, key))}.NAME]"
    return f"add {key} = … to [{'.'.join(table)}]"


def _instead(path: KeyPath, loc: KeyPath = ()) -> str:
    key = str(path[-1])
    known = sorted(_known_keys(path[:-1], loc))
    similar = get_close_matches(key, known, n=1) or get_close_matches(key.lower(), known, n=1)
    return f"did you mean {similar[0]}?" if similar else f"remove it; known: {', '.join(known)}"


def _known_keys(table: KeyPath, loc: KeyPath) -> set[str]:
    """Return the keys of a table; for a signer, those of its kind, which is in pydantic's path."""
    match table:
        case ("signers", _) if loc[2:3] and loc[2] in SIGNER_KINDS:
            return set(SIGNER_SECTIONS[SIGNER_KINDS.index(str(loc[2]))].model_fields)
        case ("vaults", _, "tiers"):
            return set(TIER_VARIABLES)
        case _:
            return keys_of(kinds_at(_SETTINGS, table))
