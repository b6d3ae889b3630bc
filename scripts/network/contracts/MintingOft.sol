// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OFT} from "@layerzerolabs/oft-evm/contracts/OFT.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title LayerZero's token of 18 decimals, which mints and burns
contract MintingOft is OFT {
    constructor(address endpoint, address owner_) OFT("USDT0", "USDT0", endpoint, owner_) Ownable(owner_) {}

    /// @notice Makes tokens that no other chain has burnt. Owner only.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
