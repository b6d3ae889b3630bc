"""Settings from a file and the environment, or a list of their problems."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import InitSettingsSource, PydanticBaseSettingsSource

from keepers.config import structure
from keepers.config.errors import ConfigError, Problem
from keepers.config.model import Settings
from keepers.config.problems import Finding, Origins, findings
from keepers.config.signers import JsonRpcSigner, SendingSettings
from keepers.config.structure import KeyPath, Tree, has_members, has_names, kinds_of, member_kinds
from keepers.config.toml_file import read_toml
from keepers.config.treasury import TreasurySettings
from keepers.config.values import SQLITE_FILE, Section
from keepers.config.variables import VariableSource, find_variables, unknown_variables
from keepers.model.transfer_record import TREASURY


def dangling_references(settings: Settings) -> Iterator[Finding]:
    """Yield the problems of references without a table, and of tables that lack a reference."""
    kept = settings.recurring.vault
    yield from _dangling(("recurring", "vault"), "vaults", kept, settings.vaults)
    if not settings.vaults and settings.treasury is None:
        advice = "add a table [vaults.NAME], or [treasury]"
        yield ("vaults",), "is missing, and so is treasury", advice
    for name, vault in settings.vaults.items():
        path: KeyPath = ("vaults", name)
        yield from _dangling((*path, "chain"), "chains", vault.chain, settings.chains)
        yield from _sending(settings, path, vault)
    if settings.treasury is not None:
        yield from _treasury(settings, settings.treasury)
        if TREASURY in settings.vaults:
            problem = "is the reserved name of [treasury]"
            yield ("vaults", TREASURY), problem, "give the vault another name"


def _sending(
    settings: Settings, path: KeyPath, table: SendingSettings, validator: str | None = None
) -> Iterator[Finding]:
    """Check the references of a table that sends; `validator` is the default of the treasury."""
    yield from _dangling((*path, "signer"), "signers", table.signer, settings.signers)
    yield from _auditing(settings, path, table)
    signer = settings.signers.get(table.signer)
    sealed = isinstance(signer, JsonRpcSigner) and signer.sealed
    if sealed and table.validator is None and validator is None:
        advice = "add validator = …, the name of one of [validators.…]"
        yield path, "its signer seals transactions, but no validator is set", advice


def _auditing(
    settings: Settings, path: KeyPath, table: SendingSettings | TreasurySettings
) -> Iterator[Finding]:
    yield from _dangling((*path, "policy"), "policies", table.policy, settings.policies)
    for auditor in table.auditors:
        yield from _dangling((*path, "auditors"), "auditors", auditor, settings.auditors)
    yield from _dangling((*path, "validator"), "validators", table.validator, settings.validators)


def _treasury(settings: Settings, treasury: TreasurySettings) -> Iterator[Finding]:
    """Yield the problems of chains and keys of the treasuries."""
    yield from _auditing(settings, ("treasury",), treasury)
    known: dict[int, str] = {}
    for name, table in treasury.chains.items():
        path: KeyPath = ("treasury", "chains", name)
        yield from _dangling(path, "chains", name, settings.chains)
        yield from _sending(settings, path, table, treasury.validator)
        if name in settings.chains:
            chain_id = settings.chains[name].chain_id
            if chain_id in known:
                problem = f"is the same chain as [treasury.chains.{known[chain_id]}]"
                yield path, problem, "remove one of them: a chain has one treasury"
            known.setdefault(chain_id, name)
            yield from _shared_keys(settings, path, table.signer, chain_id)


def _shared_keys(
    settings: Settings, path: KeyPath, signer: str, chain_id: int
) -> Iterator[Finding]:
    """Yield the problems of keys that two engines would use, each with its own nonce count."""
    for name, vault in settings.vaults.items():
        chain = settings.chains.get(vault.chain)
        if chain is not None and chain.chain_id == chain_id and vault.signer == signer:
            problem = f"is also the signer of vault {name} on this chain"
            yield (*path, "signer"), problem, "give the treasury a key of its own"


def _dangling(
    path: KeyPath, section: str, wanted: str | None, known: Collection[str]
) -> Iterator[Finding]:
    if wanted is not None and wanted not in known:
        others = f"use one of {', '.join(sorted(known))}, or " if known else ""
        advice = f"{others}add [{section}.{wanted}]"
        yield path, f"there is no [{section}.{wanted}]", advice


DEFAULT_FILE = "ballast.toml"
FILE_VARIABLE = "BALLAST_CONFIG"

AnySection = TypeVar("AnySection", bound=Section)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, their file, and the origin of each value."""

    settings: Settings
    file: Path
    origins: Origins

    def place(self, path: structure.KeyPath) -> int | str | None:
        """Return the line or the variable that sets the value at a path; None for a default."""
        return self.origins.place(path)


class DeploymentsDefault(PydanticBaseSettingsSource):
    """Default paths of the deployments files of each configured chain; lowest priority."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return nothing for single keys; calling the source returns all values."""
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
    """Return the effective settings.

    Args:
        path: The configuration file; by default the value of BALLAST_CONFIG, else `ballast.toml`.

    Raises:
        ConfigError: The settings cannot be used; the error lists every problem.
    """
    return load(path, os.environ).settings


def config_file(path: Path | None, environment: Mapping[str, str]) -> Path:
    """Return the configuration file to use."""
    return path or Path(environment.get(FILE_VARIABLE) or DEFAULT_FILE)


def load(path: Path | None, environment: Mapping[str, str]) -> Loaded:
    """Return the effective settings and the origin of each value.

    Raises:
        ConfigError: The settings cannot be used; the error lists every problem.
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
        # `from None`: the original contains the input, including any secrets.
        raise origins.error(list(findings(error))) from None
    dangling = list(dangling_references(settings))
    if dangling:
        raise origins.error(dangling)
    return Loaded(_anchored_settings(settings, file.absolute().parent), file, origins)


def _refuse_unknown(file: Path, environment: Mapping[str, str]) -> None:
    advice = f"name it BALLAST_SECTION__NAME__KEY, with a section of {', '.join(_sections())}"
    problems = [
        Problem(file=file, variable=each, key="", problem="does not match a setting", advice=advice)
        for each in unknown_variables(environment)
    ]
    if problems:
        raise ConfigError(problems)


def _sections() -> list[str]:
    """Return the sections with named tables, then the sections with subtables."""
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
        folder: Base of its relative paths: the folder of the configuration.
    """
    return table.model_copy(update={key: _anchored_value(value, folder) for key, value in table})


def _anchored_settings(settings: Settings, folder: Path) -> Settings:
    changed = {key: _anchored_value(value, folder) for key, value in settings}
    changed["database"] = _anchored_url(settings.database, folder)
    return settings.model_copy(update=changed)


def _anchored_value(value: Any, folder: Path) -> Any:  # noqa: ANN401 - any value of a table
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
    """Return one URL per file: links are resolved, so that the lock file beside it is the same."""
    if not url.startswith(SQLITE_FILE):
        return url
    file = folder / Path(url.removeprefix(SQLITE_FILE)).expanduser()
    try:
        return f"{SQLITE_FILE}{file.resolve()}"
    except OSError:
        return f"{SQLITE_FILE}{file}"  # opening the file reports the problem
