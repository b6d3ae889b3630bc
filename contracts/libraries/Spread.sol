// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {Bps} from "./Bps.sol";

/// @title How an amount is spread over a tier's ERC-4626 holdings
/// @notice Weights are judged on what the tier will be worth afterwards; the positions' `value` is their value before.
/// A position that has had its turn is closed, so each gets at most one.
library Spread {
    /// @notice Value of all positions together.
    function total(IPortfolio.Position[] memory positions) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < positions.length; ++i) {
            sum += positions[i].value;
        }
    }

    /// @notice Takes a position out of the running.
    function close(IPortfolio.Position memory position) internal pure {
        position.kind = IPortfolio.Kind.Venue;
    }

    /// @notice The open ERC-4626 position that is furthest below its target.
    /// @param tierValue Value of the tier afterwards.
    /// @return index Its place; meaningless when `gap` is 0.
    /// @return gap What it lacks, rounded up; 0 when none is below its target.
    function widestGap(IPortfolio.Position[] memory positions, uint256 tierValue)
        internal
        pure
        returns (uint256 index, uint256 gap)
    {
        for (uint256 i = 0; i < positions.length; ++i) {
            if (positions[i].kind != IPortfolio.Kind.Erc4626) continue;
            uint256 target = Bps.partUp(tierValue, positions[i].targetBps);
            if (target <= positions[i].value || target - positions[i].value <= gap) continue;
            (index, gap) = (i, target - positions[i].value);
        }
    }

    /// @notice The open ERC-4626 position that is furthest above its target.
    /// @param tierValue Value of the tier afterwards.
    /// @return index Its place; meaningless when `excess` is 0.
    /// @return excess What it has too much, rounded up; 0 when none is above its target.
    function widestExcess(IPortfolio.Position[] memory positions, uint256 tierValue)
        internal
        pure
        returns (uint256 index, uint256 excess)
    {
        for (uint256 i = 0; i < positions.length; ++i) {
            if (positions[i].kind != IPortfolio.Kind.Erc4626) continue;
            uint256 target = Bps.partDown(tierValue, positions[i].targetBps);
            if (positions[i].value <= target || positions[i].value - target <= excess) continue;
            (index, excess) = (i, positions[i].value - target);
        }
    }
}
