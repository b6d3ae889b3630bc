// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "./IBridgeRoute.sol";
import {ITreasury} from "./ITreasury.sol";

/// @title Views of a treasury for keepers
/// @notice Views only. One contract serves all treasuries of a chain.
interface ITreasuryLens {
    /// @notice Contents of a venue. `withdrawable` is the amount that it would pay now.
    struct Position {
        address venue;
        uint256 shares;
        uint256 value;
        uint256 withdrawable;
    }

    /// @notice Idle tokens of an asset, and the value of its venues' shares.
    function balancesOf(address treasury, bytes32 asset) external view returns (uint256 idle, uint256 invested);

    /// @notice Contents of each venue of an asset.
    function positionsOf(address treasury, bytes32 asset) external view returns (Position[] memory);

    /// @notice Times of the legs of many transfers on this chain.
    function legsOf(address treasury, bytes32[] calldata ids) external view returns (ITreasury.Legs[] memory);

    /// @notice Present cost and bounds of a transfer from here. `most` is also bounded by the lane and by the route's
    /// limit, and 0 while the treasury is paused or the lane closed. Reverts with `TreasuryLens_NoWay` where there is
    /// no route, and with the route's errors.
    function quote(ITreasury.Transfer calldata transfer, bytes calldata options)
        external
        view
        returns (IBridgeRoute.Quote memory);

    /// @notice The source has no such route, or no lane to that treasury.
    error TreasuryLens_NoWay(bytes32 asset, bytes32 route, uint256 chain);
}
