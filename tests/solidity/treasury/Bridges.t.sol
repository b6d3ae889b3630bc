// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CctpTest} from "./CctpRows.sol";
import {CctpSwitchesTest} from "./CctpSwitches.sol";
import {OftTest} from "./OftRows.sol";

/// @title Tests of the local bridges against the observed behaviour of the real ones
contract BridgesTest is CctpTest, CctpSwitchesTest, OftTest {
    function setUp() public override(CctpTest, CctpSwitchesTest, OftTest) {
        super.setUp();
    }
}
