"""Strict parsing of instructions; canonical form and key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from keepers.model.batch import ChainTarget, Instruction, TargetOrder, TransferOrder
from keepers.model.errors import InputError
from keepers.model.inventory_state import AssetSettings, InventorySettings, chain_id_of
from keepers.model.json_document import canonical_json, plan_id
from keepers.planning.files.document import DocumentNode

VERSION = 1
TRANSFER = ("asset", "source", "destination", "amount")
TRANSFER_OPTIONS = ("route", "invest")
TARGET_OPTIONS = ("tolerance", "remainder")


def read_instruction(text: str, settings: InventorySettings) -> Instruction:
    """Parse an instruction against the settings.

    Args:
        text: JSON; its numbers are strings of whole tokens.
        settings: Known assets, chains and venues, with their decimals.

    Raises:
        InputError: A field is invalid; the first one is named by its path.
    """
    root = DocumentNode.of(text.encode())
    options = ("transfer", "targets", "deadline", *TARGET_OPTIONS)
    members = root.members(("version",), options)
    if members["version"].decimals() != VERSION:
        raise members["version"].error(f"must be {VERSION}")
    if ("transfer" in members) == ("targets" in members):
        raise root.error("must have either transfer or targets")
    deadline = _time(members["deadline"]) if "deadline" in members else None
    if "transfer" in members:
        for name in TARGET_OPTIONS:
            if name in members:
                raise members[name].error("goes with targets only")
        return Instruction(order=_transfer(members["transfer"], settings), deadline=deadline)
    return Instruction(order=_targets(members, settings), deadline=deadline)


def _transfer(node: DocumentNode, settings: InventorySettings) -> TransferOrder:
    members = node.members(TRANSFER, TRANSFER_OPTIONS)
    asset = _asset(members["asset"], members["asset"].text(), settings)
    source = _chain(members["source"], asset, settings)
    destination = _chain(members["destination"], asset, settings)
    if source == destination:
        raise members["destination"].error("is the source itself")
    there = _settings_of(settings, destination, asset)
    amount = members["amount"].units(there.decimals)
    if amount == 0:
        raise members["amount"].error("must be above 0")
    return TransferOrder(
        asset=asset,
        source=source,
        destination=destination,
        amount=amount,
        route=members["route"].text() if "route" in members else None,
        venue=_invest(members["invest"], there) if "invest" in members else None,
    )


def _invest(node: DocumentNode, there: AssetSettings) -> str | None:
    """Return the named venue; for true, the policy's venue or the only one."""
    if isinstance(node.value, bool):
        if not node.flag():
            return None
        only = there.venues[0] if len(there.venues) == 1 else None
        if (there.invest or only) is None:
            raise node.error("is true, and there is not one venue to choose; name it")
        return there.invest or only
    return _venue(node, node.text(), there)


def _targets(members: Mapping[str, DocumentNode], settings: InventorySettings) -> TargetOrder:
    node = members["targets"]
    targets = {
        _asset(each, asset, settings): _chains(each, asset, settings)
        for asset, each in node.entries().items()
    }
    if not targets:
        raise node.error("must not be empty")
    remainder = None
    if "remainder" in members:
        remainder = _chain_id(members["remainder"], members["remainder"].text())
        for asset, chains in targets.items():
            if remainder not in chains:
                raise members["remainder"].error(f"has no target of {asset}")
    return TargetOrder(
        targets=targets,
        tolerance=members["tolerance"].exact() if "tolerance" in members else Fraction(0),
        remainder=remainder,
    )


def _chains(node: DocumentNode, asset: str, settings: InventorySettings) -> dict[int, ChainTarget]:
    found: dict[int, ChainTarget] = {}
    for name, each in node.entries().items():
        chain_id = _known(each, _chain_id(each, name), asset, settings)
        found[chain_id] = _target(each, _settings_of(settings, chain_id, asset))
    if not found:
        raise node.error("must not be empty")
    return found


def _target(node: DocumentNode, settings: AssetSettings) -> ChainTarget:
    members = node.members(("idle",), ("venues",))
    venues = members["venues"].entries() if "venues" in members else {}
    return ChainTarget(
        idle=members["idle"].units(settings.decimals),
        venues={
            _venue(each, name, settings): each.units(settings.decimals)
            for name, each in venues.items()
        },
    )


def _asset(node: DocumentNode, name: str, settings: InventorySettings) -> str:
    if name not in settings.assets:
        raise node.error(f"is not one of {', '.join(settings.assets)}")
    return name


def _chain(node: DocumentNode, asset: str, settings: InventorySettings) -> int:
    return _known(node, _chain_id(node, node.text()), asset, settings)


def _chain_id(node: DocumentNode, name: str) -> int:
    try:
        return chain_id_of(name)
    except InputError as error:
        raise node.error(error.problem) from error


def _known(node: DocumentNode, chain_id: int, asset: str, settings: InventorySettings) -> int:
    if settings.asset(chain_id, asset) is None:
        raise node.error(f"is not a chain of {asset}")
    return chain_id


def _venue(node: DocumentNode, name: str, settings: AssetSettings) -> str:
    """Return the venue as spelled in the settings."""
    for each in settings.venues:
        if each.lower() == name.lower():
            return each
    raise node.error("is no venue of this asset here")


def _settings_of(settings: InventorySettings, chain_id: int, asset: str) -> AssetSettings:
    return settings.chains[chain_id].assets[asset]


def _time(node: DocumentNode) -> datetime:
    try:
        found = datetime.fromisoformat(node.text())
    except ValueError as error:
        raise node.error("is no time like 2026-03-02T12:00:00Z") from error
    if found.tzinfo is None:
        raise node.error("must say its time zone, as in 2026-03-02T12:00:00Z")
    return found


LONGEST_KEY = 128
"""Maximum number of characters of a key."""


def canonical_body(text: str) -> str:
    """Return the same JSON without white space and with sorted members; other text unchanged."""
    try:
        return canonical_json(json.loads(text))
    except (ValueError, RecursionError):
        return text


def key_of(text: str) -> str:
    """Return the default key of an instruction; equal instructions have equal keys."""
    return plan_id("instruction", canonical_body(text))


def checked_key(key: str, field: str) -> str:
    """Return a key that can be stored and shown.

    Args:
        key: The key as received.
        field: The field name used in errors.

    Raises:
        InputError: The key is empty, too long, or has characters that are not printable ASCII.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise InputError(field, f"must have 1 to {LONGEST_KEY} characters")
    if not (key.isascii() and key.isprintable()):
        raise InputError(field, "must be of printable ASCII characters")
    return key
