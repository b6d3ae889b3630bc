// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strategy} from "./Strategy.sol";

/// @title Strategy with an exit fee that stays with the other holders and is part of its previews
contract ExitFeeStrategy is Strategy {
    uint256 private immutable feeBps;

    constructor(address asset_, uint256 feeBps_) Strategy(asset_, "EXIT") {
        feeBps = feeBps_;
    }

    function previewRedeem(uint256 shares) public view override returns (uint256) {
        return super.previewRedeem(shares) * (10_000 - feeBps) / 10_000;
    }
}
