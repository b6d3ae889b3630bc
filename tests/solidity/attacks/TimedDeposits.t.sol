// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {System} from "../support/System.sol";

/// @title Contract that deposits borrowed money, triggers a public gain and redeems in one transaction
contract HarvestThief {
    ILiquidityVault private immutable vault;
    NoReturnToken private immutable token;
    address private immutable strategy;

    constructor(ILiquidityVault vault_, address strategy_) {
        (vault, strategy) = (vault_, strategy_);
        token = NoReturnToken(IERC4626(vault_).asset());
    }

    /// @notice Redeems the shares that it just received.
    function leaveFresh(uint256 borrowed, uint256 gain) external returns (uint256 profit) {
        uint256 shares = _enter(borrowed, gain);
        return vault.redeem(shares, address(this), address(this)) - borrowed;
    }

    /// @notice Deposits for an accomplice and redeems its own old shares.
    function leaveOld(uint256 borrowed, uint256 gain, address accomplice) external returns (uint256 shares) {
        _mint(borrowed);
        vault.deposit(borrowed, accomplice);
        token.mint(strategy, gain);
        shares = vault.previewWithdraw(borrowed);
        vault.redeem(shares, address(this), address(this));
    }

    /// @notice Has its own request paid with its deposit.
    function leaveQueued(uint256 borrowed, uint256 gain) external returns (uint256 assets) {
        _enter(borrowed, gain);
        (, assets) = IRedemptionQueue(vault.queue()).fulfil(type(uint256).max);
    }

    function request(uint256 shares) external {
        IRedemptionQueue(vault.queue()).requestRedeem(shares, address(this), address(this));
    }

    function _enter(uint256 borrowed, uint256 gain) internal returns (uint256 shares) {
        _mint(borrowed);
        shares = vault.deposit(borrowed, address(this));
        // Harvest: a gain that the strategy had not shown.
        token.mint(strategy, gain);
    }

    function _mint(uint256 amount) internal {
        token.mint(address(this), amount);
        token.approve(address(vault), amount);
    }
}

/// @title Short-lived deposits around a step of the share price
/// @notice The vault holds one million; ten millions are deposited. The gain without a holding time is asserted too.
/// forge-config: default.isolate = true
contract TimedDepositsTest is System {
    uint256 private constant BORROWED = 10_000_000 * USD;
    uint256 private constant GAIN = 5_000 * USD;
    HarvestThief private thief;

    function setUp() public override {
        super.setUp();
        _invest();
        thief = new HarvestThief(vault, address(marketA));
    }

    function test_harvest__borrowedDeposit__takesNothing() public {
        vault.setHoldingTime(1 hours);
        vm.expectPartialRevert(ERC4626.ERC4626ExceededMaxRedeem.selector);
        thief.leaveFresh(BORROWED, GAIN);
        vault.setHoldingTime(0);
        // Ten elevenths of 5,000.
        assertEq(thief.leaveFresh(BORROWED, GAIN) / USD, 4_545, "without a holding time");
    }

    /// @dev Old shares cannot stand in for fresh ones within a transaction.
    function test_harvest__borrowedDepositAndOldShares__takesNothing() public {
        vm.prank(alice);
        vault.transfer(address(thief), 500_000e12);
        vault.setHoldingTime(1 hours);
        vm.expectPartialRevert(ERC4626.ERC4626ExceededMaxRedeem.selector);
        thief.leaveOld(400_000 * USD, GAIN, outsider);
        vault.setHoldingTime(0);
        thief.leaveOld(400_000 * USD, GAIN, outsider);
        uint256 gained = vault.convertToAssets(vault.balanceOf(address(thief)) + vault.balanceOf(outsider));
        // Nine fourteenths of the gain, since half of the vault is theirs.
        assertEq((gained - 500_000 * USD) / USD, 3_214, "without a holding time");
    }

    function test_harvest__borrowedDepositPaysTheThiefsRequest__isRefused() public {
        vm.prank(alice);
        vault.transfer(address(thief), 500_000e12);
        thief.request(500_000e12);
        vault.setHoldingTime(1 hours);
        vm.expectPartialRevert(ILiquidityVault.LiquidityVault_FreshDeposits.selector);
        thief.leaveQueued(BORROWED, GAIN);
        vault.setHoldingTime(0);
        thief.leaveQueued(BORROWED, GAIN);
        assertEq(queue.pendingShares(), 0, "without a holding time");
    }

    /// @dev Ether, a quarter of the vault, rises by half a percent: a gain of 1,200. A deposit just before and a
    /// redemption just after take ten elevenths of it; with a holding time the depositor stays for it and for later
    /// falls.
    function test_feedRises__depositBefore__cannotLeaveAfter() public {
        vault.setHoldingTime(1 hours);
        uint256 shares = _deposit(outsider, BORROWED);
        vm.warp(block.timestamp + 12);
        wethFeed.set(WETH_PRICE * 1_005 / 1_000);
        assertEq((vault.convertToAssets(shares) - BORROWED) / USD, 1_090, "on paper");
        assertEq(vault.maxRedeem(outsider) + vault.maxWithdraw(outsider), 0, "and not to be had");
        vm.warp(block.timestamp + 1 hours - 13);
        assertEq(vault.maxRedeem(outsider), 0, "for the holding time");
        vm.expectPartialRevert(ILiquidityVault.LiquidityVault_SharesLocked.selector);
        vm.prank(outsider);
        queue.requestRedeem(shares, outsider, outsider);
        // The next step is down, and the depositor bears it too.
        wethFeed.set(WETH_PRICE * 995 / 1_000);
        vm.warp(block.timestamp + 1);
        vm.prank(outsider);
        uint256 assets = vault.redeem(shares, outsider, outsider);
        assertEq((BORROWED - assets) / USD, 1_090, "lost");
    }

    function test_feedRises__noHoldingTime__isTaken() public {
        uint256 shares = _deposit(outsider, BORROWED);
        vm.warp(block.timestamp + 12);
        wethFeed.set(WETH_PRICE * 1_005 / 1_000);
        vm.prank(outsider);
        assertEq((vault.redeem(shares, outsider, outsider) - BORROWED) / USD, 1_090, "taken");
    }
}
