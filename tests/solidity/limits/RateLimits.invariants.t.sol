// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {RateLimits} from "@ballast/security/RateLimits.sol";

import {Test} from "../support/Test.sol";
import {LimitHandler} from "./LimitHandler.sol";
import {RateLimitsHarness} from "./RateLimitsHarness.sol";

/// @title Limits hold over every interval, for all operations at all times
contract RateLimitsInvariants is Test {
    LimitHandler private handler;

    function setUp() public {
        vm.warp(1_750_000_000);
        AccessManager manager = new AccessManager(address(this));
        RateLimitsHarness limits = new RateLimitsHarness(address(manager));
        handler = new LimitHandler(limits);
        bytes4[] memory selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (RateLimits.raiseLimit.selector, RateLimits.lowerLimit.selector);
        manager.setTargetFunctionRole(address(limits), selectors, 1);
        manager.grantRole(1, address(handler), 0);
    }

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    function invariant_L1__everyInterval__capPlusSlope() external view {
        assertEq(handler.overflows(), 0, "L1: more than cap + slope * t");
    }

    function invariant_L2__configuration__neverRefills() external view {
        assertEq(handler.refills(), 0, "L2: refilled");
        assertEq(handler.lost(), 0, "L2: lost more than a unit");
    }

    function invariant_L3_L4_L5__levels__refusals__outsiders() external view {
        assertEq(handler.aboveCap(), 0, "L3: above the cap");
        assertEq(handler.wrongRefusals(), 0, "L4: refused what is available");
        assertEq(handler.byOutsiders(), 0, "L5: an outsider configured");
    }

    /// @dev Checks that enough calls of the handler succeed.
    function test_handler__aRun__reachesEverything() external {
        for (uint256 i = 0; i < 400; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(i)));
            (uint8 which, uint8 kind) = (uint8(draw >> 200), uint8(draw >> 208));
            if (i % 4 == 0) {
                handler.pass(uint32(draw), kind);
            } else if (i % 16 == 1) {
                handler.raise(which, uint64(draw), kind);
            } else if (i % 16 == 2) {
                try handler.lower(which, uint64(draw), kind, uint8(draw)) {} catch {}
            } else if (i % 4 == 3) {
                handler.consumeAndRefund(which, uint128(draw), kind, uint128(draw >> 64));
            } else {
                handler.consume(which, uint128(draw), kind);
            }
        }
        assertGe(handler.consumptions(), 100, "consumptions");
        assertGe(handler.reconfigurations(), 30, "reconfigurations");
    }
}
