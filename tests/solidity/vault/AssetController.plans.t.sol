// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {FlashDepositor} from "../doubles/FlashDepositor.sol";
import {Plans} from "../support/Plans.sol";

contract AssetControllerPlansTest is Plans {
    function setUp() public override {
        super.setUp();
        controller.raiseLimit(LimitKeys.forAsset(address(weth)), AMPLE, 1, 0);
        controller.raiseLimit(LimitKeys.forAsset(address(fund)), AMPLE, 1, 0);
        vm.warp(START + 1);
    }

    function test_openPlan__approvalsBySize() public {
        _invest();
        _needs(_purchase(1), 1);
        _needs(_purchase(200_000 * USD), 1);
        _needs(_purchase(200_000 * USD + 1), 2);
    }

    /// @dev A plan's size is the sum of its purchases. Sales need no second approval, and splitting does not help.
    function test_openPlan__manyActions__purchasesAddUp() public {
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _action(REDEEM, address(bond), 1_500e18, 0, 0);
        actions[1] = _action(PURCHASE, address(weth), 100_000 * USD, 0, 0);
        actions[2] = _action(PURCHASE, address(fund), 100_000 * USD + 1, 0, 0);
        _needs(_plan(actions), 2);
        actions[2].amount = 100_000 * USD;
        _needs(_plan(actions), 1);
    }

    /// @dev Plans with one approver share a budget, to the unit; plans with two have none.
    function test_openPlan__oneApproval__takesFromTheBudgetOfSuchPlans() public {
        _invest();
        usdt.mint(address(vault), 500_000 * USD);
        _openBands();
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.SINGLE_APPROVED, 150_000 * USD, 7 days);
        _openByAnn(_purchase(100_000 * USD));
        assertEq(controller.available(LimitKeys.SINGLE_APPROVED), 50_000 * USD, "what is left");
        assertEq(controller.approvalsFor(50_000 * USD), 1, "all that is left");
        _needs(_purchase(50_000 * USD + 1), 2);
        _open(_purchase(50_000 * USD + 1));
        assertEq(controller.available(LimitKeys.SINGLE_APPROVED), 50_000 * USD, "not by two");
        _openByAnn(_purchase(50_000 * USD));
        assertEq(controller.available(LimitKeys.SINGLE_APPROVED), 0, "used up");
        _needs(_purchase(1), 2);
    }

    function test_openPlan__salesAlone__needNoBudget() public {
        _invest();
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.SINGLE_APPROVED, 0, 1);
        _openByAnn(_planOf(_action(REDEEM, address(weth), 1e18, 0, 0)));
    }

    function test_openPlan__opened__emitsAndRevalues() public {
        _invest();
        wethFeed.set(WETH_PRICE + 1e8);
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedBy(plan, ANN);
        vm.expectEmit(address(controller));
        emit IAssetController.BookRevalued(state[1], state[2]);
        vm.expectEmit(address(controller));
        emit IAssetController.PlanAccepted(planLedger.hashOf(plan), keeper, 1_000 * USD);
        vm.prank(keeper);
        controller.openPlan(plan, state, signatures);
        (uint256[3] memory book, uint256 revaluedAt) = controller.bookValues();
        assertEq(book[2], state[2], "book");
        assertEq(revaluedAt, block.timestamp, "when");
    }

    function test_openPlan__paused__reverts() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        vm.prank(guardian);
        controller.pause();
        _openReverts(plan, abi.encodeWithSelector(IAssetController.AssetController_Paused.selector));
    }

    function test_openPlan__anotherKeeper__reverts() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherKeeper.selector, keeper, outsider));
        controller.openPlan(plan, state, signatures);
    }

    function test_openPlan__deadlineTooFar__reverts() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        plan.header.deadline += 1;
        _openReverts(
            plan,
            abi.encodeWithSelector(
                IAssetController.AssetController_PlanTooLong.selector,
                block.timestamp + 4 hours + 1,
                block.timestamp + 4 hours
            )
        );
    }

    function test_openPlan__otherState__reverts() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        plan.header.preState = bytes32(0);
        _openReverts(plan, abi.encodeWithSelector(IAssetController.AssetController_OtherState.selector, bytes32(0)));
    }

    /// @dev 1 % of total assets, in any tier, up or down.
    function testFuzz_openPlan__stateMoved__boundIsTheLimit(int256 moved) public {
        _invest();
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        moved = int256(bound(uint256(moved), 0, 30_000 * USD)) - int256(15_000 * USD);
        if (moved > 0) usdt.mint(address(vault), uint256(moved));
        else fund.lose(uint256(-moved));
        uint256 allowed =
            (DEPOSIT * USD / USD + (moved > 0 ? uint256(moved) : 0) - (moved > 0 ? 0 : uint256(-moved))) / 100;
        uint256 distance = moved > 0 ? uint256(moved) : uint256(-moved);
        vm.prank(keeper);
        // One unit of tolerance, since the fund rounds the value of its shares down.
        if (distance > allowed + 1) vm.expectPartialRevert(IAssetController.AssetController_StateMoved.selector);
        else vm.assume(distance + 1 < allowed);
        controller.openPlan(plan, state, signatures);
    }

    function test_openPlan__stateMovedByTheBound__opensAndByAUnitMoreReverts() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedBy(plan, ANN);
        // A hundredth of the remaining assets.
        uint256 moved = DEPOSIT / 101;
        vm.prank(address(vault));
        usdt.transfer(address(1), moved + 1);
        uint256 allowed = (DEPOSIT - moved - 1) / 100;
        assertEq(moved, allowed, "at the bound");
        bytes memory refusal =
            abi.encodeWithSelector(IAssetController.AssetController_StateMoved.selector, uint8(0), moved + 1, allowed);
        vm.expectRevert(refusal);
        vm.prank(keeper);
        controller.openPlan(plan, state, signatures);
        usdt.mint(address(vault), 1);
        vm.prank(keeper);
        controller.openPlan(plan, state, signatures);
    }

    /// @dev After a depositor has left, borrowed money does not restore the state that approvers signed.
    function test_openPlan__borrowedDeposit__isNoState() public {
        (IPlanLedger.Plan memory plan, uint256[3] memory state, FlashDepositor flash) = _planOfABorrower();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        vm.prank(alice);
        vault.withdraw(15_000 * USD, alice, alice);
        vm.expectPartialRevert(IAssetController.AssetController_StateMoved.selector);
        flash.openPlan(15_000 * USD, plan, state, signatures);
    }

    /// @dev A deposit by the caller in the same transaction does not change the state either.
    function test_openPlan__depositInTheSameTransaction__changesNoState() public {
        (IPlanLedger.Plan memory plan, uint256[3] memory state, FlashDepositor flash) = _planOfABorrower();
        flash.openPlan(DEPOSIT, plan, state, _signedByBoth(plan));
        assertEq(planLedger.approvalsOf(address(controller), planLedger.hashOf(plan)), 2, "open");
    }

    function _planOfABorrower()
        private
        returns (IPlanLedger.Plan memory plan, uint256[3] memory state, FlashDepositor flash)
    {
        _invest();
        flash = new FlashDepositor(vault);
        plan = _purchase(1_000 * USD);
        plan.header.keeper = address(flash);
        state = controller.tierValues();
    }

    function test_openPlan__unknownVerb__reverts() public {
        IPlanLedger.Plan memory plan = _planOf(_action(3, address(weth), 1, 0, 0));
        _openReverts(plan, abi.encodeWithSelector(IAssetController.AssetController_UnknownVerb.selector, 0, 3));
        plan = _planOf(_action(0, address(weth), 1, 0, 0));
        _openReverts(plan, abi.encodeWithSelector(IAssetController.AssetController_UnknownVerb.selector, 0, 0));
    }

    function test_openPlan__purchaseAndStalePrice__opensOnTheBook() public {
        _invest();
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        wethFeed.set(0);
        vm.prank(keeper);
        bytes32 planHash = controller.openPlan(plan, state, signatures);
        assertEq(planLedger.approvalsOf(address(controller), planHash), 2, "open");
        (uint256[3] memory book,) = controller.bookValues();
        assertEq(book[2], state[2], "L3 by the book");
    }

    function test_openPlan__salesAloneAndStalePrice__opensOnTheBook() public {
        _invest();
        IPlanLedger.Plan memory plan = _planOf(_action(REDEEM, address(weth), 10e18, 1, 0));
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        wethFeed.set(0);
        (, uint256 revaluedAt) = controller.bookValues();
        vm.warp(block.timestamp + 1);
        vm.expectEmit(address(controller));
        emit IAssetController.PlanAccepted(planLedger.hashOf(plan), keeper, 0);
        vm.prank(keeper);
        controller.openPlan(plan, state, signatures);
        (, uint256 stillAt) = controller.bookValues();
        assertEq(stillAt, revaluedAt, "the book of before");
    }

    function test_openPlan__salesAlone__revaluesAtGoodPrices() public {
        _invest();
        wethFeed.set(WETH_PRICE + 1e8);
        IPlanLedger.Plan memory plan = _planOf(_action(REDEEM, address(weth), 10e18, 1, 0));
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedBy(plan, ANN);
        vm.expectEmit(address(controller));
        emit IAssetController.BookRevalued(state[1], state[2]);
        vm.prank(keeper);
        controller.openPlan(plan, state, signatures);
    }

    function test_execute__purchase__consumesTheAssetsLimit_notTheKeepers() public {
        IPlanLedger.Plan memory plan = _purchase(100_000 * USD);
        _open(plan);
        uint256 automatic = controller.available(LimitKeys.automatic(keeper));
        uint256 asset = controller.available(LimitKeys.forAsset(address(fund)));
        assertEq(_execute(plan, 0), 100_000 * USD, "received");
        assertEq(controller.available(LimitKeys.automatic(keeper)), automatic, "the keeper's");
        assertEq(asset - controller.available(LimitKeys.forAsset(address(fund))), 100_000 * USD, "the asset's");
        assertEq(l3.value(), 100_000 * USD, "L3");
    }

    function test_execute__assetWithoutLimit__reverts() public {
        IPlanLedger.Plan memory plan = _planOf(_action(PURCHASE, address(bond), 1_000 * USD, 0, 0));
        _open(plan);
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(
            abi.encodeWithSelector(IRateLimits.RateLimits_NotSet.selector, LimitKeys.forAsset(address(bond)))
        );
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
    }

    function test_execute__redeem__consumesNoLimit() public {
        _invest();
        IPlanLedger.Plan memory plan = _planOf(_action(REDEEM, address(weth), 10e18, 30_000 * USD, 0));
        _open(plan);
        uint256 derisk = controller.available(LimitKeys.derisk(keeper));
        assertEq(_execute(plan, 0), 30_000 * USD, "received");
        assertEq(controller.available(LimitKeys.derisk(keeper)), derisk, "limit");
        assertEq(vault.idle(), 130_000 * USD, "L1");
    }

    function test_execute__twice__reverts() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        bytes32 planHash = _open(plan);
        _execute(plan, 0);
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_AlreadyConsumed.selector, planHash, 0));
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
    }

    function test_execute__otherData__reverts() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        _open(plan);
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAssetController.AssetController_OtherData.selector, keccak256("x"), plan.actions[0].dataHash
            )
        );
        controller.execute(plan.header, leaves, 0, plan.actions[0], "x");
    }

    function test_execute__dependency__onlyAfterwards() public {
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(PURCHASE, address(fund), 30_000 * USD, 0, 1);
        actions[2] = _action(REDEEM, address(bond), 1e18, 0, 0);
        IPlanLedger.Plan memory plan = _plan(actions);
        bytes32 planHash = _open(plan);
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_DependencyMissing.selector, planHash, 1, 1));
        controller.execute(plan.header, leaves, 1, plan.actions[1], "");
        // Independent actions can still run.
        _execute(plan, 2);
        _execute(plan, 0);
        _execute(plan, 1);
    }

    function test_pause__openPlan__isVoidForGood() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        _open(plan);
        vm.prank(guardian);
        controller.pause();
        controller.unpause();
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, 0, 1));
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
    }

    function test_cancelPlan__guardian__stopsTheRest() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        bytes32 planHash = _open(plan);
        vm.prank(guardian);
        controller.cancelPlan(planHash);
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_Cancelled.selector, planHash));
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
    }

    function test_voidNonce__guardian__stopsWhatWasSigned() public {
        IPlanLedger.Plan memory plan = _purchase(1_000 * USD);
        vm.prank(guardian);
        controller.voidNonce(keeper, plan.header.nonce);
        _openReverts(
            plan,
            abi.encodeWithSelector(
                IPlanLedger.PlanLedger_NonceUsed.selector, address(controller), keeper, plan.header.nonce
            )
        );
    }

    function test_execute__staleSale__signedMinimumReplacesTheOracle() public {
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(weth), 10e18, 20_000 * USD, 0);
        actions[1] = _action(REDEEM, address(bond), 10e18, 0, 0);
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        wethFeed.set(0);
        // A venue with its own price, a third below the last one.
        _mockSale(address(weth), 10e18, 20_000 * USD);
        assertEq(_execute(plan, 0), 20_000 * USD, "received");
        (uint256[3] memory book,) = controller.bookValues();
        assertEq(book[2], 580_000 * USD, "the book gives up what came in");
        bondFeed.set(0);
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSignature("Portfolio_ZeroAmount()"));
        controller.execute(plan.header, leaves, 1, plan.actions[1], "");
    }

    /// @dev A sale of any size needs two approvals here, since only the signed minimum bounds it.
    function test_execute__staleSaleWithOneApproval__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _planOf(_action(REDEEM, address(weth), 10e18, 1, 0));
        _openByAnn(plan);
        wethFeed.set(0);
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_NoPrice.selector, address(weth), 1));
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
        // With a price one approval is enough.
        wethFeed.set(WETH_PRICE);
        _execute(plan, 0);
    }

    function test_redeemAsset__staleSaleWithoutPlan__reverts() public {
        _invest();
        wethFeed.set(0);
        vm.prank(keeper);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        controller.redeemAsset(address(weth), 10e18, 20_000 * USD, "");
    }

    function test_execute__deadStrategy__canBeLeft() public {
        _invest();
        IPlanLedger.Plan memory plan = _planOf(_action(REDEEM, address(fund), 100_000 * USD, 1, 0));
        _open(plan);
        vm.mockCallRevert(address(fund), abi.encodeWithSelector(fund.previewRedeem.selector), "dead");
        assertEq(_execute(plan, 0), 100_000 * USD, "it still redeems");
    }

    function _purchase(uint256 amount) internal returns (IPlanLedger.Plan memory) {
        return _planOf(_action(PURCHASE, address(fund), amount, 0, 0));
    }

    /// @dev The venue pays this amount for the asset, whatever the oracle's price.
    function _mockSale(address asset, uint256 amount, uint256 proceeds) internal {
        usdt.mint(address(this), proceeds);
        vm.mockCall(
            address(oracle), abi.encodeCall(IPriceOracle.convert, (asset, address(usdt), amount)), abi.encode(proceeds)
        );
        // The position as a whole still has no price.
    }

    function _needs(IPlanLedger.Plan memory plan, uint256 needed) internal {
        uint256[3] memory state = controller.tierValues();
        bytes32 planHash = planLedger.hashOf(plan);
        IPlanLedger.Signature[] memory signatures = new IPlanLedger.Signature[](0);
        bytes4 refusal = IAssetController.AssetController_NotApproved.selector;
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(refusal, planHash, 0, needed));
        controller.openPlan(plan, state, signatures);
        signatures = _signedBy(plan, ANN);
        if (needed == 2) {
            vm.prank(keeper);
            vm.expectRevert(abi.encodeWithSelector(refusal, planHash, 1, 2));
            controller.openPlan(plan, state, signatures);
            signatures = _signedByBoth(plan);
        }
        vm.prank(keeper);
        assertTrue(controller.openPlan(plan, state, signatures) == planHash, "hash");
    }

    function _openReverts(IPlanLedger.Plan memory plan, bytes memory reason) internal {
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        vm.prank(keeper);
        vm.expectRevert(reason);
        controller.openPlan(plan, state, signatures);
    }
}
