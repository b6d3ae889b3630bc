// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerHandler} from "./LedgerHandler.sol";
import {LedgerTest} from "./LedgerTest.sol";

/// @title For all calls of consumers, keepers, approvers and strangers, the ledger admits exactly the legal ones
contract PlanLedgerInvariants is LedgerTest {
    LedgerHandler private handler;

    function setUp() public override {
        super.setUp();
        ledger.lowerApprover(cheats.addr(ANN), 0);
        ledger.lowerApprover(cheats.addr(BOB), 0);
        handler = new LedgerHandler(ledger);
        manager.grantRole(CONFIGURATOR, address(handler), 0);
        manager.grantRole(GUARDIAN, address(handler), 0);
        for (uint8 i = 0; i < 3; ++i) {
            handler.setApprover(i, true);
        }
    }

    /// @notice Lists the contracts that forge may call.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    function invariant_P1_P2_P3__admitted__onlyLegal() external view {
        assertEq(handler.wronglyAdmitted(), 0, "admitted");
        assertEq(handler.wrongApprovals(), 0, "approvals");
    }

    function invariant_P4__refused__onlyIllegal() external view {
        assertEq(handler.wronglyRefused(), 0, "refused");
    }

    function invariant_P5__state__isWhatHappened() external view {
        assertTrue(handler.stateAgrees(), "state");
    }

    /// @dev Checks that enough calls of the handler succeed.
    function test_handler__aRun__reachesEverything() external {
        for (uint256 i = 0; i < 600; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(i)));
            (uint8 which, uint8 kind) = (uint8(draw >> 200), uint8(draw >> 208));
            if (i % 8 == 0) handler.open(draw);
            else if (i % 8 == 1) handler.cancel(which, kind & 0xF0);
            else if (i % 8 == 2) handler.voidNonce(which, kind, uint8(draw), kind & 0xF0);
            else if (i % 8 == 3) handler.openAgain(which, kind, uint8(draw));
            else if (i % 16 == 4) handler.mark(which, uint64(1) << (kind % 4), uint8(draw));
            else handler.consume(which, kind, uint8(draw));
        }
        assertGe(handler.counts("opened"), 20, "opened");
        assertGe(handler.counts("consumed"), 10, "consumed");
        assertGe(handler.counts("marked"), 5, "marked");
        assertGe(handler.counts("cancelled"), 1, "cancelled");
        assertGe(handler.counts("voided"), 1, "voided");
    }
}
