"""The configuration file that `ballast config init` writes."""

from importlib.resources import files


def template() -> str:
    """A commented configuration with every key in it."""
    return files("keepers.config").joinpath("template.toml").read_text(encoding="utf-8")
