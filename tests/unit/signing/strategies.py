"""Hypothesis strategies for transactions, and a key."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from keepers.model.chain import AccessList, ContractCall, Fees, Unsigned

# The second account of the well-known test mnemonic.
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"

TRANSACTION = Unsigned(
    chain_id=5,
    nonce=3,
    call=ContractCall("0x00000000000000000000000000000000DeaDBeef", "0xabcd"),
    gas_limit=100_000,
    fees=Fees(30, 2),
    value=7,
)

_words = st.integers(0, 2**256 - 1)
_counts = st.integers(0, 2**64 - 2)  # EIP-2681 limits nonces to this
_calls = st.builds(
    ContractCall,
    st.binary(min_size=20, max_size=20).map(lambda target: f"0x{target.hex()}"),
    st.binary(max_size=300).map(lambda data: f"0x{data.hex()}"),
)


_accounts = st.binary(min_size=20, max_size=20).map(lambda account: f"0x{account.hex()}")
_slots = st.binary(min_size=32, max_size=32).map(lambda slot: f"0x{slot.hex()}")


def access_lists() -> st.SearchStrategy[AccessList]:
    """Return access lists; an account or slot may occur twice, as EIP-2930 allows."""
    entries = st.tuples(_accounts, st.lists(_slots, max_size=3).map(tuple))
    return st.lists(entries, max_size=3).map(tuple)


def transactions() -> st.SearchStrategy[Unsigned]:
    """Return transactions whose numbers cover the whole range of their fields."""
    return st.builds(
        Unsigned,
        chain_id=st.integers(1, 2**64 - 1),
        nonce=_counts,
        call=_calls,
        gas_limit=_counts,
        fees=st.builds(Fees, _words, _words),
        value=_words,
        access_list=access_lists(),
    )


def few_examples() -> settings:
    """Use a third of the profile's examples; each signs and recovers several times in Python."""
    return settings(max_examples=settings.default.max_examples // 3 if settings.default else 20)
