// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OFT} from "@layerzerolabs/oft-evm/contracts/OFT.sol";
import {OFTAdapter} from "@layerzerolabs/oft-evm/contracts/OFTAdapter.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title LayerZero's token of 18 decimals, which mints and burns
contract MintingOft is OFT {
    constructor(address endpoint, address owner_) OFT("USDT0", "USDT0", endpoint, owner_) Ownable(owner_) {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @title LayerZero's adapter, which locks a token
contract LockingOft is OFTAdapter {
    constructor(address token_, address endpoint, address owner_)
        OFTAdapter(token_, endpoint, owner_)
        Ownable(owner_)
    {}
}
