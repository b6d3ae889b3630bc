// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../support/Test.sol";

/// @title Cheat codes used only by the tests of limits
interface CoolVm {
    function cool(address account) external;
}

abstract contract LimitsTest is Test {
    CoolVm internal constant cheats = CoolVm(address(vm));

    event Gas(string what, uint256 spent);
}
