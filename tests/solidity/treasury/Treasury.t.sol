// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryConfigurationTest} from "./TreasuryConfiguration.sol";
import {TreasuryInvestTest} from "./TreasuryInvest.sol";
import {TreasuryPlansTest} from "./TreasuryPlans.sol";
import {TreasuryReceiveTest} from "./TreasuryReceive.sol";
import {TreasuryRoutesTest} from "./TreasuryRoutes.sol";
import {TreasurySendTest} from "./TreasurySend.sol";
import {World} from "./World.sol";

/// @title All unit tests of the treasury and its routes
/// @notice One contract, so that the two chains are compiled once.
contract TreasuryTest is
    TreasurySendTest,
    TreasuryReceiveTest,
    TreasuryInvestTest,
    TreasuryRoutesTest,
    TreasuryConfigurationTest,
    TreasuryPlansTest
{
    function setUp() public override(World, TreasuryPlansTest) {
        super.setUp();
    }
}
