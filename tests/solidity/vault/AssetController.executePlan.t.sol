// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {ReenteringVenue} from "../doubles/HostileVenues.sol";
import {WanderingVenue} from "../doubles/OddVenues.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Steps} from "../support/Steps.sol";
import {Vm} from "../support/Vm.sol";

contract AssetControllerExecutePlanTest is Steps {
    uint64 private constant ALL = 31;

    function test_executePlan__allIsWell__doesWhatWasApproved() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        uint256 automatic = _limitLeft(LimitKeys.automatic(keeper));
        uint256 derisk = _limitLeft(LimitKeys.derisk(keeper));
        assertEq(_executePlan(plan), ALL, "done");
        assertEq(_failures().length, 0, "failures");
        assertEq(_doneOf(plan), ALL, "at the ledger");
        _assertBook(105_000 * USD, 305_000 * USD, 590_000 * USD);
        assertEq(weth.balanceOf(address(l3)), 70e18, "WETH");
        assertEq(bond.balanceOf(address(l3)), 1_700e18, "bonds");
        assertEq(fund.balanceOf(address(l3)), 210_000 * USD, "fund");
        assertEq(marketA.balanceOf(address(l2)), 160_000 * USD, "marketA");
        assertEq(marketB.balanceOf(address(l2)), 145_000 * USD, "marketB");
        assertEq(_limitLeft(LimitKeys.automatic(keeper)), automatic, "not the keeper's limit");
        assertEq(_limitLeft(LimitKeys.derisk(keeper)), derisk, "not the keeper's limit");
        assertEq(AMPLE - _limitLeft(LimitKeys.forAsset(address(fund))), 30_000 * USD, "the fund's limit");
        assertEq(AMPLE - _limitLeft(LimitKeys.forAsset(address(marketA))), 10_000 * USD, "the market's limit");
        assertFalse(controller.locked(), "unlocked");
    }

    function test_executePlan__allIsWell__emitsAsExecuteDoes() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes32 planHash = _open(plan);
        _executePlan(plan);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, address(planLedger), IPlanLedger.ActionConsumed.selector, planHash), 5, "consumed");
        bytes32 caller = bytes32(uint256(uint160(keeper)));
        assertEq(_count(logs, address(controller), IAssetController.AssetPurchased.selector, caller), 2, "purchases");
        assertEq(_count(logs, address(controller), IAssetController.AssetRedeemed.selector, caller), 3, "sales");
    }

    function testFuzz_executePlan__data__reachesTheVenue(bytes calldata data) public {
        _invest();
        WanderingVenue wandering = new WanderingVenue(address(oracle));
        l3.setHoldings(_yields(address(wandering)));
        IPlanLedger.Action[] memory actions = _mixed();
        actions[1].dataHash = keccak256(data);
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        IAssetController.Step[] memory steps = _stepsIn(plan, 2);
        steps[0].data = data;
        assertEq(_executePlan(plan, steps), 2, "done");
        assertTrue(keccak256(wandering.lastData()) == keccak256(data), "data");
    }

    function test_executePlan__noStep__doesNothing() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        assertEq(_executePlan(plan, new IAssetController.Step[](0)), 0, "done");
        assertEq(_doneOf(plan), 0, "at the ledger");
        _assertBook(100_000 * USD, 300_000 * USD, 600_000 * USD);
    }

    function test_executePlan__partByPart__dependenciesCountAcrossCalls() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        assertEq(_executePlan(plan, _stepsIn(plan, 1)), 1, "a sale");
        assertEq(_execute(plan, 1), 10_000 * USD, "another, by itself");
        assertEq(_executePlan(plan, _stepsIn(plan, 28)), 28, "the rest");
        assertEq(_doneOf(plan), ALL, "at the ledger");
        _assertBook(105_000 * USD, 305_000 * USD, 590_000 * USD);
    }

    function test_executePlan__hasRun__isSkipped() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes32 planHash = _open(plan);
        _execute(plan, 1);
        assertEq(_executePlan(plan), 29, "the others");
        _assertFailed(planHash, 1, abi.encodeWithSelector(IPlanLedger.PlanLedger_AlreadyConsumed.selector, planHash, 1));
        assertEq(bond.balanceOf(address(l3)), 1_700e18, "sold once");
        assertEq(_executePlan(plan), 0, "nothing twice");
        Failure[] memory failures = _failures();
        assertEq(failures.length, 5, "all are skipped");
        for (uint8 i = 0; i < 5; ++i) {
            bytes4 reason = IPlanLedger.PlanLedger_AlreadyConsumed.selector;
            _assertFailure(failures[i], planHash, i, abi.encodeWithSelector(reason, planHash, i));
        }
        _assertBook(105_000 * USD, 305_000 * USD, 590_000 * USD);
    }

    function test_execute__afterExecutePlan__isRefused() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes32 planHash = _open(plan);
        _executePlan(plan, _stepsIn(plan, 1));
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_AlreadyConsumed.selector, planHash, 0));
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
    }

    function test_executePlan__dependencyMissing__isSkipped() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes32 planHash = _open(plan);
        assertEq(_executePlan(plan, _stepsIn(plan, 30)), 26, "but the third");
        _assertFailed(
            planHash, 2, abi.encodeWithSelector(IPlanLedger.PlanLedger_DependencyMissing.selector, planHash, 2, 1)
        );
        assertEq(_executePlan(plan, _stepsIn(plan, 5)), 5, "later, with it");
    }

    function test_executePlan__dependencyFails__isSkipped() public {
        _invest();
        IPlanLedger.Action[] memory actions = _mixed();
        actions[0].minOut = 30_000 * USD + 1;
        IPlanLedger.Plan memory plan = _plan(actions);
        bytes32 planHash = _open(plan);
        assertEq(_executePlan(plan), 26, "the others");
        Failure[] memory failures = _failures();
        assertEq(failures.length, 2, "failures");
        assertEq(failures[0].index, 0, "the sale");
        bytes4 missing = IPlanLedger.PlanLedger_DependencyMissing.selector;
        _assertFailure(failures[1], planHash, 2, abi.encodeWithSelector(missing, planHash, 2, 1));
        assertEq(_doneOf(plan), 26, "at the ledger");
        _assertBook(135_000 * USD - 30_000 * USD, 305_000 * USD, 590_000 * USD);
    }

    /// @dev The consumption of its limit is undone too.
    function test_executePlan__stepFails__isUndoneAloneAndCanRunLater() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes32 planHash = _open(plan);
        fund.setLimit(0);
        assertEq(_executePlan(plan), 27, "the others");
        Failure[] memory failures = _failures();
        assertEq(failures.length, 1, "failures");
        assertTrue(failures[0].planHash == planHash, "plan");
        assertEq(failures[0].index, 2, "index");
        assertEq(_limitLeft(LimitKeys.forAsset(address(fund))), AMPLE, "the fund's limit");
        assertEq(fund.balanceOf(address(l3)), 180_000 * USD, "fund");
        _assertBook(135_000 * USD, 305_000 * USD, 560_000 * USD);
        fund.setLimit(type(uint256).max);
        assertEq(_execute(plan, 2), 30_000 * USD, "later");
        _assertBook(105_000 * USD, 305_000 * USD, 590_000 * USD);
    }

    function test_executePlan__assetWithoutLimit__failsAlone() public {
        _invest();
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.forAsset(address(fund)), 29_999 * USD, 1);
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes32 planHash = _open(plan);
        assertEq(_executePlan(plan), 27, "the others");
        bytes32 key = LimitKeys.forAsset(address(fund));
        _assertFailed(
            planHash,
            2,
            abi.encodeWithSelector(IRateLimits.RateLimits_Exceeded.selector, key, 30_000 * USD, 29_999 * USD)
        );
    }

    /// @dev The bounds hold for each step: the second purchase would leave too little in L1.
    function test_executePlan__bandExceeded__failsAlone() public {
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _action(PURCHASE, address(fund), 45_000 * USD, 0, 0);
        actions[1] = _action(PURCHASE, address(marketA), 10_000 * USD, 0, 0);
        actions[2] = _action(PURCHASE, address(marketB), 5_000 * USD, 0, 0);
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        assertEq(_executePlan(plan), 5, "the others");
        _assertFailedWith(1, IAssetController.AssetController_BelowMinimumIdle.selector);
        _assertBook(50_000 * USD, 305_000 * USD, 645_000 * USD);
    }

    function test_executePlan__longReason__isCutTo256Bytes() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        bytes memory long = new bytes(1_000_000);
        long[0] = 0xAB;
        vm.mockCallRevert(address(fund), abi.encodeWithSelector(fund.deposit.selector), long);
        assertEq(_executePlan(plan), 27, "the others");
        Failure[] memory failures = _failures();
        assertEq(failures.length, 1, "failures");
        assertEq(failures[0].index, 2, "index");
        assertLe(failures[0].reason.length, 256, "cut");
    }

    function test_executePlan__reasonOf300Bytes__isCutTo256Bytes() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        bytes memory long = new bytes(300);
        (long[0], long[255]) = (0xAB, 0xCD);
        vm.mockCallRevert(address(l3), abi.encodeWithSelector(l3.sell.selector, address(weth)), long);
        assertEq(_executePlan(plan), 26, "the others");
        Failure[] memory failures = _failures();
        assertEq(failures[0].reason.length, 256, "cut");
        assertTrue(failures[0].reason[0] == 0xAB && failures[0].reason[255] == 0xCD, "first bytes");
    }

    /// @dev The strategy reverts with 100,000 bytes.
    function test_executePlan__bomb__failsAlone() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        marketB.setMood(Strategy.Mood.Bombs, 0);
        assertEq(_executePlan(plan), 15, "the others");
        assertEq(_failures().length, 1, "failures");
        _assertBook(100_000 * USD, 310_000 * USD, 590_000 * USD);
    }

    function test_executePlan__burnsItsGas__failsAloneWithoutReason() public {
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _action(REDEEM, address(marketB), 5_000 * USD, 0, 0);
        actions[1] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[2] = _action(PURCHASE, address(fund), 30_000 * USD, 0, 2);
        IPlanLedger.Plan memory plan = _plan(actions);
        bytes32 planHash = _open(plan);
        marketB.setMood(Strategy.Mood.BurnsGas, 0);
        IAssetController.Step[] memory steps = _stepsOf(actions);
        steps[0].gas = 500_000;
        bytes32[] memory leaves = _leaves(plan);
        vm.recordLogs();
        vm.prank(keeper);
        uint256 before = gasleft();
        uint64 done = controller.executePlan(plan.header, leaves, steps);
        uint256 used = before - gasleft();
        assertEq(done, 6, "the others");
        _assertFailed(planHash, 0, "");
        assertLe(used, 1_500_000, "no more than its bound");
        assertGe(used, 500_000, "it burned its bound");
    }

    /// @dev The keeper's bound for one step is too low: only this step fails.
    function test_executePlan__boundTooLow__failsAlone() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes32 planHash = _open(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        steps[4].gas = 20_000;
        assertEq(_executePlan(plan, steps), 15, "the others");
        _assertFailed(planHash, 4, "");
    }

    function test_executePlan__tooLittleGas__revertsAsAWhole() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        bytes32[] memory leaves = _leaves(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        vm.prank(keeper);
        vm.expectPartialRevert(IAssetController.AssetController_OutOfGas.selector);
        controller.executePlan{gas: 3_000_000}(plan.header, leaves, steps);
        assertEq(_doneOf(plan), 0, "nothing has run");
        vm.prank(keeper);
        assertEq(controller.executePlan{gas: 5_000_000}(plan.header, leaves, steps), ALL, "with enough");
    }

    /// @dev The gas of the step, by default three million, and a reserve for the rest of the call.
    function test_executePlan__tooLittleGas__namesStepAndNeed() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        (uint8 index, uint256 available, uint256 needed) = _outOfGas(plan, steps, 3_100_000);
        assertEq(index, 0, "first step");
        assertEq(needed, 3_000_000 + 60_000 + 5 * 12_000, "by default");
        assertLe(available, 3_100_000, "what is left");
        assertGe(available, 2_900_000, "what is left");
        steps[2].gas = 4_000_000;
        (index,, needed) = _outOfGas(plan, steps, 3_900_000);
        assertEq(index, 2, "third step");
        assertEq(needed, 4_000_000 + 60_000 + 5 * 12_000, "as its keeper named");
        // More than is needed, but less if one part in 64 stays with the caller.
        steps[0].gas = 30_000_000;
        (index, available,) = _outOfGas(plan, steps, 30_920_000);
        assertEq(index, 0, "first step again");
        assertGe(available, 30_120_000, "more than it needs");
    }

    function _outOfGas(IPlanLedger.Plan memory plan, IAssetController.Step[] memory steps, uint256 gas)
        private
        returns (uint8 index, uint256 available, uint256 needed)
    {
        bytes memory input = abi.encodeCall(controller.executePlan, (plan.header, _leaves(plan), steps));
        vm.prank(keeper);
        (bool ran, bytes memory answer) = address(controller).call{gas: gas}(input);
        assertFalse(ran, "ran");
        assertTrue(bytes4(answer) == IAssetController.AssetController_OutOfGas.selector, "error");
        bytes memory facts = new bytes(96);
        for (uint256 i = 0; i < 96; ++i) {
            facts[i] = answer[i + 4];
        }
        return abi.decode(facts, (uint8, uint256, uint256));
    }

    /// @dev With any gas either all steps run or none. No step fails because of the gas of the transaction.
    function testFuzz_executePlan__anyGas__allOrNothing(uint256 gas) public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        bytes32[] memory leaves = _leaves(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        for (uint256 i = 0; i < steps.length; ++i) {
            steps[i].gas = 400_000;
        }
        gas = bound(gas, 50_000, 2_500_000);
        vm.recordLogs();
        vm.prank(keeper);
        try controller.executePlan{gas: gas}(plan.header, leaves, steps) returns (uint64 done) {
            assertEq(done, ALL, "all");
            assertEq(_failures().length, 0, "failures");
        } catch {
            assertEq(_doneOf(plan), 0, "none");
            _assertBook(100_000 * USD, 300_000 * USD, 600_000 * USD);
        }
    }

    function test_executePlan__paused__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        vm.prank(guardian);
        controller.pause();
        bytes memory refusal = abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, 0, 1);
        _planRefused(plan, _stepsOf(plan.actions), refusal);
        controller.unpause();
        _planRefused(plan, _stepsOf(plan.actions), refusal);
    }

    function test_executePlan__removedKeeper__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        vm.prank(guardian);
        killSwitch.removeKeeper(keeper);
        bytes memory refusal = _error(IAssetController.AssetController_KeeperRemoved.selector, keeper);
        _planRefused(plan, _stepsOf(plan.actions), refusal);
    }

    function test_executePlan__otherKeeper__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        _allowNow(outsider);
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherKeeper.selector, keeper, outsider));
        controller.executePlan(plan.header, leaves, _stepsOf(plan.actions));
    }

    function test_executePlan__expired__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        uint40 deadline = plan.header.deadline;
        vm.warp(deadline + 1);
        bytes4 refusal = IPlanLedger.PlanLedger_Expired.selector;
        _planRefused(plan, _stepsOf(plan.actions), abi.encodeWithSelector(refusal, deadline, deadline + 1));
        vm.warp(deadline);
        assertEq(_executePlan(plan), ALL, "in its last second");
    }

    function test_executePlan__cancelled__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes32 planHash = _open(plan);
        vm.prank(guardian);
        controller.cancelPlan(planHash);
        bytes4 refusal = IPlanLedger.PlanLedger_Cancelled.selector;
        _planRefused(plan, _stepsOf(plan.actions), abi.encodeWithSelector(refusal, planHash));
    }

    function test_executePlan__neverOpened__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        bytes4 refusal = IPlanLedger.PlanLedger_UnknownPlan.selector;
        _planRefused(plan, _stepsOf(plan.actions), abi.encodeWithSelector(refusal, planLedger.hashOf(plan)));
    }

    function test_executePlan__otherAction__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        bytes32[] memory leaves = _leaves(plan);
        steps[3].action = _action(PURCHASE, address(marketA), 10_001 * USD, 0, 2);
        bytes32 leaf = planLedger.leafOf(steps[3].action);
        _planRefused(
            plan, steps, abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherAction.selector, 3, leaf, leaves[3])
        );
    }

    function test_executePlan__unknownIndex__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        steps[4].index = 5;
        _planRefused(plan, steps, abi.encodeWithSelector(IPlanLedger.PlanLedger_UnknownAction.selector, 5, 5));
    }

    function test_executePlan__indicesNotAscending__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        bytes4 refusal = IAssetController.AssetController_InvalidStep.selector;
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        steps[1] = steps[0];
        _planRefused(plan, steps, abi.encodeWithSelector(refusal, 1, 0));
        steps = _stepsOf(plan.actions);
        (steps[3], steps[4]) = (steps[4], steps[3]);
        _planRefused(plan, steps, abi.encodeWithSelector(refusal, 4, 3));
        steps = _stepsOf(plan.actions);
        steps[4].index = 64;
        _planRefused(plan, steps, abi.encodeWithSelector(refusal, 4, 64));
    }

    function test_executePlan__unknownVerb__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        steps[2].action = _action(3, address(fund), 1, 0, 0);
        _planRefused(plan, steps, abi.encodeWithSelector(IAssetController.AssetController_UnknownVerb.selector, 2, 3));
        steps[2].action = _action(0, address(fund), 1, 0, 0);
        _planRefused(plan, steps, abi.encodeWithSelector(IAssetController.AssetController_UnknownVerb.selector, 2, 0));
    }

    function test_executePlan__otherData__reverts() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        steps[1].data = "x";
        bytes4 refusal = IAssetController.AssetController_OtherData.selector;
        _planRefused(plan, steps, abi.encodeWithSelector(refusal, keccak256("x"), keccak256("")));
    }

    function test_executePlan__sixtyFourActions__allRunOnce() public {
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](64);
        for (uint256 i = 0; i < 64; ++i) {
            actions[i] = _action(REDEEM, address(marketB), USD, 0, 0);
        }
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        assertEq(_executePlan(plan), type(uint64).max, "done");
        assertEq(_doneOf(plan), type(uint64).max, "at the ledger");
        assertEq(marketB.balanceOf(address(l2)), 150_000 * USD - 64 * USD, "marketB");
    }

    function test_executePlan__moreThanSixtyFourSteps__reverts() public {
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](65);
        for (uint256 i = 0; i < 65; ++i) {
            actions[i] = _action(REDEEM, address(marketB), USD, 0, 0);
        }
        bytes4 refusal = IAssetController.AssetController_InvalidStep.selector;
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(refusal, 64, 64));
        controller.executeActions(_stepsOf(actions));
    }

    /// @dev A venue of the plan tries to run its actions again through every entry point, and to mark them.
    function test_executePlan__venueReenters__runsNothingTwice() public {
        (ReenteringVenue inside, IPlanLedger.Plan memory plan) = _planOfTheVenue();
        bytes32 planHash = planLedger.hashOf(plan);
        bytes32[] memory leaves = _leaves(plan);
        IAssetController.Step[] memory steps = _stepsOf(plan.actions);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(controller.executePlan, (plan.header, leaves, steps));
        calls[1] = abi.encodeCall(controller.execute, (plan.header, leaves, 1, plan.actions[1], ""));
        calls[2] = abi.encodeCall(controller.executeActions, (steps));
        for (uint256 i = 0; i < calls.length; ++i) {
            inside.setCall(address(controller), calls[i]);
            uint256 id = vm.snapshotState();
            vm.prank(address(inside));
            assertEq(controller.executePlan(plan.header, leaves, steps), 3, "done");
            assertFalse(inside.succeeded(), "got in");
            assertTrue(bytes4(inside.answer()) == IAssetController.AssetController_Locked.selector, "refusal");
            assertEq(weth.balanceOf(address(l3)), 79e18, "sold once");
            vm.revertToState(id);
        }
        inside.setCall(address(planLedger), abi.encodeCall(planLedger.mark, (planHash, 2)));
        vm.prank(address(inside));
        assertEq(controller.executePlan(plan.header, leaves, steps), 3, "done");
        assertFalse(inside.succeeded(), "marked");
    }

    /// @dev A venue may relay a guardian's transaction. The cancellation stays, and the action that ran is marked.
    function test_executePlan__cancelledInTheMiddle__staysCancelled() public {
        (ReenteringVenue inside, IPlanLedger.Plan memory plan) = _planOfTheVenue();
        bytes32 planHash = planLedger.hashOf(plan);
        manager.grantRole(GUARDIAN, address(inside), 0);
        inside.setCall(address(controller), abi.encodeCall(controller.cancelPlan, (planHash)));
        bytes32[] memory leaves = _leaves(plan);
        IAssetController.Step[] memory first = _stepsIn(plan, 1);
        vm.prank(address(inside));
        assertEq(controller.executePlan(plan.header, leaves, first), 1, "done");
        assertTrue(inside.succeeded(), "cancelled");
        IPlanLedger.Status memory status = planLedger.statusOf(address(controller), planHash);
        assertTrue(status.cancelled, "stays cancelled");
        assertEq(status.done, 1, "what has run");
        IAssetController.Step[] memory second = _stepsIn(plan, 2);
        vm.prank(address(inside));
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_Cancelled.selector, planHash));
        controller.executePlan(plan.header, leaves, second);
    }

    function test_executePlan__pausedInTheMiddle__staysPaused() public {
        (ReenteringVenue inside, IPlanLedger.Plan memory plan) = _planOfTheVenue();
        manager.grantRole(GUARDIAN, address(inside), 0);
        inside.setCall(address(controller), abi.encodeCall(controller.pause, ()));
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(address(inside));
        assertEq(controller.executePlan(plan.header, leaves, _stepsOf(plan.actions)), 3, "done");
        assertTrue(controller.paused(), "paused");
        assertEq(controller.epoch(), 1, "epoch");
    }

    function test_executePlan__staleSale__needsTwoApprovals() public {
        _invest();
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(fund), 100_000 * USD, 1, 0);
        actions[1] = _action(REDEEM, address(bond), 10e18, 0, 0);
        IPlanLedger.Plan memory plan = _plan(actions);
        bytes32 planHash = _openByAnn(plan);
        IPlanLedger.Plan memory byBoth = _plan(actions);
        _open(byBoth);
        vm.mockCallRevert(address(fund), abi.encodeWithSelector(fund.previewRedeem.selector), "dead");
        assertEq(_executePlan(plan), 2, "the other");
        bytes4 refusal = IAssetController.AssetController_NoPrice.selector;
        _assertFailed(planHash, 0, abi.encodeWithSelector(refusal, address(fund), 1));
        assertEq(_executePlan(byBoth), 3, "both");
        assertEq(fund.balanceOf(address(l3)), 80_000 * USD, "fund");
    }

    /// @dev The call revalues an old book once, also if a purchase fails.
    function test_executePlan__oldBook__isRevaluedOnce() public {
        _invest();
        controller.sync();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        vm.warp(block.timestamp + 31 minutes);
        wethFeed.set(WETH_PRICE + 1e8);
        bondFeed.set(BOND_PRICE);
        usdtFeed.set(1e8);
        fund.setLimit(0);
        assertEq(_executePlan(plan), 27, "the others");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 revalued = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IAssetController.BookRevalued.selector) ++revalued;
        }
        assertEq(revalued, 1, "times");
        (, uint256 revaluedAt) = controller.bookValues();
        assertEq(revaluedAt, block.timestamp, "when");
        _assertBook(135_010 * USD, 305_000 * USD, 560_070 * USD);
    }

    function test_executePlan__oldBookAndSalesAlone__staysOld() public {
        _invest();
        IPlanLedger.Plan memory plan = _mixedPlan();
        _open(plan);
        (, uint256 revaluedAt) = controller.bookValues();
        vm.warp(block.timestamp + 31 minutes);
        assertEq(_executePlan(plan, _stepsIn(plan, 19)), 19, "sales");
        (, uint256 stillAt) = controller.bookValues();
        assertEq(stillAt, revaluedAt, "when");
    }

    function test_runStep__notTheController__reverts() public {
        _invest();
        IAssetController.Run memory run;
        run.keeper = keeper;
        vm.prank(keeper);
        vm.expectRevert(_error(IAssetController.AssetController_NotSelf.selector, keeper));
        controller.runStep(run, 2, _action(REDEEM, address(weth), 1e18, 0, 0), "");
    }

    /// @dev Two sales, purchases that depend on one each, and a third sale.
    function _mixed() private view returns (IPlanLedger.Action[] memory actions) {
        actions = new IPlanLedger.Action[](5);
        actions[0] = _action(REDEEM, address(weth), 10e18, 30_000 * USD, 0);
        actions[1] = _action(REDEEM, address(bond), 100e18, 10_000 * USD, 0);
        actions[2] = _action(PURCHASE, address(fund), 30_000 * USD, 30_000 * USD, 1);
        actions[3] = _action(PURCHASE, address(marketA), 10_000 * USD, 10_000 * USD, 2);
        actions[4] = _action(REDEEM, address(marketB), 5_000 * USD, 5_000 * USD, 0);
    }

    function _mixedPlan() private returns (IPlanLedger.Plan memory) {
        return _plan(_mixed());
    }

    /// @dev An open plan of a keeper that is a venue, and calls somebody in the middle of each trade. Of its two
    /// actions only the first goes through the venue.
    function _planOfTheVenue() private returns (ReenteringVenue inside, IPlanLedger.Plan memory plan) {
        _invest();
        inside = new ReenteringVenue(address(oracle));
        l3.setHoldings(_yields(address(inside)));
        _allowNow(address(inside));
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(weth), 1e18, 0, 0);
        actions[1] = _action(REDEEM, address(marketB), 1_000 * USD, 0, 0);
        plan = _plan(actions);
        plan.header.keeper = address(inside);
        uint256[3] memory state = controller.tierValues();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        vm.prank(address(inside));
        controller.openPlan(plan, state, signatures);
    }

    function _assertBook(uint256 idle, uint256 value2, uint256 value3) private view {
        uint256[3] memory values = _booked();
        assertEq(values[0], idle, "L1");
        assertEq(values[1], value2, "L2");
        assertEq(values[2], value3, "L3");
    }

    function _count(Vm.Log[] memory logs, address emitter, bytes32 selector, bytes32 first)
        private
        pure
        returns (uint256 count)
    {
        for (uint256 i = 0; i < logs.length; ++i) {
            bool counts = logs[i].emitter == emitter && logs[i].topics[0] == selector && logs[i].topics[1] == first;
            if (counts) ++count;
        }
    }
}
