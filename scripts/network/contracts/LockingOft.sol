// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OFTAdapter} from "@layerzerolabs/oft-evm/contracts/OFTAdapter.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title LayerZero's adapter, which locks a token
contract LockingOft is OFTAdapter {
    constructor(address token_, address endpoint, address owner_)
        OFTAdapter(token_, endpoint, owner_)
        Ownable(owner_)
    {}
}
