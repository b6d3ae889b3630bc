"""Environment variables that override the file: `BALLAST_CHAINS__ETHEREUM__CONFIRMATIONS=3`."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from keepers.config.layer import Layer, Path
from keepers.config.model import ChainSettings, Settings, VaultSettings
from keepers.config.names import as_variable
from keepers.config.nested import is_leaf, kind_at, path_of, required
from keepers.config.notifications import NotificationSettings
from keepers.config.policies import AuditorSettings, PolicySettings, ValidatorSettings
from keepers.config.recurring import RecurringSettings
from keepers.config.service import ScheduleSettings, ServiceSettings
from keepers.config.signers import SIGNER_SECTIONS
from keepers.config.treasury import TreasurySettings

PREFIX = "BALLAST_"
NESTING = "__"

SECTIONS: Mapping[str, tuple[type[BaseModel], ...]] = MappingProxyType(
    {
        "chains": (ChainSettings,),
        "vaults": (VaultSettings,),
        "signers": SIGNER_SECTIONS,
        "policies": (PolicySettings,),
        "auditors": (AuditorSettings,),
        "validators": (ValidatorSettings,),
    }
)
"""Sections of named tables, and what their tables can be."""

TABLES: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "notifications": NotificationSettings,
        "recurring": RecurringSettings,
        "schedule": ScheduleSettings,
        "service": ServiceSettings,
    }
)
"""Sections that are one table."""

NESTED: Mapping[str, type[BaseModel]] = MappingProxyType({"treasury": TreasurySettings})
"""Sections with tables in them."""

ENGINE_KEYS = MappingProxyType(
    {"REBALANCE_MAX_SLIPPAGE": "warn_slippage_bps", "REBALANCE_GAS_LIMIT": "gas_limit"}
)
"""Variables of the engine document that are keys of a vault rather than tier variables."""


def prefixed_layer(environment: Mapping[str, str], file: Layer) -> Layer:
    """What variables with our prefix say; tables of the file are recognised by their names."""
    layer = Layer()
    for variable, text in sorted(environment.items()):
        path = variable_path(variable, file)
        if path is not None:
            layer.put(path, _typed(path, text), variable)
    return layer


def engine_layer(
    environment: Mapping[str, str], file: Layer, tier_variables: Mapping[str, str]
) -> Layer:
    """What the engine document's own variables say; they hold for every vault of the file."""
    layer = Layer()
    keys = {name: ("tiers", name) for name in tier_variables}
    keys |= {name: (key,) for name, key in ENGINE_KEYS.items()}
    for variable in sorted(keys.keys() & environment.keys()):
        for vault in file.names("vaults"):
            path = ("vaults", vault, *keys[variable])
            layer.put(path, _typed(path, environment[variable]), variable)
    return layer


def unknown_sections(environment: Mapping[str, str]) -> Iterator[str]:
    """Variables that look like settings but name no section, or a table instead of a key."""
    for variable in sorted(environment):
        first, nested, rest = variable.removeprefix(PREFIX).partition(NESTING)
        if variable.startswith(PREFIX) and nested and not _names_a_key(first.lower(), rest):
            yield variable


def _names_a_key(section: str, rest: str) -> bool:
    named, _, key = rest.partition(NESTING)
    if section in NESTED:
        path = path_of(NESTED[section], rest.split(NESTING), Layer(), section)
        return bool(named) and not _is_table_at(path)
    if section in TABLES:
        return bool(named) and not key
    return section in SECTIONS and bool(named) and bool(key)


def _is_table_at(path: Path) -> bool:
    """Whether a path in a section with tables in it leads to one of them, and not to a value."""
    kind = kind_at(NESTED[str(path[0])], path[1:])
    return kind is not None and not is_leaf(kind)


def variable_path(variable: str, file: Layer) -> tuple[str, ...] | None:
    """The setting that a variable names, or None where it names none."""
    if not variable.startswith(PREFIX):
        return None
    first, *rest = variable.removeprefix(PREFIX).split(NESTING)
    section = first.lower()
    if not rest:
        scalar = section in Settings.model_fields and section not in {*SECTIONS, *TABLES, *NESTED}
        return (section,) if scalar else None
    if section in NESTED:
        found = path_of(NESTED[section], rest, file, section)
        return None if not all(rest) or _is_table_at(found) else found
    if section in TABLES:
        return (section, rest[0].lower()) if len(rest) == 1 and rest[0] else None
    if section not in SECTIONS or len(rest) == 1 or not all(rest):
        return None
    name = next((each for each in file.names(section) if as_variable(each) == rest[0]), None)
    key, *inner = rest[1:]
    return (section, name or rest[0].lower(), key.lower(), *(each.upper() for each in inner))


def _typed(path: tuple[str, ...], text: str) -> object:
    """A text as the type of its setting, or unchanged where it cannot be that."""
    kind = _annotation(path)
    if kind is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if kind is int and text.isascii() and text.isdecimal():
        return int(text)
    if kind == list[str]:
        return _list(text)
    return text


def _list(text: str) -> object:
    if not text.lstrip().startswith("["):
        return [each.strip() for each in text.split(",") if each.strip()]
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _annotation(path: tuple[str, ...]) -> object:
    field: FieldInfo | None = None
    match path:
        case (section, *inner) if section in NESTED:
            return _origin(kind_at(NESTED[section], tuple(inner)))
        case (key,):
            field = Settings.model_fields.get(key)
        case (section, key) if section in TABLES:
            field = TABLES[section].model_fields.get(key)
        case (section, _, key):
            fields = (model.model_fields.get(key) for model in SECTIONS[section])
            field = next((each for each in fields if each is not None), None)
        case _:
            pass
    return _plain(field)


def _plain(field: FieldInfo | None) -> object:
    return None if field is None else _origin(required(field.annotation))


def _origin(kind: object) -> object:
    origin = getattr(kind, "__origin__", kind)
    return list[str] if origin is list else origin
