// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";
import {RedemptionQueue} from "@ballast/vault/RedemptionQueue.sol";

import {System} from "../support/System.sol";

/// @title Tests of queued redemptions at the vault: reserve, settlement and choice of the queue
contract LiquidityVaultQueueTest is System {
    uint256 private constant WHOLE = 1e12;

    function test_setQueue__outsider__reverts() public {
        vm.startPrank(outsider);
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        vault.setQueue(address(queue));
    }

    function test_setQueue__noCodeOrAnotherVault__refuses() public {
        bytes4 refusal = ILiquidityVault.LiquidityVault_InvalidQueue.selector;
        vm.expectRevert(_error(refusal, outsider));
        vault.setQueue(outsider);
        LiquidityVault other = new LiquidityVault(address(manager), IERC20(address(usdt)), "E", "E");
        address foreign = address(new RedemptionQueue(address(manager), address(other)));
        vm.expectRevert(_error(refusal, foreign));
        vault.setQueue(foreign);
    }

    function test_setQueue__somethingWaits__refuses() public {
        address next = address(new RedemptionQueue(address(manager), address(vault)));
        vm.prank(alice);
        queue.requestRedeem(WHOLE, alice, alice);
        vm.expectRevert(_error(ILiquidityVault.LiquidityVault_QueueInUse.selector, address(queue)));
        vault.setQueue(next);
        vm.prank(alice);
        queue.cancelRedeemRequest(1, alice, alice);
        vm.expectEmit(address(vault));
        emit ILiquidityVault.QueueSet(address(queue), next);
        vault.setQueue(next);
        assertEq(vault.queue(), next, "queue");
    }

    /// @dev The old queue still pays fulfilled requests.
    function test_setQueue__claimsAreOpen__areStillPaid() public {
        vm.prank(alice);
        queue.requestRedeem(5 * WHOLE, alice, alice);
        queue.fulfil(type(uint256).max);
        vault.setQueue(address(new RedemptionQueue(address(manager), address(vault))));
        vm.prank(alice);
        queue.claim(1, alice, alice);
        assertEq(usdt.balanceOf(alice), 5 * USD, "paid");
    }

    function test_setDue__moreThanFits__reverts() public {
        vm.startPrank(address(queue));
        uint256 most = uint256(type(uint96).max) * 1e6;
        vault.setDue(most);
        assertEq(vault.dueShares(), most, "fits");
        vm.expectPartialRevert(SafeCast.SafeCastOverflowedUintDowncast.selector);
        vault.setDue(most + 1);
    }

    function testFuzz_setDue__anyShares__roundedUp(uint256 shares) public {
        shares = bound(shares, 0, uint256(type(uint96).max) * 1e6);
        vm.prank(address(queue));
        vault.setDue(shares);
        assertGe(vault.dueShares(), shares, "not less");
        assertLe(vault.dueShares(), shares + 1e6 - 1, "nor a unit more");
        assertEq(vault.controller(), address(controller), "the slot's other half");
    }

    function test_allocationState__everything__inOneCall() public {
        _invest();
        vm.prank(alice);
        queue.requestRedeem(5 * WHOLE + 1, alice, alice);
        ILiquidityVault.AllocationState memory state = vault.allocationState();
        assertEq(state.idle, 100_000 * USD, "idle");
        assertEq(state.dueShares, 5 * WHOLE + 1e6, "due");
        assertEq(state.supply, vault.totalSupply(), "supply");
        assertEq(state.freshDeposits, 0, "fresh deposits");
    }

    function test_settle__nothing__refuses() public {
        vm.startPrank(address(queue));
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.LiquidityVault_InsufficientIdle.selector, DEPOSIT));
        vault.settle(0);
    }

    function test_settle__noController__reverts() public {
        LiquidityVault empty = new LiquidityVault(address(manager), IERC20(address(usdt)), "E", "E");
        _permit(address(empty), LiquidityVault.setQueue.selector, CONFIGURATOR);
        empty.setQueue(address(new RedemptionQueue(address(manager), address(empty))));
        vm.startPrank(empty.queue());
        empty.setDue(0);
        vm.expectRevert(ILiquidityVault.LiquidityVault_NoController.selector);
        empty.settle(1);
    }

    function test_settle__paid__emitsWithdraw() public {
        vm.prank(alice);
        queue.requestRedeem(5 * WHOLE, alice, alice);
        vm.expectEmit(address(vault));
        emit IERC4626.Withdraw(address(queue), address(queue), address(queue), 5 * USD, 5 * WHOLE);
        queue.fulfil(type(uint256).max);
    }

    /// @dev The maximum is the idle amount less the due amount, and exactly that if the owner has enough.
    function testFuzz_reserve__anyRequest__withdrawalsLeaveIt(uint256 requested, uint256 asked, uint256 gain) public {
        _invest();
        usdt.mint(address(marketA), bound(gain, 0, 100_000 * USD));
        requested = bound(requested, WHOLE, 200_000 * WHOLE);
        vm.prank(alice);
        queue.requestRedeem(requested, alice, alice);
        uint256 reserve = vault.previewMint(vault.dueShares());
        uint256 cash = vault.idle();
        uint256 most = vault.maxWithdraw(alice);
        assertEq(most, cash > reserve ? cash - reserve : 0, "maximum");
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, alice, most + 1, most));
        vault.withdraw(most + 1, alice, alice);
        uint256 mostShares = vault.maxRedeem(alice);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, alice, mostShares + 1, mostShares)
        );
        vault.redeem(mostShares + 1, alice, alice);
        vault.withdraw(bound(asked, 0, most), alice, alice);
        vault.redeem(vault.maxRedeem(alice), alice, alice);
        vm.stopPrank();
        // The due amount stays payable, or as much of it as was available before.
        assertGe(vault.idle(), reserve < cash ? reserve : cash, "still there");
    }

    /// @dev A deposit that is queued at once takes nothing from others who withdraw.
    function testFuzz_reserve__depositAndRequest__blocksNobody(uint256 assets) public {
        _invest();
        uint256 most = vault.maxWithdraw(alice);
        uint256 shares = _deposit(outsider, bound(assets, 2 * USD, 1e9 * USD));
        vm.prank(outsider);
        queue.requestRedeem(shares, outsider, outsider);
        assertGe(vault.maxWithdraw(alice) + 1, most, "as before");
    }
}
