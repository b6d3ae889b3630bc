"""Paths of the local network's tools and state."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(__file__).resolve().parent
CONTRACTS = PACKAGE / "contracts"
NODE_MODULES = ROOT / "node_modules"
ANVIL = NODE_MODULES / ".bin" / "anvil"
FORGE = NODE_MODULES / ".bin" / "forge"
CACHE = ROOT / ".cache" / "network"
RUNNING = CACHE / "running.json"
