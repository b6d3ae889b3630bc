"""Adapters of the engine's ports to a chain: reads in one multicall, quotes, simulation, sending.

`node` speaks JSON-RPC, `codec` and `contracts/` the contracts' interfaces, `reverts` turns revert
data into typed errors. The interfaces lie in `abi/`; a test compares
them with the compiled contracts.
"""
