"""Names in the configuration that must lead somewhere in it."""

from collections.abc import Collection, Iterator

from keepers.app.settings.layer import Path
from keepers.app.settings.model import Settings
from keepers.app.settings.problems import Finding
from keepers.app.settings.signers import JsonRpcSigner


def dangling_references(settings: Settings) -> Iterator[Finding]:
    """Everything that names a table which is not there, or lacks one that its signer needs."""
    kept = settings.recurring.vault
    yield from _dangling(("recurring", "vault"), "vaults", kept, settings.vaults)
    for name, vault in settings.vaults.items():
        path: Path = ("vaults", name)
        yield from _dangling((*path, "chain"), "chains", vault.chain, settings.chains)
        yield from _dangling((*path, "signer"), "signers", vault.signer, settings.signers)
        yield from _dangling((*path, "policy"), "policies", vault.policy, settings.policies)
        for auditor in vault.auditors:
            yield from _dangling((*path, "auditors"), "auditors", auditor, settings.auditors)
        yield from _dangling(
            (*path, "validator"), "validators", vault.validator, settings.validators
        )
        signer = settings.signers.get(vault.signer)
        if isinstance(signer, JsonRpcSigner) and signer.sealed and vault.validator is None:
            advice = "add validator = …, the name of one of [validators.…]"
            yield path, "its signer seals, and there is no validator", advice


def _dangling(
    path: Path, section: str, wanted: str | None, known: Collection[str]
) -> Iterator[Finding]:
    if wanted is not None and wanted not in known:
        others = f"use one of {', '.join(sorted(known))}, or " if known else ""
        advice = f"{others}add [{section}.{wanted}]"
        yield path, f"there is no [{section}.{wanted}]", advice
