// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {RateLimitsHarness} from "../limits/RateLimitsHarness.sol";
import {Ceilings} from "./Ceilings.sol";
import {GasTest} from "./GasTest.sol";

/// @title Gas of a limit inside a call, with a slot that the transaction has not yet read
/// forge-config: default.isolate = true
contract RateLimitsGasTest is GasTest {
    uint256 private constant CAP = 1_000_000e6;

    bytes32 private immutable key = LimitKeys.automatic(address(this));
    bytes32 private immutable other = LimitKeys.forAsset(address(this));
    RateLimitsHarness private limits;

    function setUp() public {
        vm.warp(1_750_000_000);
        // The test contract is the admin, whose role applies to every function without another role.
        limits = new RateLimitsHarness(address(new AccessManager(address(this))));
        limits.raiseLimit(key, CAP, 1 days, 0);
        limits.raiseLimit(other, CAP, 1 days, 0);
        vm.warp(1_750_000_000 + 1 days);
    }

    function test_gas__limits__oneBucket() public {
        _tellWithin("one bucket", limits.gasOfConsume(key, CAP / 2), Ceilings.BUCKET);
    }

    function test_gas__limits__twoBuckets() public {
        _tellWithin("two buckets", limits.gasOfTwo(key, other, CAP / 2), 2 * Ceilings.BUCKET);
    }
}
