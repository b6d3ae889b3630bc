// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {GreedyVenue} from "../doubles/GreedyVenue.sol";
import {Plans} from "../support/Plans.sol";

/// @title Thief who empties a loss budget for sales through a greedy venue (V7), and splits plans (V11)
contract ClosedExitsTest is Plans {
    uint256 private constant BUDGET = 5_000 * USD;
    address private constant HONEST = address(0x40E57);

    GreedyVenue private greedy;

    function setUp() public override {
        super.setUp();
        greedy = new GreedyVenue(address(oracle), address(usdt));
        l3.setHoldings(_yields(address(greedy)));
        _openBands();
        vm.startPrank(keeper);
        controller.purchaseAsset(address(marketA), 150_000 * USD, 0, "");
        controller.purchaseAsset(address(marketB), 150_000 * USD, 0, "");
        controller.purchaseAsset(address(weth), 600_000 * USD, 0, "");
        vm.stopPrank();
        controller.raiseLimit(LimitKeys.LOSS_ADD, BUDGET, 7 days, 0);
        controller.raiseLimit(LimitKeys.LOSS_REDUCE, BUDGET, 7 days, 0);
        controller.raiseLimit(LimitKeys.derisk(HONEST), AMPLE, 1, 0);
        controller.raiseLimit(LimitKeys.lossReduce(HONEST), BUDGET, 7 days, 0);
        controller.raiseLimit(LimitKeys.lossReduce(keeper), BUDGET, 7 days, 0);
        vm.warp(START + 7 days);
        usdtFeed.set(1e8);
        wethFeed.set(WETH_PRICE);
        bondFeed.set(BOND_PRICE);
        _robTheExits();
    }

    function test_thief__emptiesItsBudget__leavesTheOthers() public view {
        assertLe(controller.available(LimitKeys.lossReduce(keeper)), 100 * USD, "the thief's");
        assertEq(controller.available(LimitKeys.lossReduce(HONEST)), BUDGET, "an honest keeper's");
        assertEq(controller.available(LimitKeys.LOSS_REDUCE), BUDGET, "of approved plans");
        assertLe(greedy.haul(), BUDGET, "what outsiders gained");
    }

    function test_honestKeeper__afterTheThief__sells() public {
        greedy.setKeptBps(5); // fee of a typical pool
        uint256 held = weth.balanceOf(address(l3));
        vm.prank(HONEST);
        controller.redeemAsset(address(weth), held, 0, "");
        assertEq(weth.balanceOf(address(l3)), 0, "sold");
    }

    function test_honestKeeper__afterTheThief__liquidates() public {
        greedy.setKeptBps(5);
        uint256 needed = vault.idle() + 2_000_000 * USD;
        vm.prank(HONEST);
        controller.executeWaterfallLiquidation(needed, 2);
        assertEq(weth.balanceOf(address(l3)), 0, "no source was passed over");
    }

    function test_approvedPlan__afterTheThief__sells() public {
        greedy.setKeptBps(5);
        uint256 held = weth.balanceOf(address(l3));
        IPlanLedger.Plan memory plan = _planOf(_action(REDEEM, address(weth), held, 0, 0));
        _open(plan);
        _execute(plan, 0);
        assertEq(weth.balanceOf(address(l3)), 0, "sold from the reserve");
        assertEq(controller.available(LimitKeys.lossReduce(HONEST)), BUDGET, "nobody else's");
    }

    /// Plans above 200,000 need two approvals; any number of smaller plans with one approver cannot exceed that in
    /// total.
    function test_splitPlans__oneApprover__needTwoBeyondTheLimit() public {
        controller.raiseLimit(LimitKeys.SINGLE_APPROVED, 200_000 * USD, 1 days, 0);
        controller.raiseLimit(LimitKeys.forAsset(address(fund)), AMPLE, 1, 0);
        usdt.mint(address(vault), 1_000_000 * USD);
        vm.warp(block.timestamp + 1 days);
        usdtFeed.set(1e8);
        wethFeed.set(WETH_PRICE);
        bondFeed.set(BOND_PRICE);
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Plan memory plan;
        for (uint256 i = 0; i < 2; ++i) {
            plan = _planOf(_action(PURCHASE, address(fund), 100_000 * USD, 0, 0));
            assertEq(controller.approvalsFor(100_000 * USD), 1, "one will do");
            _openWith(plan, state, _signedBy(plan, ANN));
        }
        assertEq(controller.approvalsFor(100_000 * USD), 2, "used up");
        plan = _planOf(_action(PURCHASE, address(fund), 100_000 * USD, 0, 0));
        IPlanLedger.Signature[] memory one = _signedBy(plan, ANN);
        IPlanLedger.Signature[] memory both = _signedByBoth(plan);
        vm.expectPartialRevert(IAssetController.AssetController_NotApproved.selector);
        _openWith(plan, state, one);
        _openWith(plan, state, both);
        // Plans with two approvals and sales consume none of the limit.
        assertEq(controller.approvalsFor(0), 1, "sales");
        vm.warp(block.timestamp + 12 hours);
        assertEq(controller.approvalsFor(100_000 * USD), 1, "refilled by half");
    }

    function _robTheExits() private {
        greedy.setKeptBps(99);
        vm.startPrank(keeper);
        for (uint256 size = 128; size > 0; size /= 2) {
            try controller.redeemAsset(address(weth), size * 1e18, 0, "") {} catch {}
        }
        vm.stopPrank();
    }
}
