// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";

import {FlashDepositor} from "../doubles/FlashDepositor.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {System} from "../support/System.sol";

contract LiquidityVaultTest is System {
    function test_metadata__sixDecimalsToken__twelveDecimalsShares() public view {
        assertEq(vault.decimals(), 12, "decimals");
        assertEq(vault.asset(), address(usdt), "asset");
        assertEq(vault.balanceOf(alice), DEPOSIT * 1e6, "a million shares for a unit");
    }

    function test_deposit__noController__refuses() public {
        LiquidityVault empty = new LiquidityVault(address(manager), IERC20(address(usdt)), "E", "E");
        assertEq(empty.maxDeposit(alice) + empty.maxMint(alice), 0, "maximum in");
        assertEq(empty.maxWithdraw(alice) + empty.maxRedeem(alice), 0, "maximum out");
        assertEq(empty.totalAssets(), 0, "total");
        vm.expectRevert(ILiquidityVault.LiquidityVault_NoController.selector);
        empty.deposit(1, alice);
        vm.expectRevert(ILiquidityVault.LiquidityVault_NoController.selector);
        empty.mint(1, alice);
    }

    function test_depositors__controllerAtWork__refuses() public {
        vm.mockCall(address(controller), abi.encodeCall(IAssetController.locked, ()), abi.encode(true));
        vm.startPrank(alice);
        bytes4 refusal = ILiquidityVault.LiquidityVault_ControllerLocked.selector;
        vm.expectRevert(refusal);
        vault.deposit(1, alice);
        vm.expectRevert(refusal);
        vault.mint(1, alice);
        vm.expectRevert(refusal);
        vault.withdraw(1, alice, alice);
        vm.expectRevert(refusal);
        vault.redeem(1, alice, alice);
    }

    function test_depositors__stalePrice__maximaAreZeroAndCallsRevert() public {
        _invest();
        vm.warp(START + HEARTBEAT + 1);
        assertEq(vault.maxDeposit(alice) + vault.maxMint(alice), 0, "maximum in");
        assertEq(vault.maxWithdraw(alice) + vault.maxRedeem(alice), 0, "maximum out");
        vm.startPrank(alice);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_StalePrice.selector);
        vault.deposit(1, alice);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_StalePrice.selector);
        vault.redeem(1, alice, alice);
    }

    function test_deposit__tokenTakesAFee__refuses() public {
        usdt.setFeeBps(10);
        usdt.mint(alice, 1_000 * USD);
        vm.startPrank(alice);
        usdt.approve(address(vault), 1_000 * USD);
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidityVault.LiquidityVault_UnexpectedReceipt.selector, 999 * USD, 1_000 * USD)
        );
        vault.deposit(1_000 * USD, alice);
    }

    function test_mint__open__takesWhatItPreviewed() public {
        uint256 shares = 1e12;
        uint256 assets = vault.previewMint(shares);
        usdt.mint(alice, assets);
        vm.startPrank(alice);
        usdt.approve(address(vault), assets);
        assertEq(vault.mint(shares, alice), assets, "assets");
        assertEq(usdt.balanceOf(alice), 0, "nothing left");
    }

    function test_freshDeposits__depositAndWithdraw__countsTheDifference() public {
        assertEq(vault.freshDeposits(), 0, "another transaction's");
        FlashDepositor flash = new FlashDepositor(vault);
        uint256 shares = vault.previewDeposit(1_000 * USD);
        vm.prank(alice);
        vault.transfer(address(flash), shares);
        uint256[3] memory fresh = flash.watch(100 * USD, 30 * USD, 500 * USD);
        assertEq(fresh[0], 100 * USD, "deposited");
        assertEq(fresh[1], 70 * USD, "less withdrawn");
        assertEq(fresh[2], 0, "never negative");
    }

    function test_withdraw__beyondIdle__reverts() public {
        _invest();
        uint256 cash = vault.idle();
        assertEq(vault.maxWithdraw(alice), cash, "bounded by idle");
        vm.startPrank(alice);
        bytes4 refusal = ERC4626.ERC4626ExceededMaxWithdraw.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, alice, cash + 1, cash));
        vault.withdraw(cash + 1, alice, alice);
        uint256 shares = vault.balanceOf(alice);
        vm.expectPartialRevert(ERC4626.ERC4626ExceededMaxRedeem.selector);
        vault.redeem(shares, alice, alice);
    }

    function test_withdraw__beyondTheOwnersShares__reverts() public {
        vm.startPrank(outsider);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, outsider, 1, 0));
        vault.withdraw(1, outsider, outsider);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, outsider, 1, 0));
        vault.redeem(1, outsider, outsider);
    }

    function test_withdraw__withoutAllowance__reverts() public {
        vm.startPrank(outsider);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        vault.withdraw(1, outsider, alice);
    }

    function testFuzz_withdraw__maximum__pays(uint256 invested, uint256 donated) public {
        _openBands();
        vm.startPrank(keeper);
        controller.allocateToLayer(1, bound(invested, 1 * USD, DEPOSIT));
        vm.stopPrank();
        usdt.mint(address(vault), bound(donated, 0, DEPOSIT));
        uint256 most = vault.maxWithdraw(alice);
        if (most == 0) return;
        vm.startPrank(alice);
        vault.withdraw(most, alice, alice);
        assertEq(usdt.balanceOf(alice), most, "paid");
    }

    function testFuzz_redeem__maximum__pays(uint256 invested, uint256 donated) public {
        _openBands();
        vm.startPrank(keeper);
        controller.allocateToLayer(1, bound(invested, 1 * USD, DEPOSIT));
        vm.stopPrank();
        usdt.mint(address(vault), bound(donated, 0, DEPOSIT));
        uint256 most = vault.maxRedeem(alice);
        uint256 expected = vault.previewRedeem(most);
        vm.startPrank(alice);
        assertEq(vault.redeem(most, alice, alice), expected, "as previewed");
    }

    function testFuzz_roundTrip__depositThenRedeem__neverGains(uint256 assets, uint256 donated) public {
        usdt.mint(address(vault), bound(donated, 0, DEPOSIT));
        assets = bound(assets, 1, DEPOSIT);
        uint256 shares = _deposit(outsider, assets);
        vm.startPrank(outsider);
        assertLe(vault.redeem(shares, outsider, outsider), assets, "returned");
    }

    function test_totalAssets__stalePrice__answersFromTheBookAndPreviewsToo() public {
        _invest();
        vm.warp(START + HEARTBEAT + 1);
        (uint256 book, bool fresh) = controller.valuation();
        assertFalse(fresh, "not fresh");
        assertEq(vault.totalAssets(), vault.idle() + book, "total");
        uint256 supply = vault.totalSupply() + 1e6;
        assertEq(vault.previewRedeem(1e12), 1e12 * (vault.totalAssets() + 1) / supply, "preview");
        assertEq(vault.previewDeposit(USD), USD * supply / (vault.totalAssets() + 1), "preview");
    }

    function test_depositors__eachCall__valuesOnce() public {
        _invest();
        usdt.mint(alice, 10 * USD);
        vm.startPrank(alice);
        usdt.approve(address(vault), 10 * USD);
        vm.expectCall(address(controller), abi.encodeCall(IAssetController.entryValue, ()), 2);
        vm.expectCall(address(controller), abi.encodeCall(IAssetController.deployedValue, ()), 2);
        vm.expectCall(address(controller), abi.encodeCall(IAssetController.valuation, ()), 0);
        vault.deposit(USD, alice);
        vault.mint(1e12, alice);
        vault.withdraw(USD, alice, alice);
        vault.redeem(1e12, alice, alice);
    }

    function test_totalAssets__invested__isIdleAndDeployed() public {
        _invest();
        assertEq(vault.idle(), 100_000 * USD, "idle");
        assertEq(controller.deployedValue(), 900_000 * USD, "deployed");
        assertEq(vault.totalAssets(), DEPOSIT, "total");
        usdt.mint(address(vault), 1);
        assertEq(vault.totalAssets(), DEPOSIT + 1, "a donation is the depositors'");
    }

    function test_setController__outsider__reverts() public {
        vm.startPrank(outsider);
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        vault.setController(address(controller));
    }

    function test_setController__noCodeOrAnotherVault__reverts() public {
        vm.expectRevert(_error(ILiquidityVault.LiquidityVault_InvalidController.selector, outsider));
        vault.setController(outsider);
        LiquidityVault other = new LiquidityVault(address(manager), IERC20(address(usdt)), "E", "E");
        manager.setTargetFunctionRole(address(other), _selectors(LiquidityVault.setController.selector), CONFIGURATOR);
        vm.expectRevert(_error(ILiquidityVault.LiquidityVault_InvalidController.selector, address(controller)));
        other.setController(address(controller));
    }

    function test_setController__anotherL2__onlyWhenTheOldIsEmpty() public {
        address another = address(new Portfolio(address(manager), address(usdt), address(oracle), address(vault)));
        _requireEmpty(_newController(another, address(l3)));
        // The value of a tier that stays is not required: L3 is invested.
        vm.prank(address(l2));
        marketA.redeem(1_000 * USD, address(vault), address(l2));
        _replace(_newController(another, address(l3)));
    }

    function test_setController__anotherL3__onlyWhenTheOldIsEmpty() public {
        address another = address(new Portfolio(address(manager), address(usdt), address(oracle), address(vault)));
        _requireEmpty(_newController(address(l2), another));
        vm.prank(address(l3));
        fund.redeem(1_000 * USD, address(vault), address(l3));
        _replace(_newController(address(l2), another));
    }

    /// @dev Checks the refusal while both tiers hold 1,000 of a strategy.
    function _requireEmpty(AssetController next) internal {
        _openBands();
        vm.startPrank(keeper);
        controller.purchaseAsset(address(marketA), 1_000 * USD, 0, "");
        controller.purchaseAsset(address(fund), 1_000 * USD, 0, "");
        vm.stopPrank();
        vm.expectRevert(_error(ILiquidityVault.LiquidityVault_InvalidController.selector, address(next)));
        vault.setController(address(next));
    }

    function _replace(AssetController next) internal {
        vault.setController(address(next));
        assertEq(vault.controller(), address(next), "controller");
    }

    /// @dev A strategy without a value cannot prevent the replacement of a controller.
    function test_setController__samePortfoliosAndADeadStrategy__isSet() public {
        _invest();
        bytes memory value = abi.encodeCall(IERC20.balanceOf, (address(l2)));
        vm.mockCall(address(marketA), value, "");
        vm.warp(START + HEARTBEAT + 1);
        _replace(_newController(address(l2), address(l3)));
    }

    function test_setController__samePortfolios__keepsTheValue() public {
        _invest();
        AssetController next = _newController(address(l2), address(l3));
        vm.expectEmit(address(vault));
        emit ILiquidityVault.ControllerSet(address(controller), address(next));
        vault.setController(address(next));
        assertEq(vault.totalAssets(), DEPOSIT, "total");
        vm.startPrank(address(controller));
        vm.expectRevert(_error(ILiquidityVault.LiquidityVault_NotController.selector, address(controller)));
        vault.pay(outsider, 1);
    }

    function test_setController__oldOneAtWork__refuses() public {
        vm.mockCall(address(controller), abi.encodeCall(IAssetController.locked, ()), abi.encode(true));
        AssetController next = _newController(address(l2), address(l3));
        vm.expectRevert(ILiquidityVault.LiquidityVault_ControllerLocked.selector);
        vault.setController(address(next));
    }

    function test_custody__anybodyElse__reverts() public {
        address[4] memory callers = [alice, keeper, guardian, address(this)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(_error(ILiquidityVault.LiquidityVault_NotController.selector, callers[i]));
            vault.pay(callers[i], 1);
            vm.expectRevert(_error(ILiquidityVault.LiquidityVault_NotController.selector, callers[i]));
            vault.supply(IERC4626(address(marketA)), 1, callers[i]);
            vm.stopPrank();
        }
    }

    function test_supply__takesLess__reverts() public {
        marketA.setMood(Strategy.Mood.TakesLess, 1_000);
        vm.startPrank(address(controller));
        bytes4 refusal = ILiquidityVault.LiquidityVault_UnexpectedSpend.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(marketA), 900 * USD, 1_000 * USD));
        vault.supply(IERC4626(address(marketA)), 1_000 * USD, address(l2));
    }

    function test_supply__liesAboutShares__isNotAsked() public {
        marketA.setMood(Strategy.Mood.Lies, 0);
        vm.startPrank(address(controller));
        assertEq(vault.supply(IERC4626(address(marketA)), 1_000 * USD, address(l2)).idle, DEPOSIT - 1_000 * USD, "idle");
        assertEq(marketA.balanceOf(address(l2)), 1_000 * USD, "balance");
    }

    function test_pay__controller__paysAndEmits() public {
        vm.expectEmit(address(vault));
        emit ILiquidityVault.Paid(address(venue), 5);
        vm.startPrank(address(controller));
        vault.pay(address(venue), 5);
        assertEq(usdt.balanceOf(address(venue)), 5, "paid");
    }

    function _selectors(bytes4 selector) internal pure returns (bytes4[] memory list) {
        list = new bytes4[](1);
        list[0] = selector;
    }
}
