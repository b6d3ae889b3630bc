"""Names in the configuration that must lead somewhere in it."""

from collections.abc import Collection, Iterator

from keepers.app.settings.layer import Path
from keepers.app.settings.model import Settings
from keepers.app.settings.problems import Finding


def dangling_references(settings: Settings) -> Iterator[Finding]:
    """Every vault whose chain or signer is not configured."""
    for name, vault in settings.vaults.items():
        path: Path = ("vaults", name)
        yield from _dangling((*path, "chain"), vault.chain, settings.chains)
        yield from _dangling((*path, "signer"), vault.signer, settings.signers)


def _dangling(path: Path, wanted: str, known: Collection[str]) -> Iterator[Finding]:
    if wanted not in known:
        section = f"{path[-1]}s"
        advice = f"use one of {', '.join(sorted(known))}, or add [{section}.{wanted}]"
        yield path, f"there is no [{section}.{wanted}]", advice
