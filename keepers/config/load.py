"""From a file and the environment to settings, or to a list of what is wrong with them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from keepers.config import layer
from keepers.config.anchor import anchored
from keepers.config.environment import (
    NESTED,
    SECTIONS,
    engine_layer,
    prefixed_layer,
    unknown_sections,
)
from keepers.config.errors import ConfigError, Problem
from keepers.config.layer import DeploymentsDefault, Layer, LayerSource, Place
from keepers.config.model import Settings
from keepers.config.problems import Finding, findings
from keepers.config.references import dangling_references
from keepers.config.tiers import TIER_VARIABLES
from keepers.config.toml_file import read_toml

DEFAULT_FILE = "ballast.toml"
FILE_VARIABLE = "BALLAST_CONFIG"
_SECTIONS = ", ".join((*SECTIONS, *NESTED))


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, the file that they came from, and the layers in order of precedence."""

    settings: Settings
    file: Path
    layers: tuple[Layer, ...]

    def place(self, path: layer.Path) -> Place | None:
        """Where the value at a path was set; None for a default."""
        return next((each.places[path] for each in self.layers if path in each.places), None)


def load_settings(path: Path | None = None) -> Settings:
    """The settings in force.

    Args:
        path: The configuration file; by default what BALLAST_CONFIG names, else `ballast.toml`.

    Raises:
        ConfigError: They cannot be used; it lists every problem.
    """
    return load(path, os.environ).settings


def config_file(path: Path | None, environment: Mapping[str, str]) -> Path:
    """The configuration file to use."""
    return path or Path(environment.get(FILE_VARIABLE) or DEFAULT_FILE)


def load(path: Path | None, environment: Mapping[str, str]) -> Loaded:
    """The settings in force, and where each of them came from.

    Raises:
        ConfigError: They cannot be used; it lists every problem.
    """
    file = config_file(path, environment)
    written = read_toml(file)
    _refuse_unknown(file, environment)
    layers = (
        prefixed_layer(environment, written),
        engine_layer(environment, written, TIER_VARIABLES),
        written,
    )
    settings = _validated(file, layers)
    dangling = list(dangling_references(settings))
    if dangling:
        raise config_error(file, layers, dangling)
    return Loaded(anchored(settings, file.absolute().parent), file, layers)


def _validated(file: Path, layers: tuple[Layer, ...]) -> Settings:
    sources = (*(LayerSource(Settings, each) for each in layers), DeploymentsDefault(Settings))
    try:
        return cast("Callable[..., Settings]", Settings)(_build_sources=(sources, {}))
    except ValidationError as error:
        # `from None`: the original carries the input, and with it whatever is secret there.
        raise config_error(file, layers, list(findings(error))) from None


def _refuse_unknown(file: Path, environment: Mapping[str, str]) -> None:
    advice = f"name it BALLAST_SECTION__NAME__KEY, with a section of {_SECTIONS}"
    problems = [
        Problem(file=file, variable=each, key="", problem="names no setting", advice=advice)
        for each in unknown_sections(environment)
    ]
    if problems:
        raise ConfigError(problems)


def config_error(file: Path, layers: tuple[Layer, ...], found: list[Finding]) -> ConfigError:
    """What was found, as an error that says where each stands."""
    problems = [_problem(file, layers, *each) for each in found]
    return ConfigError(sorted(problems, key=lambda each: each.line or 0))


def _problem(
    file: Path, layers: tuple[Layer, ...], path: layer.Path, problem: str, advice: str
) -> Problem:
    place = _nearest(layers, path)
    return Problem(
        file=file,
        line=place if isinstance(place, int) else None,
        variable=place if isinstance(place, str) else None,
        key=".".join(str(part) for part in path),
        problem=problem,
        advice=advice,
    )


def _nearest(layers: tuple[Layer, ...], path: layer.Path) -> Place | None:
    """Where the value stands, or the smallest table around it."""
    for end in range(len(path), 0, -1):
        for each in layers:
            if path[:end] in each.places:
                return each.places[path[:end]]
    return None
