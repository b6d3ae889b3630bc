// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MintingOft} from "@network/MintingOft.sol";

/// @title LayerZero's token of 6 decimals, which mints and burns
contract SixDecimalsOft is MintingOft {
    constructor(address endpoint, address owner_) MintingOft(endpoint, owner_) {}

    /// @dev Asked for while the base is made, so it must not come from storage or an immutable.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
