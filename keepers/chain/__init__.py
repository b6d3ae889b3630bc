"""Adapters to a chain: reads in one multicall, quotes, simulation and sending.

`node` sends JSON-RPC requests, `codec` and `contracts/` encode calls, `reverts` turns revert data
into typed errors. The interfaces are in `abi/`; a test compares them with the compiled contracts.
"""
