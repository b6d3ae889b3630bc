"""Settings from a file and the environment, or a list of their problems."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import InitSettingsSource, PydanticBaseSettingsSource

from keepers.config import structure
from keepers.config.errors import ConfigError, Problem
from keepers.config.model import Settings
from keepers.config.problems import Origins, findings
from keepers.config.references import dangling_references
from keepers.config.structure import Tree, has_members, has_names, kinds_of, member_kinds
from keepers.config.toml_file import read_toml
from keepers.config.values import SQLITE_FILE, Section
from keepers.config.variables import VariableSource, find_variables, unknown_variables

DEFAULT_FILE = "ballast.toml"
FILE_VARIABLE = "BALLAST_CONFIG"

AnySection = TypeVar("AnySection", bound=Section)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, the file that they came from, and the origin of each value."""

    settings: Settings
    file: Path
    origins: Origins

    def place(self, path: structure.Path) -> int | str | None:
        """Return the line or the variable that sets the value at a path; None for a default."""
        return self.origins.place(path)


class DeploymentsDefault(PydanticBaseSettingsSource):
    """Default places of the deployments files of each chain that other sources name; asked last."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return nothing for single keys; the whole is made by calling."""
        del field
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the files."""
        found = _default_files(self.current_state, "json")
        treasury: Any = self.current_state.get("treasury")
        if isinstance(treasury, dict):
            found["treasury"] = _default_files(cast("Tree", treasury), "treasury.json")
        return found


def _default_files(values: Tree, ending: str) -> Tree:
    chains: Any = values.get("chains")
    if not isinstance(chains, dict):
        return {}
    tables = cast("Tree", chains)
    named = (name for name, table in tables.items() if isinstance(table, dict))
    return {"chains": {name: {"deployments": f"deployments/{name}.{ending}"} for name in named}}


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings in force.

    Args:
        path: The configuration file; by default what BALLAST_CONFIG names, else `ballast.toml`.

    Raises:
        ConfigError: They cannot be used; it lists every problem.
    """
    return load(path, os.environ).settings


def config_file(path: Path | None, environment: Mapping[str, str]) -> Path:
    """Return the configuration file to use."""
    return path or Path(environment.get(FILE_VARIABLE) or DEFAULT_FILE)


def load(path: Path | None, environment: Mapping[str, str]) -> Loaded:
    """Return the settings in force, and where each of them came from.

    Raises:
        ConfigError: They cannot be used; it lists every problem.
    """
    file = config_file(path, environment)
    written = read_toml(file)
    _refuse_unknown(file, environment)
    variables = find_variables(environment, written.values)
    origins = Origins(file, written.lines, variables)
    sources = (
        VariableSource(variables, environment),
        InitSettingsSource(Settings, written.values),
        DeploymentsDefault(Settings),
    )
    try:
        settings = cast("Callable[..., Settings]", Settings)(_build_sources=(sources, {}))
    except ValidationError as error:
        # `from None`: the original carries the input, and with it whatever is secret there.
        raise origins.error(list(findings(error))) from None
    dangling = list(dangling_references(settings))
    if dangling:
        raise origins.error(dangling)
    return Loaded(_anchored_settings(settings, file.absolute().parent), file, origins)


def _refuse_unknown(file: Path, environment: Mapping[str, str]) -> None:
    advice = f"name it BALLAST_SECTION__NAME__KEY, with a section of {', '.join(_sections())}"
    problems = [
        Problem(file=file, variable=each, key="", problem="names no setting", advice=advice)
        for each in unknown_variables(environment)
    ]
    if problems:
        raise ConfigError(problems)


def _sections() -> list[str]:
    """Return the tables of named tables, then the tables with further tables in them."""
    kinds = {name: kinds_of(each.annotation) for name, each in Settings.model_fields.items()}
    named = [name for name, each in kinds.items() if has_names(each)]
    return named + [
        name
        for name, each in kinds.items()
        if name not in named
        and any(has_members(member_kinds(each, key)) for key in structure.keys_of(each))
    ]


def anchored(table: AnySection, folder: Path) -> AnySection:
    """Return a table with every relative path in it, at any depth, made absolute.

    Args:
        table: The table.
        folder: Where its paths begin: the folder of the configuration, wherever a command is run.
    """
    return table.model_copy(update={key: _anchored_value(value, folder) for key, value in table})


def _anchored_settings(settings: Settings, folder: Path) -> Settings:
    changed = {key: _anchored_value(value, folder) for key, value in settings}
    changed["database"] = _anchored_url(settings.database, folder)
    return settings.model_copy(update=changed)


def _anchored_value(value: Any, folder: Path) -> Any:  # noqa: ANN401 - whatever a table holds
    match value:
        case Path():
            return folder / value.expanduser()
        case Section():
            return anchored(value, folder)
        case dict():
            tables = cast("dict[str, Any]", value)
            return {key: _anchored_value(each, folder) for key, each in tables.items()}
        case _:
            return value


def _anchored_url(url: str, folder: Path) -> str:
    """Return one URL per file: links are followed, so that the lock beside it is one as well."""
    if not url.startswith(SQLITE_FILE):
        return url
    file = folder / Path(url.removeprefix(SQLITE_FILE)).expanduser()
    try:
        return f"{SQLITE_FILE}{file.resolve()}"
    except OSError:
        return f"{SQLITE_FILE}{file}"  # opening it says what is wrong
