// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CctpTest} from "./CctpRows.sol";
import {OftTest} from "./OftRows.sol";

/// @title The bridges as they were seen to behave
contract BridgesTest is CctpTest, OftTest {
    function setUp() public override(CctpTest, OftTest) {
        super.setUp();
    }
}
