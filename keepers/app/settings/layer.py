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

    def names(self, section: str) -> tuple[str, ...]:
        """The names of the tables in a section, as in `[chains.ethereum]`."""
        tables: Any = self.values.get(section)
        return tuple(cast("Tree", tables)) if isinstance(tables, dict) else ()


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
    """Where the deployments file of a chain is unless said otherwise; the layer asked last."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Nothing for single keys; the whole is made by calling."""
        del field
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The file of each chain that the layers before this one name."""
        chains: Any = self.current_state.get("chains")
        if not isinstance(chains, dict):
            return {}
        tables = cast("Tree", chains)
        named = (name for name, table in tables.items() if isinstance(table, dict))
        return {"chains": {name: {"deployments": f"deployments/{name}.json"} for name in named}}
