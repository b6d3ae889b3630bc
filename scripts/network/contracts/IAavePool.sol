// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the money market uses of an Aave V3 pool
interface IAavePool {
    struct ReserveData {
        uint256 configuration;
        uint128 liquidityIndex;
        uint128 currentLiquidityRate;
        uint128 variableBorrowIndex;
        uint128 currentVariableBorrowRate;
        uint128 currentStableBorrowRate;
        uint40 lastUpdateTimestamp;
        uint16 id;
        address aTokenAddress;
        address stableDebtTokenAddress;
        address variableDebtTokenAddress;
        address interestRateStrategyAddress;
        uint128 accruedToTreasury;
        uint128 unbacked;
        uint128 isolationModeTotalDebt;
    }

    /// @notice Takes `amount` of `asset` from the caller and mints aTokens to `onBehalfOf`.
    function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode) external;

    /// @notice Burns the caller's aTokens and sends `amount` of `asset` to `to`.
    function withdraw(address asset, uint256 amount, address to) external returns (uint256);

    /// @notice State and configuration of a reserve.
    function getReserveData(address asset) external view returns (ReserveData memory);
}
