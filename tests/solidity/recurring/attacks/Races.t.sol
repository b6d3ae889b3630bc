// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPaidRebalancerRegistry} from "@ballast/interfaces/IPaidRebalancerRegistry.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {Booker} from "../../doubles/Booker.sol";
import {MoodyTarget} from "../../doubles/MoodyTarget.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Cheat codes that return to an earlier state
interface Chain {
    function snapshotState() external returns (uint256);
    function revertToState(uint256 id) external returns (bool);
}

/// @title Attacks with old handles, with copied transactions and with reorganisations
contract RaceAttacks is AttackTest {
    /// @dev Fails without the generation in the handle.
    function test_A16_staleHandle__hasNoPower() public {
        uint256 first = _createPaid(address(target));
        vm.prank(alice);
        registry.deletePaidRebalancer(first);
        uint256 second = _createPaid(address(target));
        vm.expectRevert(
            abi.encodeWithSelector(IPaidRebalancerRegistry.PaidRebalancerRegistry_StaleHandle.selector, first)
        );
        vm.prank(alice);
        registry.deletePaidRebalancer(first);
        assertEq(registry.handleOf(address(target)), second, "there");
    }

    /// @dev Fails if the handle, and not its current owner, gives the right.
    function test_A16_targetHandedOn__oldOwnerHasNoPower() public {
        uint256 handle = _createPaid(address(target));
        registry.allowTarget(address(target), outsider);
        vm.expectRevert(abi.encodeWithSelector(IPaidRebalancerRegistry.PaidRebalancerRegistry_NotOwner.selector, alice));
        vm.prank(alice);
        registry.deletePaidRebalancer(handle);
        vm.prank(outsider);
        registry.deletePaidRebalancer(handle);
        assertEq(registry.handleOf(address(target)), 0, "gone");
    }

    /// @dev Targets are identified by their whole address. Fails if a handle of one target names another.
    function test_A16_otherTarget__sameGenerationIsAnother(uint160 flip) public {
        MoodyTarget other = new MoodyTarget();
        uint256 handle = _createPaid(address(target));
        _createPaid(address(other));
        uint256 forged = handle ^ uint256(flip);
        if (address(uint160(forged)) == address(target) || address(uint160(forged)) == address(other)) return;
        vm.expectRevert(
            abi.encodeWithSelector(IPaidRebalancerRegistry.PaidRebalancerRegistry_StaleHandle.selector, forged)
        );
        vm.prank(alice);
        registry.deletePaidRebalancer(forged);
    }

    /// @dev Policy: the first executor is paid; losing the race is cheap and certain. Fails if a loser pays for more
    /// than a status check, or is paid.
    function test_A25_copiedCall__firstIsPaidLoserLosesLittle() public {
        uint256 id = _book();
        _skip(DELAY);
        vm.prank(outsider);
        scheduler.execute(id, "", outsider);
        uint256 gas = gasleft();
        vm.prank(executor);
        (bool ok,) = address(scheduler).call(abi.encodeCall(scheduler.execute, (id, "", executor)));
        assertFalse(ok, "lost");
        assertLe(gas - gasleft(), 15_000, "little");
        assertEq(_earned(), 0, "no pay");
        assertGe(_balance(outsider, outsider), 1, "the copier's");
    }

    /// @dev A lost race in a batch also costs only a status check. Fails if one lost booking reverts the batch.
    function test_A25_lostBookingInABatch__losesNoOther() public {
        uint256[] memory ids = new uint256[](5);
        for (uint256 i = 0; i < 5; ++i) {
            ids[i] = _book();
        }
        _skip(DELAY);
        vm.prank(outsider);
        scheduler.execute(ids[2], "", outsider);
        vm.prank(executor);
        assertEq(scheduler.executeBatch(ids, new bytes[](0), executor), 27, "the other four");
    }

    /// @dev Contracts execute and book like any account, with a delegation (EIP-7702) or without. Fails if the code or
    /// the origin of the transaction is checked.
    function test_A26_contracts__executeLikeAnybody(bool delegated) public {
        uint256 id = _book();
        _skip(DELAY);
        address caller = delegated ? address(0x7702) : address(new MoodyTarget());
        if (delegated) chain.etch(caller, abi.encodePacked(hex"ef0100", address(target)));
        chain.prank(caller, outsider);
        assertTrue(scheduler.execute(id, "", address(0)), "executed");
        assertGe(_balance(caller, caller), 1, "paid to the caller, not to the origin");
    }

    /// @dev After a reorganisation an id refers to the booking of the canonical chain: the same id, another booking.
    /// Fails if an id could execute a booking of another chain with other data.
    function test_A29_reorganised__idsAreIssuedAgainWithTheirOwnContent() public {
        Chain back = Chain(address(vm));
        uint256 state = back.snapshotState();
        uint256 id = booker.book(_request(), "one");
        back.revertToState(state);
        uint256 again = booker.book(_request(), "two");
        assertEq(again, id, "the same id");
        _skip(DELAY);
        vm.expectRevert(ITransactionScheduler.TransactionScheduler_OtherData.selector);
        scheduler.execute(id, "one", executor);
        vm.prank(executor);
        assertTrue(scheduler.execute(id, "two", executor), "what stands");
        assertTrue(keccak256(booker.lastData()) == keccak256("two"), "its own data");
    }

    /// @dev A reverted execution is due again and is paid once. Fails if any of its state remains.
    function test_A29_executionTakenBack__isDueAgain() public {
        uint256 id = _bookRecurring();
        booker.setRearm(uint40(DELAY));
        _skip(DELAY);
        Chain back = Chain(address(vm));
        uint256 state = back.snapshotState();
        _execute(id);
        uint256 earned = _earned();
        back.revertToState(state);
        assertEq(_earned(), 0, "taken back");
        _assertStatus(id, ITransactionScheduler.Status.Scheduled, "waits");
        _execute(id);
        assertEq(_earned(), earned, "once");
        assertTrue(booker.mood() == Booker.Mood.Rearms, "as it was");
    }
}
