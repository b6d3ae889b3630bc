// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the data of a transaction costs on a rollup, beside its gas
/// @notice The function of that name of the OP stack's `GasPriceOracle`; other rollups get an adapter.
interface IL1FeeOracle {
    /// @notice The most that a transaction of so many bytes, unsigned, costs for its data, in wei.
    /// @dev Who: anybody.
    function getL1FeeUpperBound(uint256 unsignedTxSize) external view returns (uint256);
}
