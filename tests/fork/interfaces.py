"""Interfaces of the external bridges that the tests of forks call."""

from __future__ import annotations

from typing import Any


def view(name: str, inputs: tuple[str, ...], output: str) -> dict[str, Any]:
    """Return the ABI of a view function."""
    return _function(name, inputs, (output,), "view")


def change(name: str, *inputs: str) -> dict[str, Any]:
    """Return the ABI of a function that changes state."""
    return _function(name, inputs, (), "nonpayable")


def _function(
    name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], mutability: str
) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "inputs": [{"name": f"a{place}", "type": kind} for place, kind in enumerate(inputs)],
        "outputs": [{"name": "", "type": kind} for kind in outputs],
        "stateMutability": mutability,
    }


ORIGIN: dict[str, Any] = {
    "name": "origin",
    "type": "tuple",
    "components": [
        {"name": "srcEid", "type": "uint32"},
        {"name": "sender", "type": "bytes32"},
        {"name": "nonce", "type": "uint64"},
    ],
}
TRANSMITTER = [
    view("attesterManager", (), "address"),
    view("signatureThreshold", (), "uint256"),
    change("enableAttester", "address"),
    change("setSignatureThreshold", "uint256"),
]
MESSENGER = [view("remoteTokenMessengers", ("uint32",), "bytes32")]
ENDPOINT = [
    view("defaultReceiveLibrary", ("uint32",), "address"),
    view("inboundNonce", ("address", "uint32", "bytes32"), "uint64"),
    change("verify", "tuple", "address", "bytes32"),
    change("lzReceive", "tuple", "address", "bytes32", "bytes", "bytes"),
    change("lzCompose", "address", "address", "bytes32", "uint16", "bytes", "bytes"),
]
for _each in ENDPOINT[2:4]:
    _each["inputs"][0] = ORIGIN
OFT = [
    view("peers", ("uint32",), "bytes32"),
    view("decimalConversionRate", (), "uint256"),
]
