"""Paths in the configuration begin at its own folder, wherever the command is run."""

from pathlib import Path
from typing import TypeVar

from keepers.app.settings.model import Settings
from keepers.app.settings.values import SQLITE_FILE, Section

T = TypeVar("T", bound=Section)


def anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with every relative path made absolute."""
    chains = {
        name: chain.model_copy(update={"deployments": _absolute(chain.deployments, folder)})
        for name, chain in settings.chains.items()
    }
    signers = {name: anchored_table(each, folder) for name, each in settings.signers.items()}
    auditors = {name: anchored_table(each, folder) for name, each in settings.auditors.items()}
    validators = {name: anchored_table(each, folder) for name, each in settings.validators.items()}
    database = _anchored_url(settings.database, folder)
    changed = {"chains": chains, "signers": signers, "database": database}
    changed |= {"auditors": auditors, "validators": validators}
    return settings.model_copy(update=changed)


def anchored_table(table: T, folder: Path) -> T:
    """A table with every relative path made absolute."""
    paths = {key: value for key, value in table if isinstance(value, Path)}
    return table.model_copy(update={key: _absolute(path, folder) for key, path in paths.items()})


def _anchored_url(url: str, folder: Path) -> str:
    """One URL per file: links are followed, so that the lock beside it is one as well."""
    if not url.startswith(SQLITE_FILE):
        return url
    file = _absolute(Path(url.removeprefix(SQLITE_FILE)), folder)
    try:
        return f"{SQLITE_FILE}{file.resolve()}"
    except OSError:
        return f"{SQLITE_FILE}{file}"  # opening it says what is wrong


def _absolute(path: Path, folder: Path) -> Path:
    return folder / path.expanduser()
