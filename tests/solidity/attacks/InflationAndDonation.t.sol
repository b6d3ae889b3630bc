// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";

import {System} from "../support/System.sol";

/// @title Attacks by donations
contract InflationAndDonationTest is System {
    function testFuzz_inflatedVault__firstDepositor__costsTheInflatorMore(uint256 donated, uint256 victims) public {
        LiquidityVault fresh = _freshVault();
        donated = bound(donated, 1, 1_000_000_000 * USD);
        victims = bound(victims, 1 * USD, 1_000_000 * USD);
        _depositIn(fresh, outsider, 1);
        usdt.mint(address(fresh), donated);
        uint256 shares = _depositIn(fresh, alice, victims);
        uint256 lost = victims - fresh.previewRedeem(shares);
        // At most a millionth of the donation, or one unit.
        assertLe(lost, donated / 1e6 + 1, "victim's loss");
    }

    function test_inflatedStrategy__firstAllocation__isPassedOver() public {
        usdt.mint(outsider, 100_000 * USD);
        vm.startPrank(outsider);
        usdt.approve(address(marketA), 1);
        marketA.deposit(1, outsider);
        usdt.transfer(address(marketA), 40_000 * USD);
        vm.stopPrank();
        vm.startPrank(keeper);
        vm.expectPartialRevert(IPortfolio.Portfolio_RateAboveMaximum.selector);
        controller.purchaseAsset(address(marketA), 50_000 * USD, 0, "");
        // The other market receives its share.
        assertEq(controller.allocateToLayer(1, 100_000 * USD), 50_000 * USD, "moved");
        assertEq(marketA.balanceOf(address(l2)), 0, "passed over");
    }

    function test_strategyWithALoss__redeemed__isNoLossOfTheAction() public {
        _invest();
        marketA.lose(75_000 * USD);
        assertEq(vault.totalAssets(), DEPOSIT - 75_000 * USD, "depositors see it at once");
        vm.prank(keeper);
        controller.redeemAsset(address(marketA), 100_000 * USD, 0, "");
        assertEq(vault.idle(), 150_000 * USD, "half a dollar a share");
    }

    function test_donations__everywhere__blockNothing() public {
        address[4] memory targets = [address(vault), address(controller), address(l2), address(l3)];
        for (uint256 i = 0; i < targets.length; ++i) {
            usdt.mint(targets[i], 1);
            weth.mint(targets[i], 1);
        }
        usdt.mint(address(venue), 1);
        _invest();
        vm.startPrank(keeper);
        controller.redeemAsset(address(weth), 1e18, 0, "");
        controller.executeWaterfallLiquidation(500_000 * USD, 2);
        vm.stopPrank();
        vm.prank(alice);
        vault.withdraw(1 * USD, alice, alice);
    }

    /// @dev A gift during a sale cannot replace the proceeds: a gift from the venue counts as proceeds, and a gift from
    /// anyone else needs the vault, which is locked. The check measures the actual gain of the vault.
    function test_donation__ofTheAsset__hidesNoUnderDelivery() public {
        _invest();
        weth.mint(address(l3), 1e18);
        venue.setFeeBps(101);
        vm.startPrank(keeper);
        vm.expectPartialRevert(IAssetController.AssetController_ExcessiveLoss.selector);
        controller.purchaseAsset(address(weth), 10_000 * USD, 0, "");
        vm.expectPartialRevert(IAssetController.AssetController_ExcessiveLoss.selector);
        controller.redeemAsset(address(weth), 1e18, 0, "");
    }

    function test_dustInAHolding__removal__isNotBlocked() public {
        _invest();
        vm.startPrank(keeper);
        controller.redeemAsset(address(bond), bond.balanceOf(address(l3)), 0, "");
        vm.stopPrank();
        bond.mint(address(l3), 1e12);
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[0].targetBps += list[1].targetBps;
        list[1] = list[2];
        IPortfolio.Holding[] memory shorter = new IPortfolio.Holding[](2);
        (shorter[0], shorter[1]) = (list[0], list[1]);
        l3.setHoldings(shorter);
        assertFalse(l3.holds(address(bond)), "removed");
    }

    function _freshVault() internal returns (LiquidityVault fresh) {
        fresh = new LiquidityVault(address(manager), IERC20(address(usdt)), "Fresh", "F");
        address l2b = address(new Portfolio(address(manager), address(usdt), address(oracle), address(fresh)));
        address l3b = address(new Portfolio(address(manager), address(usdt), address(oracle), address(fresh)));
        _permit(address(fresh), LiquidityVault.setController.selector, CONFIGURATOR);
        fresh.setController(
            address(
                new AssetController(
                    address(manager),
                    address(fresh),
                    l2b,
                    l3b,
                    address(oracle),
                    address(planLedger),
                    address(killSwitch)
                )
            )
        );
    }

    function _depositIn(LiquidityVault target, address account, uint256 assets) internal returns (uint256 shares) {
        usdt.mint(account, assets);
        vm.startPrank(account);
        usdt.approve(address(target), assets);
        shares = target.deposit(assets, account);
        vm.stopPrank();
    }
}
