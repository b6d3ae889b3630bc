// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "./IBridgeRoute.sol";
import {ITreasury} from "./ITreasury.sol";

/// @title What a keeper wants to know of a treasury
/// @notice Views only. One serves all treasuries of a chain.
interface ITreasuryLens {
    /// @notice What is in a venue. `withdrawable` is what it would give now.
    struct Position {
        address venue;
        uint256 shares;
        uint256 value;
        uint256 withdrawable;
    }

    /// @notice Idle tokens of an asset, and what its venues' shares are worth.
    function balancesOf(address treasury, bytes32 asset) external view returns (uint256 idle, uint256 invested);

    /// @notice What is in each venue of an asset.
    function positionsOf(address treasury, bytes32 asset) external view returns (Position[] memory);

    /// @notice When the legs of many transfers happened on this chain.
    function legsOf(address treasury, bytes32[] calldata ids) external view returns (ITreasury.Legs[] memory);

    /// @notice What a transfer from here would cost and need now. `most` is also bounded by the lane and by the route's
    /// limit, and 0 while the treasury is paused or the lane closed. Reverts with `TreasuryLens_NoWay` where there is
    /// none, and with the route's errors.
    function quote(ITreasury.Transfer calldata transfer, bytes calldata options)
        external
        view
        returns (IBridgeRoute.Quote memory);

    /// @notice The source has no such route, or no lane to that treasury.
    error TreasuryLens_NoWay(bytes32 asset, bytes32 route, uint256 chain);
}
