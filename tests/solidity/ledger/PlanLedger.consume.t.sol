// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";

import {LedgerTest} from "./LedgerTest.sol";

contract PlanLedgerConsumeTest is LedgerTest {
    bytes32 private planHash;

    function test_consume__eachAction__onceAndReturnsApprovals() public {
        IPlanLedger.Plan memory opened = _opened(64);
        for (uint8 i = 0; i < 64; ++i) {
            vm.expectEmit(address(ledger));
            emit IPlanLedger.ActionConsumed(planHash, i);
            assertEq(_consume(opened, i), 2, "approvals");
        }
        assertEq(ledger.statusOf(CONSUMER, planHash).done, type(uint64).max, "all");
        for (uint8 i = 0; i < 64; ++i) {
            _refuses(opened, i, abi.encodeWithSelector(IPlanLedger.PlanLedger_AlreadyConsumed.selector, planHash, i));
        }
    }

    function test_consume__dependencyMissing__reverts() public {
        IPlanLedger.Plan memory opened = _opened(4);
        bytes4 refusal = IPlanLedger.PlanLedger_DependencyMissing.selector;
        _refuses(opened, 2, abi.encodeWithSelector(refusal, planHash, 2, 3));
        _consume(opened, 1);
        _refuses(opened, 3, abi.encodeWithSelector(refusal, planHash, 3, 1));
        _consume(opened, 0);
        _consume(opened, 3);
        _consume(opened, 2);
    }

    function test_consume__independent__goesOnWithoutTheOther() public {
        IPlanLedger.Plan memory opened = _opened(4);
        _consume(opened, 1);
        assertEq(ledger.statusOf(CONSUMER, planHash).done, 2, "second only");
    }

    function test_consume__neverOpenedOrByAnother__reverts() public {
        IPlanLedger.Plan memory opened = _opened(4);
        IPlanLedger.Plan memory other = _plan(2, 4);
        bytes32 otherHash = ledger.hashOf(other);
        _refuses(other, 0, abi.encodeWithSelector(IPlanLedger.PlanLedger_UnknownPlan.selector, otherHash));
        bytes32[] memory leaves = _leaves(opened);
        IPlanLedger.Header memory header = opened.header;
        vm.prank(OTHER_CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherConsumer.selector, CONSUMER, OTHER_CONSUMER));
        ledger.consume(header, _caller(), leaves, 0, opened.actions[0]);
        // With its own name in the header, it refers to a plan that it never opened.
        header.consumer = OTHER_CONSUMER;
        opened.header.consumer = OTHER_CONSUMER;
        bytes memory unknown =
            abi.encodeWithSelector(IPlanLedger.PlanLedger_UnknownPlan.selector, ledger.hashOf(opened));
        vm.prank(OTHER_CONSUMER);
        vm.expectRevert(unknown);
        ledger.consume(header, _caller(), leaves, 0, opened.actions[0]);
    }

    function test_consume__otherKeeperOrEpoch__reverts() public {
        IPlanLedger.Plan memory opened = _opened(4);
        bytes32[] memory leaves = _leaves(opened);
        IPlanLedger.Header memory header = opened.header;
        vm.startPrank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherKeeper.selector, KEEPER, OTHER_KEEPER));
        ledger.consume(header, IPlanLedger.Caller(OTHER_KEEPER, EPOCH), leaves, 0, opened.actions[0]);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, EPOCH, EPOCH + 1));
        ledger.consume(header, IPlanLedger.Caller(KEEPER, EPOCH + 1), leaves, 0, opened.actions[0]);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, EPOCH, EPOCH - 1));
        ledger.consume(header, IPlanLedger.Caller(KEEPER, EPOCH - 1), leaves, 0, opened.actions[0]);
        // A header with another keeper or epoch belongs to another plan.
        header.keeper = OTHER_KEEPER;
        vm.expectPartialRevert(IPlanLedger.PlanLedger_UnknownPlan.selector);
        ledger.consume(header, IPlanLedger.Caller(OTHER_KEEPER, EPOCH), leaves, 0, opened.actions[0]);
        (header.keeper, header.epoch) = (KEEPER, EPOCH + 1);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_UnknownPlan.selector);
        ledger.consume(header, IPlanLedger.Caller(KEEPER, EPOCH + 1), leaves, 0, opened.actions[0]);
    }

    function test_consume__deadline__isTheLastGoodSecond() public {
        IPlanLedger.Plan memory opened = _opened(4);
        vm.warp(opened.header.deadline);
        _consume(opened, 0);
        vm.warp(opened.header.deadline + 1);
        bytes4 refusal = IPlanLedger.PlanLedger_Expired.selector;
        _refuses(opened, 1, abi.encodeWithSelector(refusal, opened.header.deadline, opened.header.deadline + 1));
    }

    function test_consume__unknownIndex__reverts() public {
        IPlanLedger.Plan memory opened = _opened(4);
        bytes32[] memory leaves = _leaves(opened);
        uint8[3] memory indices = [4, 64, 255];
        for (uint256 i = 0; i < indices.length; ++i) {
            vm.prank(CONSUMER);
            vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_UnknownAction.selector, indices[i], 4));
            ledger.consume(opened.header, _caller(), leaves, indices[i], opened.actions[0]);
        }
    }

    function test_consume__actionOfAnotherIndex__reverts() public {
        IPlanLedger.Plan memory opened = _opened(4);
        bytes32[] memory leaves = _leaves(opened);
        vm.prank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherAction.selector, 0, leaves[1], leaves[0]));
        ledger.consume(opened.header, _caller(), leaves, 0, opened.actions[1]);
    }

    function test_cancel__openPlan__endsIt() public {
        IPlanLedger.Plan memory opened = _opened(4);
        _consume(opened, 0);
        vm.prank(OTHER_CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_UnknownPlan.selector, planHash));
        ledger.cancel(planHash);
        vm.expectEmit(address(ledger));
        emit IPlanLedger.PlanCancelled(planHash);
        vm.prank(CONSUMER);
        ledger.cancel(planHash);
        bytes memory refusal = abi.encodeWithSelector(IPlanLedger.PlanLedger_Cancelled.selector, planHash);
        _refuses(opened, 1, refusal);
        vm.prank(CONSUMER);
        vm.expectRevert(refusal);
        ledger.cancel(planHash);
        IPlanLedger.Status memory status = ledger.statusOf(CONSUMER, planHash);
        assertTrue(status.cancelled, "cancelled");
        assertEq(status.done, 1, "what ran is remembered");
    }

    function test_cancel__neverOpened__reverts() public {
        vm.prank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_UnknownPlan.selector, bytes32(0)));
        ledger.cancel(bytes32(0));
    }

    /// @dev Alters one bit of the keeper's input for an open plan: header, leaves or action.
    function testFuzz_consume__oneBitAltered__reverts(uint256 field, uint8 bit, uint8 index) public {
        IPlanLedger.Plan memory opened = _opened(8);
        index = index % 4;
        IPlanLedger.Header memory header = opened.header;
        IPlanLedger.Caller memory caller = _caller();
        bytes32[] memory leaves = _leaves(opened);
        IPlanLedger.Action memory action = opened.actions[index];
        field = field % 20;
        uint256 mask = uint256(1) << bit;
        if (field == 0) header.consumer = address(uint160(header.consumer) ^ uint160(1 << (bit % 160)));
        else if (field == 1) header.keeper = address(uint160(header.keeper) ^ uint160(1 << (bit % 160)));
        else if (field == 2) header.nonce ^= mask;
        else if (field == 3) header.deadline ^= uint40(1 << (bit % 40));
        else if (field == 4) header.epoch ^= uint32(1 << (bit % 32));
        else if (field == 5) header.preState ^= bytes32(mask);
        else if (field == 6) action.verb ^= uint8(1 << (bit % 8));
        else if (field == 7) action.asset = address(uint160(action.asset) ^ uint160(1 << (bit % 160)));
        else if (field == 8) action.amount ^= mask;
        else if (field == 9) action.minOut ^= mask;
        else if (field == 10) action.dataHash ^= bytes32(mask);
        else if (field == 11) action.dependsOn ^= uint64(1 << (bit % 64));
        else leaves[field - 12] ^= bytes32(mask);
        // The stated keeper or epoch may equal the altered header; that does not help.
        if (field == 1 && bit % 2 == 0) caller.keeper = header.keeper;
        if (field == 4 && bit % 2 == 0) caller.epoch = header.epoch;
        vm.prank(CONSUMER);
        try ledger.consume(header, caller, leaves, index, action) {
            assertTrue(false, "consumed");
        } catch {}
        assertEq(ledger.statusOf(CONSUMER, planHash).done, 0, "nothing ran");
    }

    /// @dev Adding, removing or repeating leaves changes the plan.
    function testFuzz_consume__otherNumberOfLeaves__reverts(uint8 count) public {
        IPlanLedger.Plan memory opened = _opened(8);
        vm.assume(count % 70 != 8);
        bytes32[] memory leaves = _leaves(opened);
        bytes32[] memory others = new bytes32[](count % 70);
        for (uint256 i = 0; i < others.length; ++i) {
            others[i] = leaves[i % 8];
        }
        vm.prank(CONSUMER);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_UnknownPlan.selector);
        ledger.consume(opened.header, _caller(), others, 0, opened.actions[0]);
    }

    function _opened(uint256 count) internal returns (IPlanLedger.Plan memory opened) {
        opened = _plan(1, count);
        planHash = _open(opened, _signedByBoth(ledger.hashOf(opened)));
    }

    function _refuses(IPlanLedger.Plan memory opened, uint8 index, bytes memory refusal) internal {
        bytes32[] memory leaves = _leaves(opened);
        vm.prank(CONSUMER);
        vm.expectRevert(refusal);
        ledger.consume(opened.header, _caller(), leaves, index, opened.actions[index]);
    }
}
