"""Names in the configuration that must lead somewhere in it."""

from collections.abc import Collection, Iterator

from keepers.config.model import Settings
from keepers.config.problems import Finding
from keepers.config.signers import JsonRpcSigner, SendingSettings
from keepers.config.structure import Path
from keepers.config.treasury import TreasurySettings
from keepers.model.transfer_record import TREASURY


def dangling_references(settings: Settings) -> Iterator[Finding]:
    """Yield the problems of names without a table, and of tables without a needed name."""
    kept = settings.recurring.vault
    yield from _dangling(("recurring", "vault"), "vaults", kept, settings.vaults)
    if not settings.vaults and settings.treasury is None:
        advice = "add a table [vaults.NAME], or [treasury]"
        yield ("vaults",), "is missing, and so is treasury", advice
    for name, vault in settings.vaults.items():
        path: Path = ("vaults", name)
        yield from _dangling((*path, "chain"), "chains", vault.chain, settings.chains)
        yield from _sending(settings, path, vault)
    if settings.treasury is not None:
        yield from _treasury(settings, settings.treasury)
        if TREASURY in settings.vaults:
            problem = "is how the runs of [treasury] are called"
            yield ("vaults", TREASURY), problem, "give the vault another name"


def _sending(
    settings: Settings, path: Path, table: SendingSettings, validator: str | None = None
) -> Iterator[Finding]:
    """Check the names in a table that sends; `validator` is one that holds for it as well."""
    yield from _dangling((*path, "signer"), "signers", table.signer, settings.signers)
    yield from _auditing(settings, path, table)
    signer = settings.signers.get(table.signer)
    sealed = isinstance(signer, JsonRpcSigner) and signer.sealed
    if sealed and table.validator is None and validator is None:
        advice = "add validator = …, the name of one of [validators.…]"
        yield path, "its signer seals, and there is no validator", advice


def _auditing(
    settings: Settings, path: Path, table: SendingSettings | TreasurySettings
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
        path: Path = ("treasury", "chains", name)
        yield from _dangling(path, "chains", name, settings.chains)
        yield from _sending(settings, path, table, treasury.validator)
        if name in settings.chains:
            chain_id = settings.chains[name].chain_id
            if chain_id in known:
                problem = f"is the same chain as [treasury.chains.{known[chain_id]}]"
                yield path, problem, "remove one of them: a chain has one treasury"
            known.setdefault(chain_id, name)
            yield from _shared_keys(settings, path, table.signer, chain_id)


def _shared_keys(settings: Settings, path: Path, signer: str, chain_id: int) -> Iterator[Finding]:
    """Yield the problems of keys that two engines would use, each counting its nonces."""
    for name, vault in settings.vaults.items():
        chain = settings.chains.get(vault.chain)
        if chain is not None and chain.chain_id == chain_id and vault.signer == signer:
            problem = f"is the signer of vault {name} on this chain too"
            yield (*path, "signer"), problem, "give the treasury a key of its own"


def _dangling(
    path: Path, section: str, wanted: str | None, known: Collection[str]
) -> Iterator[Finding]:
    if wanted is not None and wanted not in known:
        others = f"use one of {', '.join(sorted(known))}, or " if known else ""
        advice = f"{others}add [{section}.{wanted}]"
        yield path, f"there is no [{section}.{wanted}]", advice
