// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Cost of a transaction's data on a rollup, besides its gas
/// @notice The function of that name of the OP stack's `GasPriceOracle`; other rollups get an adapter.
interface IL1FeeOracle {
    /// @notice The maximum data cost of an unsigned transaction of a given size in bytes, in wei.
    /// @dev Who: anybody.
    function getL1FeeUpperBound(uint256 unsignedTxSize) external view returns (uint256);
}
