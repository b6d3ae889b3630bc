"""Environment variables that override the file: `BALLAST_CHAINS__ETHEREUM__CONFIRMATIONS=3`."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from keepers.config.model import Settings
from keepers.config.structure import (
    KeyPath,
    Kinds,
    Tree,
    has_members,
    has_names,
    keys_of,
    member_kinds,
)
from keepers.config.tiers import TIER_VARIABLES
from keepers.config.values import VariableText, as_variable

PREFIX = "BALLAST_"
NESTING = "__"
SETTINGS: Kinds = (Settings,)

ENGINE_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{name: ("tiers", name) for name in TIER_VARIABLES},
        "REBALANCE_MAX_SLIPPAGE": ("warn_slippage_bps",),
        "REBALANCE_GAS_LIMIT": ("gas_limit",),
    }
)
"""Variables of the engine document, with the keys that they set in every vault."""


class VariableSource(EnvSettingsSource):
    """Values of environment variables; each setting's own type parses the text."""

    def __init__(self, variables: Mapping[KeyPath, str], environment: Mapping[str, str]) -> None:
        super().__init__(Settings, case_sensitive=True, env_prefix="", env_nested_delimiter=NESTING)
        self.env_vars = {
            NESTING.join(map(str, path)): VariableText(environment[variable])
            for path, variable in variables.items()
        }

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ANN401 - pydantic-settings'
        """Leave lists to the types: they are separated by commas, or JSON."""
        del field_name, field
        return value


def find_variables(environment: Mapping[str, str], file: Tree) -> dict[KeyPath, str]:
    """Return the variable that sets each path; one with the prefix overrides one without.

    Args:
        environment: All environment variables.
        file: Values of the file, whose table names are recognised.
    """
    found: dict[KeyPath, str] = {}
    vaults = file.get("vaults")
    for variable in sorted(ENGINE_KEYS.keys() & environment.keys()):
        for vault in cast("Tree", vaults) if isinstance(vaults, dict) else ():
            found["vaults", vault, *ENGINE_KEYS[variable]] = variable
    for variable in sorted(environment):
        path = _path_of(variable, file)
        if path is not None:
            found[path] = variable
    return found


def unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield variables that look like settings but name no section, or a table instead of a key."""
    for variable in sorted(environment):
        is_nested = variable.startswith(PREFIX) and NESTING in variable.removeprefix(PREFIX)
        if is_nested and _path_of(variable, {}) is None:
            yield variable


def _path_of(variable: str, file: Tree) -> KeyPath | None:
    """Return the path of a variable, spelled as in the file; None if it names no key."""
    if not variable.startswith(PREFIX):
        return None
    kinds, table, path = SETTINGS, cast("object", file), tuple[str, ...]()
    for part in variable.removeprefix(PREFIX).split(NESTING):
        if not part or not has_members(kinds):
            return None
        key = _spelled(part, kinds, table)
        kinds = member_kinds(kinds, key)
        table = cast("Tree", table).get(key) if isinstance(table, dict) else None
        path = (*path, key)
        if len(path) == 1 and not kinds:
            return None
    return None if has_members(kinds) else path


def _spelled(part: str, kinds: Kinds, table: object) -> str:
    if not has_names(kinds):
        known = {as_variable(key): key for key in keys_of(kinds)}
        return known.get(part.upper(), part.lower())
    names = cast("Tree", table) if isinstance(table, dict) else ()
    same = next((each for each in names if as_variable(each) == part), None)
    holds_tables = has_members(member_kinds(kinds, ""))
    return same or (part.lower() if holds_tables else part)
