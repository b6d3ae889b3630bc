"""A layer of the configuration: values from one origin, and where each of them stands there."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

Path: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead to a value."""

Place: TypeAlias = int | str
"""A line of the file, or the name of an environment variable."""

Tree: TypeAlias = dict[str, Any]
"""Values under their keys, as TOML has them."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Values and the place of each; a table has the place where it begins."""

    values: Tree = field(default_factory=dict[str, Any])
    places: dict[Path, Place] = field(default_factory=dict[Path, Place])

    def put(self, path: tuple[str, ...], value: object, place: Place) -> None:
        """Set one value."""
        *parents, key = path
        table = self.values
        for parent in parents:
            table = table.setdefault(parent, {})
        table[key] = value
        self.places[path] = place

    def names(self, *path: str) -> tuple[str, ...]:
        """The names in a table, as those of the chains in `[chains.ethereum]`."""
        table: Any = self.values
        for key in path:
            table = cast("Tree", table).get(key) if isinstance(table, dict) else None
        return tuple(cast("Tree", table)) if isinstance(table, dict) else ()


class LayerSource(PydanticBaseSettingsSource):
    """A layer as pydantic-settings takes it; layers are merged table by table."""

    def __init__(self, settings_cls: type[BaseSettings], layer: Layer) -> None:
        super().__init__(settings_cls)
        self.layer = layer

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The value of a top-level key."""
        del field
        return self.layer.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All values of the layer."""
        return self.layer.values


class DeploymentsDefault(PydanticBaseSettingsSource):
    """Where the deployments files of a chain are unless said otherwise; the layer asked last."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Nothing for single keys; the whole is made by calling."""
        del field
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The files of each chain that the layers before this one name."""
        found = _files(self.current_state, "json")
        treasury: Any = self.current_state.get("treasury")
        if isinstance(treasury, dict):
            found["treasury"] = _files(cast("Tree", treasury), "treasury.json")
        return found


def _files(values: Tree, ending: str) -> Tree:
    """Of each of the chains that a table has."""
    chains: Any = values.get("chains")
    if not isinstance(chains, dict):
        return {}
    tables = cast("Tree", chains)
    named = (name for name, table in tables.items() if isinstance(table, dict))
    return {"chains": {name: {"deployments": f"deployments/{name}.{ending}"} for name in named}}
