// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";
import {RedemptionQueue} from "@ballast/vault/RedemptionQueue.sol";

import {Vm} from "../support/Vm.sol";
import {QueueTest} from "./QueueTest.sol";

/// @title Tests of the queue's views, of refused vault functions and of its configuration
contract RedemptionQueueViewsTest is QueueTest {
    function test_metadata__deployed__namesItsVault() public view {
        assertEq(queue.vault(), address(vault), "vault");
        assertEq(queue.share(), address(vault), "share");
        assertEq(queue.asset(), address(usdt), "asset");
        assertEq(queue.notice(), 7 days, "notice");
        assertEq(queue.minimumShares(), WHOLE, "minimum");
    }

    function test_constructor__deployed__emitsItsConfiguration() public {
        vm.recordLogs();
        new RedemptionQueue(address(manager), address(vault));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertTrue(logs[1].topics[0] == IRedemptionQueue.NoticeSet.selector, "notice");
        assertEq(abi.decode(logs[1].data, (uint256)), 7 days, "notice");
        assertTrue(logs[2].topics[0] == IRedemptionQueue.MinimumSharesSet.selector, "minimum");
        assertEq(abi.decode(logs[2].data, (uint256)), WHOLE, "minimum");
    }

    /// @dev Uses the ids printed in the standards.
    function test_supportsInterface__standards__true() public view {
        assertTrue(queue.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(queue.supportsInterface(0x2f0a18c5), "ERC-7575");
        assertTrue(queue.supportsInterface(0xe3bc4e65), "ERC-7540 operators");
        assertTrue(queue.supportsInterface(0x620ee8e4), "ERC-7540 redemptions");
        assertFalse(queue.supportsInterface(0xce3bbe50), "ERC-7540 deposits");
        assertFalse(queue.supportsInterface(0xffffffff), "none");
    }

    function test_deposits__anybody__refused() public {
        bytes4 refusal = IRedemptionQueue.RedemptionQueue_NoDeposits.selector;
        vm.expectRevert(refusal);
        queue.deposit(1, alice);
        vm.expectRevert(refusal);
        queue.mint(1, alice);
        vm.expectRevert(refusal);
        queue.previewDeposit(1);
        vm.expectRevert(refusal);
        queue.previewMint(1);
        assertEq(queue.maxDeposit(alice) + queue.maxMint(alice), 0, "maxima");
    }

    function test_previews__redemptions__revertAsTheStandardDemands() public {
        bytes4 refusal = IRedemptionQueue.RedemptionQueue_NoPreview.selector;
        vm.expectRevert(refusal);
        queue.previewRedeem(1);
        vm.expectRevert(refusal);
        queue.previewWithdraw(1);
    }

    function test_conversions__invested__areTheVaults() public {
        _invest();
        _lose(500);
        assertEq(queue.totalAssets(), vault.totalAssets(), "total");
        assertEq(queue.convertToAssets(1e18), vault.convertToAssets(1e18), "assets");
        assertEq(queue.convertToShares(1e9), vault.convertToShares(1e9), "shares");
    }

    function test_pendingRedemptions__afterALoss__atTheVaultsPriceRoundedUp() public {
        _invest();
        _request(alice, 3 * WHOLE + 1);
        assertEq(queue.pendingRedemptions(), 3 * USD + 1, "rounded up");
        _lose(1_000);
        uint256 exact = (3 * WHOLE + 1) * (vault.totalAssets() + 1);
        uint256 supply = vault.totalSupply() + 1e6;
        assertEq(queue.pendingRedemptions(), (exact + supply - 1) / supply, "less, rounded up");
        queue.fulfil(type(uint256).max);
        assertEq(queue.pendingRedemptions(), 0, "nothing waits");
    }

    function test_pendingRedemptions__stalePrice__answersFromTheBook() public {
        _invest();
        _request(alice, 3 * WHOLE);
        vm.warp(START + HEARTBEAT + 1);
        assertLe(queue.pendingRedemptions(), 3 * USD, "at the book's price");
        assertEq(queue.pendingRedemptions(), vault.previewMint(3 * WHOLE), "as the vault");
    }

    function test_dueWithin__batches__countsThoseDueAndTheOlderOnes() public {
        _request(alice, 3 * WHOLE);
        vm.warp(START + 2 days);
        queue.setNotice(2 days);
        _request(alice, 5 * WHOLE);
        vm.warp(START + 3 days);
        queue.setNotice(7 days);
        _request(alice, 7 * WHOLE);
        // Due in four days, one day and seven days.
        assertEq(queue.dueWithin(0), 0, "now");
        assertEq(queue.dueWithin(1 days - 1), 0, "before the second");
        assertEq(queue.dueWithin(1 days), 8 * USD, "the second, and so the first");
        assertEq(queue.dueWithin(4 days), 8 * USD, "both");
        assertEq(queue.dueWithin(7 days - 1), 8 * USD, "not yet the third");
        assertEq(queue.dueWithin(7 days), 15 * USD, "all");
        assertEq(queue.dueWithin(type(uint256).max), 15 * USD, "all that waits");
        queue.fulfil(type(uint256).max);
        assertEq(queue.dueWithin(1 days), 5 * USD, "the first is fulfilled");
        queue.fulfil(2 * WHOLE);
        assertEq(queue.dueWithin(1 days), 3 * USD, "what is open of the second");
    }

    /// @dev All waiting redemptions are due within the horizon, so the vault may keep a reserve for all of them.
    function testFuzz_dueWithin__horizon__isAllThatWaits(uint256[4] memory gaps, uint256[4] memory notices) public {
        for (uint256 i = 0; i < gaps.length; ++i) {
            queue.setNotice(uint32(bound(notices[i], 0, 7 days)));
            _request(alice, 3 * WHOLE);
            vm.warp(block.timestamp + bound(gaps[i], 0, 3 days));
        }
        assertEq(queue.dueWithin(7 days), 12 * USD, "by the shortcut");
        uint256 latest = queue.batchesOf(alice).length;
        for (uint256 id = 1; id <= latest; ++id) {
            assertLe(queue.batchOf(id).dueAt, block.timestamp + 7 days, "one by one");
        }
        assertLe(queue.dueWithin(7 days - 1), 12 * USD, "shorter");
    }

    function test_setNotice__beyondTheHorizon__refuses() public {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_InvalidNotice.selector, 7 days + 1));
        queue.setNotice(7 days + 1);
    }

    function test_setNotice__newBatches__areDueThen() public {
        _request(alice, WHOLE);
        vm.expectEmit(address(queue));
        emit IRedemptionQueue.NoticeSet(1 days);
        queue.setNotice(1 days);
        assertEq(queue.batchOf(1).dueAt, START + 7 days, "not the open one");
        vm.warp(START + 1 days);
        _request(alice, WHOLE);
        assertEq(queue.batchOf(2).dueAt, START + 2 days, "the next");
    }

    function test_setMinimumShares__outsideItsRange__refuses() public {
        bytes4 refusal = IRedemptionQueue.RedemptionQueue_InvalidMinimum.selector;
        uint128 least = uint128(WHOLE / 1_000);
        uint128 most = uint128(WHOLE * 1_000);
        vm.expectRevert(abi.encodeWithSelector(refusal, least - 1));
        queue.setMinimumShares(least - 1);
        vm.expectRevert(abi.encodeWithSelector(refusal, most + 1));
        queue.setMinimumShares(most + 1);
        queue.setMinimumShares(least);
        vm.expectEmit(address(queue));
        emit IRedemptionQueue.MinimumSharesSet(most);
        queue.setMinimumShares(most);
        assertEq(queue.minimumShares(), most, "minimum");
        vm.startPrank(alice);
        vm.expectPartialRevert(IRedemptionQueue.RedemptionQueue_BelowMinimum.selector);
        queue.requestRedeem(most - 1, alice, alice);
    }

    function test_configuration__outsider__reverts() public {
        vm.startPrank(outsider);
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        queue.setNotice(1);
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        queue.setMinimumShares(uint128(WHOLE));
    }
}
