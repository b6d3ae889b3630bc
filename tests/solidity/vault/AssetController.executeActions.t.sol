// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {ReenteringVenue} from "../doubles/HostileVenues.sol";
import {Steps} from "../support/Steps.sol";

contract AssetControllerExecuteActionsTest is Steps {
    function test_executeActions__allIsWell__consumesTheCallersLimits() public {
        _invest();
        uint256 automatic = _limitLeft(LimitKeys.automatic(keeper));
        uint256 derisk = _limitLeft(LimitKeys.derisk(keeper));
        assertEq(_executeActions(_mixed()), 15, "done");
        assertEq(_failures().length, 0, "failures");
        assertEq(automatic - _limitLeft(LimitKeys.automatic(keeper)), 40_000 * USD, "purchases");
        assertEq(derisk - _limitLeft(LimitKeys.derisk(keeper)), 35_000 * USD, "sales");
        assertEq(_limitLeft(LimitKeys.forAsset(address(fund))), AMPLE, "not the asset's");
        uint256[3] memory values = _booked();
        assertEq(values[0], 95_000 * USD, "L1");
        assertEq(values[1], 305_000 * USD, "L2");
        assertEq(values[2], 600_000 * USD, "L3");
    }

    /// @dev Losses of sales are charged to the caller's own budget, those of purchases to the one for what adds risk.
    function test_executeActions__losses__areChargedToTheRightBudgets() public {
        _invest();
        venue.setFeeBps(50);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(PURCHASE, address(bond), 20_000 * USD, 0, 0);
        uint256 add = _limitLeft(LimitKeys.LOSS_ADD);
        uint256 reserve = _limitLeft(LimitKeys.LOSS_REDUCE);
        uint256 own = _limitLeft(LimitKeys.lossReduce(keeper));
        assertEq(_executeActions(actions), 3, "done");
        assertEq(own - _limitLeft(LimitKeys.lossReduce(keeper)), 150 * USD, "the sale's");
        assertEq(add - _limitLeft(LimitKeys.LOSS_ADD), 100 * USD, "the purchase's");
        assertEq(_limitLeft(LimitKeys.LOSS_REDUCE), reserve, "not the reserve of plans");
    }

    /// @dev Events with the caller, balances, book and limits are those of single calls.
    function test_executeActions__allIsWell__isWhatSingleCallsDo() public {
        _invest();
        venue.setFeeBps(50);
        uint256 id = vm.snapshotState();
        _executeActions(_independent());
        bytes32 together = _state();
        vm.revertToState(id);
        vm.startPrank(keeper);
        vm.expectEmit(address(controller));
        emit IAssetController.AssetRedeemed(keeper, address(weth), 2, 10e18, 29_850 * USD);
        controller.redeemAsset(address(weth), 10e18, 0, "");
        controller.purchaseAsset(address(bond), 20_000 * USD, 0, "");
        controller.redeemAsset(address(marketB), 5_000 * USD, 0, "");
        controller.purchaseAsset(address(marketA), 5_000 * USD, 0, "");
        vm.stopPrank();
        assertTrue(_state() == together, "state");
        vm.revertToState(id);
        vm.expectEmit(address(controller));
        emit IAssetController.AssetRedeemed(keeper, address(weth), 2, 10e18, 29_850 * USD);
        vm.prank(keeper);
        controller.executeActions(_stepsOf(_independent()));
    }

    function test_executeActions__paused__salesGoOn() public {
        _invest();
        vm.prank(guardian);
        controller.pause();
        assertEq(_executeActions(_mixed()), 5, "sales");
        Failure[] memory failures = _failures();
        assertEq(failures.length, 2, "purchases");
        bytes memory reason = abi.encodeWithSelector(IAssetController.AssetController_Paused.selector);
        _assertFailure(failures[0], bytes32(0), 1, reason);
        _assertFailure(failures[1], bytes32(0), 3, reason);
    }

    function test_executeActions__pausedEverywhere__salesGoOn() public {
        _invest();
        vm.prank(guardian);
        killSwitch.pause();
        assertEq(_executeActions(_mixed()), 5, "sales");
    }

    function test_executeActions__limitExceeded__failsAlone() public {
        _invest();
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.automatic(keeper), 35_000 * USD, 1 days);
        assertEq(_executeActions(_mixed()), 7, "the others");
        bytes32 key = LimitKeys.automatic(keeper);
        bytes4 reason = IRateLimits.RateLimits_Exceeded.selector;
        _assertFailed(bytes32(0), 3, abi.encodeWithSelector(reason, key, 10_000 * USD, 5_000 * USD));
    }

    function test_executeActions__dependencies__countInThisCallOnly() public {
        _invest();
        IPlanLedger.Action[] memory actions = _mixed();
        IAssetController.Step[] memory steps = new IAssetController.Step[](1);
        steps[0] = IAssetController.Step(0, 0, actions[0], "");
        assertEq(_executeActions(steps), 1, "the sale");
        steps[0] = IAssetController.Step(1, 0, actions[1], "");
        assertEq(_executeActions(steps), 0, "not the purchase");
        bytes4 missing = IPlanLedger.PlanLedger_DependencyMissing.selector;
        _assertFailed(bytes32(0), 1, abi.encodeWithSelector(missing, bytes32(0), 1, 1));
    }

    function test_executeActions__dependsOnItselfOrLater__isSkipped() public {
        _invest();
        IPlanLedger.Action[] memory actions = _independent();
        (actions[0].dependsOn, actions[1].dependsOn) = (2, 2);
        assertEq(_executeActions(actions), 12, "the others");
        assertEq(_failures().length, 2, "skipped");
    }

    function test_executeActions__staleSale__failsAlone() public {
        _invest();
        wethFeed.set(0);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(weth), 10e18, 1, 0);
        actions[1] = _action(REDEEM, address(marketB), 5_000 * USD, 0, 0);
        assertEq(_executeActions(actions), 2, "the other");
        _assertFailedWith(0, IPriceOracle.PriceOracle_InvalidPrice.selector);
    }

    function test_executeActions__removedKeeper__reverts() public {
        _invest();
        vm.prank(guardian);
        killSwitch.removeKeeper(keeper);
        _refused(_stepsOf(_mixed()), _error(IAssetController.AssetController_KeeperRemoved.selector, keeper));
    }

    function test_executeActions__malformed__reverts() public {
        _invest();
        IAssetController.Step[] memory steps = _stepsOf(_mixed());
        steps[1].index = 0;
        _refused(steps, abi.encodeWithSelector(IAssetController.AssetController_InvalidStep.selector, 1, 0));
        steps = _stepsOf(_mixed());
        steps[2].action.verb = 3;
        _refused(steps, abi.encodeWithSelector(IAssetController.AssetController_UnknownVerb.selector, 2, 3));
        steps = _stepsOf(_mixed());
        steps[3].data = "x";
        bytes4 refusal = IAssetController.AssetController_OtherData.selector;
        _refused(steps, abi.encodeWithSelector(refusal, keccak256("x"), keccak256("")));
    }

    function test_executeActions__gapsBetweenIndices__areFine() public {
        _invest();
        IAssetController.Step[] memory steps = _stepsOf(_independent());
        (steps[2].index, steps[3].index) = (40, 63);
        steps[3].action.dependsOn = uint64(1) << 40;
        assertEq(_executeActions(steps), 3 | uint64(1) << 40 | uint64(1) << 63, "done");
    }

    function test_executeActions__tooLittleGas__reverts() public {
        _invest();
        IAssetController.Step[] memory steps = _stepsOf(_mixed());
        steps[3].gas = 8_000_000;
        vm.prank(keeper);
        vm.expectPartialRevert(IAssetController.AssetController_OutOfGas.selector);
        controller.executeActions{gas: 6_000_000}(steps);
        assertEq(vault.idle(), 100_000 * USD, "nothing has run");
    }

    /// @dev An account without limits is no keeper: no step runs, and no value moves.
    function test_executeActions__nobodysLimits__changesNothing() public {
        _invest();
        bytes32 before = _state();
        IAssetController.Step[] memory steps = _stepsOf(_mixed());
        vm.recordLogs();
        vm.prank(outsider);
        assertEq(controller.executeActions(steps), 0, "done");
        assertEq(_failures().length, 4, "failures");
        assertTrue(_state() == before, "state");
    }

    function test_executeActions__venueReenters__isLocked() public {
        _invest();
        ReenteringVenue inside = new ReenteringVenue(address(oracle));
        l3.setHoldings(_yields(address(inside)));
        _allowNow(address(inside));
        inside.setCall(address(controller), abi.encodeCall(controller.executeActions, (_stepsOf(_mixed()))));
        assertEq(_executeActions(_mixed()), 15, "done");
        assertFalse(inside.succeeded(), "got in");
        assertTrue(bytes4(inside.answer()) == IAssetController.AssetController_Locked.selector, "refusal");
    }

    /// @dev A sale, a purchase from its proceeds, another sale, and a purchase without.
    function _mixed() private view returns (IPlanLedger.Action[] memory actions) {
        actions = new IPlanLedger.Action[](4);
        actions[0] = _action(REDEEM, address(weth), 10e18, 30_000 * USD, 0);
        actions[1] = _action(PURCHASE, address(fund), 30_000 * USD, 30_000 * USD, 1);
        actions[2] = _action(REDEEM, address(marketB), 5_000 * USD, 5_000 * USD, 0);
        actions[3] = _action(PURCHASE, address(marketA), 10_000 * USD, 10_000 * USD, 0);
    }

    function _independent() private view returns (IPlanLedger.Action[] memory actions) {
        actions = new IPlanLedger.Action[](4);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(PURCHASE, address(bond), 20_000 * USD, 0, 0);
        actions[2] = _action(REDEEM, address(marketB), 5_000 * USD, 0, 0);
        actions[3] = _action(PURCHASE, address(marketA), 5_000 * USD, 0, 0);
    }

    function _refused(IAssetController.Step[] memory steps, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(keeper);
        controller.executeActions(steps);
    }

    /// @dev Hash of the state that actions change.
    function _state() private view returns (bytes32) {
        (uint256[3] memory values, uint256 revaluedAt) = controller.bookValues();
        bytes32[5] memory keys = [
            LimitKeys.automatic(keeper),
            LimitKeys.derisk(keeper),
            LimitKeys.lossReduce(keeper),
            LimitKeys.LOSS_ADD,
            LimitKeys.LOSS_REDUCE
        ];
        uint256[5] memory left;
        for (uint256 i = 0; i < keys.length; ++i) {
            left[i] = _limitLeft(keys[i]);
        }
        uint256[5] memory held = [
            weth.balanceOf(address(l3)),
            bond.balanceOf(address(l3)),
            fund.balanceOf(address(l3)),
            marketA.balanceOf(address(l2)),
            marketB.balanceOf(address(l2))
        ];
        return keccak256(abi.encode(values, revaluedAt, left, held, vault.totalSupply()));
    }
}
