// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";

import {LedgerTest} from "./LedgerTest.sol";

contract PlanLedgerMarkTest is LedgerTest {
    bytes32 private planHash;

    function test_check__openPlan__returnsHashAndStatus() public {
        IPlanLedger.Plan memory opened = _opened(4);
        _consume(opened, 1);
        (bytes32 found, IPlanLedger.Status memory status) = _check(opened);
        assertTrue(found == planHash, "hash");
        assertEq(status.done, 2, "done");
        assertEq(status.count, 4, "count");
        assertEq(status.approvals, 2, "approvals");
        assertEq(status.deadline, opened.header.deadline, "deadline");
        assertEq(status.epoch, EPOCH, "epoch");
        assertFalse(status.cancelled, "cancelled");
        assertEq(ledger.statusOf(CONSUMER, planHash).done, 2, "unchanged");
    }

    function test_check__deadline__isTheLastGoodSecond() public {
        IPlanLedger.Plan memory opened = _opened(4);
        uint40 deadline = opened.header.deadline;
        vm.warp(deadline);
        _check(opened);
        vm.warp(deadline + 1);
        _refuses(opened, abi.encodeWithSelector(IPlanLedger.PlanLedger_Expired.selector, deadline, deadline + 1));
    }

    function test_check__otherConsumerKeeperOrEpoch__reverts() public {
        IPlanLedger.Plan memory opened = _opened(4);
        bytes32[] memory leaves = _leaves(opened);
        vm.prank(OTHER_CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherConsumer.selector, CONSUMER, OTHER_CONSUMER));
        ledger.check(opened.header, _caller(), leaves);
        vm.startPrank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherKeeper.selector, KEEPER, OTHER_KEEPER));
        ledger.check(opened.header, IPlanLedger.Caller(OTHER_KEEPER, EPOCH), leaves);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, EPOCH, EPOCH + 1));
        ledger.check(opened.header, IPlanLedger.Caller(KEEPER, EPOCH + 1), leaves);
        vm.stopPrank();
        opened.header.consumer = OTHER_CONSUMER;
        bytes32 other = ledger.hashOf(opened);
        vm.prank(OTHER_CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_UnknownPlan.selector, other));
        ledger.check(opened.header, _caller(), leaves);
    }

    function test_check__neverOpenedOrCancelled__reverts() public {
        IPlanLedger.Plan memory opened = _opened(4);
        IPlanLedger.Plan memory other = _plan(2, 4);
        _refuses(other, abi.encodeWithSelector(IPlanLedger.PlanLedger_UnknownPlan.selector, ledger.hashOf(other)));
        vm.prank(CONSUMER);
        ledger.cancel(planHash);
        _refuses(opened, abi.encodeWithSelector(IPlanLedger.PlanLedger_Cancelled.selector, planHash));
    }

    function testFuzz_check__otherLeaves__reverts(uint8 which, uint8 bit) public {
        IPlanLedger.Plan memory opened = _opened(4);
        bytes32[] memory leaves = _leaves(opened);
        leaves[which % 4] ^= bytes32(uint256(1) << bit);
        vm.prank(CONSUMER);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_UnknownPlan.selector);
        ledger.check(opened.header, _caller(), leaves);
    }

    function test_mark__several__areMarkedInOrderAndRefusedAfterwards() public {
        IPlanLedger.Plan memory opened = _opened(8);
        vm.expectEmit(address(ledger));
        emit IPlanLedger.ActionConsumed(planHash, 0);
        vm.expectEmit(address(ledger));
        emit IPlanLedger.ActionConsumed(planHash, 2);
        vm.expectEmit(address(ledger));
        emit IPlanLedger.ActionConsumed(planHash, 7);
        _mark(0x85);
        assertEq(ledger.statusOf(CONSUMER, planHash).done, 0x85, "done");
        bytes32[] memory leaves = _leaves(opened);
        vm.prank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_AlreadyConsumed.selector, planHash, 2));
        ledger.consume(opened.header, _caller(), leaves, 2, opened.actions[2]);
        _consume(opened, 1);
        assertEq(ledger.statusOf(CONSUMER, planHash).done, 0x87, "the others are open");
    }

    function test_mark__allOf64__once() public {
        _opened(64);
        _mark(type(uint64).max);
        assertEq(ledger.statusOf(CONSUMER, planHash).done, type(uint64).max, "all");
        for (uint8 i = 0; i < 64; i += 21) {
            _markRefused(
                uint64(1) << i, abi.encodeWithSelector(IPlanLedger.PlanLedger_AlreadyConsumed.selector, planHash, i)
            );
        }
    }

    function test_mark__oneHasRun__marksNone() public {
        IPlanLedger.Plan memory opened = _opened(4);
        _consume(opened, 1);
        _markRefused(7, abi.encodeWithSelector(IPlanLedger.PlanLedger_AlreadyConsumed.selector, planHash, 1));
        assertEq(ledger.statusOf(CONSUMER, planHash).done, 2, "only the first");
    }

    function test_mark__unknownAction__marksNone() public {
        _opened(4);
        bytes4 refusal = IPlanLedger.PlanLedger_UnknownAction.selector;
        _markRefused(0x11, abi.encodeWithSelector(refusal, 4, 4));
        _markRefused(uint64(1) << 63, abi.encodeWithSelector(refusal, 63, 4));
        assertEq(ledger.statusOf(CONSUMER, planHash).done, 0, "none");
    }

    function test_mark__neverOpenedByTheCaller__reverts() public {
        _opened(4);
        bytes4 refusal = IPlanLedger.PlanLedger_UnknownPlan.selector;
        vm.prank(OTHER_CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(refusal, planHash));
        ledger.mark(planHash, 1);
        vm.prank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(refusal, bytes32(0)));
        ledger.mark(bytes32(0), 1);
    }

    /// @dev A cancellation during the consumer's call stays, and the actions that ran are marked.
    function test_mark__cancelledSinceCheck__marks() public {
        _opened(4);
        vm.prank(CONSUMER);
        ledger.cancel(planHash);
        _mark(3);
        IPlanLedger.Status memory status = ledger.statusOf(CONSUMER, planHash);
        assertEq(status.done, 3, "done");
        assertTrue(status.cancelled, "still cancelled");
    }

    /// @dev No bit is set twice, and nothing else of the state changes.
    function testFuzz_mark__anyBits__onceEach(uint64 first, uint64 second, uint8 count) public {
        count = uint8(bound(count, 1, 64));
        _opened(count);
        uint64 all = type(uint64).max >> (64 - count);
        first &= all;
        _mark(first);
        bool legal = second & first == 0 && second & ~all == 0;
        vm.prank(CONSUMER);
        try ledger.mark(planHash, second) {
            assertTrue(legal, "marked");
        } catch {
            assertFalse(legal, "refused");
        }
        IPlanLedger.Status memory status = ledger.statusOf(CONSUMER, planHash);
        assertEq(status.done, legal ? first | second : first, "done");
        assertEq(status.count, count, "count");
        assertEq(status.approvals, 2, "approvals");
        assertFalse(status.cancelled, "cancelled");
    }

    function _opened(uint256 count) private returns (IPlanLedger.Plan memory opened) {
        opened = _plan(1, count);
        planHash = _open(opened, _signedByBoth(ledger.hashOf(opened)));
    }

    function _check(IPlanLedger.Plan memory plan) private returns (bytes32, IPlanLedger.Status memory) {
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(CONSUMER);
        return ledger.check(plan.header, _caller(), leaves);
    }

    function _refuses(IPlanLedger.Plan memory plan, bytes memory refusal) private {
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(CONSUMER);
        vm.expectRevert(refusal);
        ledger.check(plan.header, _caller(), leaves);
    }

    function _mark(uint64 bits) private {
        vm.prank(CONSUMER);
        ledger.mark(planHash, bits);
    }

    function _markRefused(uint64 bits, bytes memory refusal) private {
        vm.prank(CONSUMER);
        vm.expectRevert(refusal);
        ledger.mark(planHash, bits);
    }
}
