// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IErc7540Venue} from "@ballast/interfaces/IErc7540Venue.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {FairVenue, IMintable} from "../doubles/FairVenue.sol";
import {Plans} from "../support/Plans.sol";

/// @title Exit from an asset whose feed is dead
/// @notice Two approvers may sell at a minimum that they sign, whether the asset still counts or was written off.
contract UnpricedExitTest is Plans {
    function test_deadFeed__held__isSoldByPlan() public {
        _listFixedVenue();
        _invest();
        IPlanLedger.Plan memory plan = _sale();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        uint256[3] memory state = controller.tierValues();
        _die();
        vm.prank(keeper);
        controller.openPlan(plan, state, signatures);
        _sells(plan);
    }

    /// @dev The purchase is judged by the book and needs its own price.
    function test_deadFeed__planWithAPurchase__buysOnlyWhatHasAPrice() public {
        controller.raiseLimit(LimitKeys.forAsset(address(weth)), 1_000 * USD, 1, 0);
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(weth), 80e18, 200_000 * USD, 0);
        actions[1] = _action(PURCHASE, address(weth), 1_000 * USD, 0, 0);
        IPlanLedger.Plan memory plan = _plan(actions);
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        uint256[3] memory state = controller.tierValues();
        _die();
        vm.warp(block.timestamp + 1);
        bytes32[] memory leaves = new bytes32[](2);
        (leaves[0], leaves[1]) = (planLedger.leafOf(actions[0]), planLedger.leafOf(actions[1]));
        vm.startPrank(keeper);
        controller.openPlan(plan, state, signatures);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        controller.execute(plan.header, leaves, 1, actions[1], "");
        vm.stopPrank();
    }

    function test_deadFeed__writtenOff__isSoldByPlan() public {
        _listFixedVenue();
        _invest();
        _die();
        _markDown(l3, address(weth), 0);
        IPlanLedger.Plan memory plan = _sale();
        _open(plan);
        _sells(plan);
    }

    /// @dev An asset with a price is sold at that price, written off or not.
    function test_goodFeed__writtenOff__isSoldAtItsPrice() public {
        _listFixedVenue();
        _invest();
        _markDown(l3, address(weth), 0);
        IPlanLedger.Plan memory plan = _sale();
        _open(plan);
        bytes32[] memory leaves = _leaves(plan);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        vm.prank(keeper);
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
    }

    /// @dev A request has no minimum. The payment of the issuer reaches the vault although the fund was written off.
    function test_deadFund__asynchronous__isRequestedAndClaimed() public {
        AsyncVault async = new AsyncVault(address(usdt), false, 6);
        Erc7540Venue requests = new Erc7540Venue(address(l3), address(async));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = IPortfolio.Holding(
            address(async), IPortfolio.Kind.Async, 10_000, 10, 10_000, address(requests), ANY_RATE, LEAST_RATE
        );
        l3.setHoldings(list);
        vm.prank(keeper);
        controller.purchaseAsset(address(async), 100_000 * USD, 0, "");
        async.settleDeposit(0, address(requests), 100_000 * USD);
        controller.claimAsset(address(async));
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(async), 100_000 * USD, 0, 0);
        actions[1] = _action(REDEEM, address(async), 1_000 * USD, 1, 0);
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        vm.mockCallRevert(address(async), abi.encodeWithSelector(async.convertToAssets.selector), "dead");
        bytes32[] memory leaves = _leaves(plan);
        vm.startPrank(keeper);
        vm.expectPartialRevert(IErc7540Venue.Erc7540Venue_MinimumNotSupported.selector);
        controller.execute(plan.header, leaves, 1, plan.actions[1], "");
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
        vm.stopPrank();
        assertEq(async.pendingRedeemRequest(0, address(requests)), 100_000 * USD, "requested");
        _markDown(l3, address(async), 0);
        vm.clearMockedCalls();
        async.settleRedeem(0, address(requests), 40_000 * USD);
        vm.mockCallRevert(address(async), abi.encodeWithSelector(async.convertToAssets.selector), "dead");
        uint256 idle = vault.idle();
        controller.claimAsset(address(async));
        assertEq(vault.idle(), idle + 40_000 * USD, "came home");
    }

    function _sells(IPlanLedger.Plan memory plan) private {
        uint256 idle = vault.idle();
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
        assertEq(vault.idle(), idle + 200_000 * USD, "what was signed");
    }

    function _listFixedVenue() private {
        l3.setHoldings(_yields(address(new SalesVenue(address(oracle), 200_000 * USD))));
    }

    function _die() private {
        wethFeed.set(0);
    }

    function _sale() private returns (IPlanLedger.Plan memory) {
        return _planOf(_action(REDEEM, address(weth), 80e18, 200_000 * USD, 0));
    }
}

/// @title Venue that pays a fixed amount for sales, and the oracle's price for other trades
contract SalesVenue is FairVenue {
    uint256 private immutable _out;

    constructor(address oracle_, uint256 out) FairVenue(oracle_) {
        _out = out;
    }

    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata
    ) external override returns (uint256 out) {
        bool sale = amountIn == 80e18;
        out = sale ? _out : oracle.convert(tokenIn, tokenOut, amountIn);
        require(out >= minOut, "minOut");
        IMintable(tokenOut).mint(receiver, out);
    }
}
