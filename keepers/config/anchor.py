"""Paths in the configuration begin at its own folder, wherever the command is run."""

from pathlib import Path
from typing import Any, TypeVar, cast

from keepers.config.model import Settings
from keepers.config.values import SQLITE_FILE, Section

T = TypeVar("T", bound=Section)


def anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with every relative path made absolute."""
    changed = {key: _anchored(value, folder) for key, value in settings}
    return settings.model_copy(
        update=changed | {"database": _anchored_url(settings.database, folder)}
    )


def anchored_table(table: T, folder: Path) -> T:
    """A table with every relative path in it made absolute."""
    return table.model_copy(update={key: _anchored(value, folder) for key, value in table})


def _anchored(value: Any, folder: Path) -> Any:  # noqa: ANN401 - whatever a table holds
    match value:
        case Path():
            return _absolute(value, folder)
        case Section():
            return anchored_table(value, folder)
        case dict():
            tables = cast("dict[str, Any]", value)
            return {key: _anchored(each, folder) for key, each in tables.items()}
        case _:
            return value


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
