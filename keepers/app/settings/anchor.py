"""Paths in the configuration begin at its own folder, wherever the command is run."""

from pathlib import Path

from keepers.app.settings.model import Settings
from keepers.app.settings.signers import SignerSettings
from keepers.app.settings.values import SQLITE_FILE


def anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with every relative path made absolute."""
    chains = {
        name: chain.model_copy(update={"deployments": _absolute(chain.deployments, folder)})
        for name, chain in settings.chains.items()
    }
    signers = {name: _anchored_signer(each, folder) for name, each in settings.signers.items()}
    database = _anchored_url(settings.database, folder)
    return settings.model_copy(update={"chains": chains, "signers": signers, "database": database})


def _anchored_signer(signer: SignerSettings, folder: Path) -> SignerSettings:
    paths = {key: value for key, value in signer if isinstance(value, Path)}
    return signer.model_copy(update={key: _absolute(path, folder) for key, path in paths.items()})


def _anchored_url(url: str, folder: Path) -> str:
    """One URL per file: links are followed, so that the lock beside it is one as well."""
    file = _absolute(Path(url.removeprefix(SQLITE_FILE)), folder)
    try:
        return f"{SQLITE_FILE}{file.resolve()}"
    except OSError:
        return f"{SQLITE_FILE}{file}"  # opening it says what is wrong


def _absolute(path: Path, folder: Path) -> Path:
    return folder / path.expanduser()
