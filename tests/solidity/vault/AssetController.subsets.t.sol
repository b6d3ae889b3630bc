// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {Bps} from "@ballast/libraries/Bps.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {ObedientVenue} from "../doubles/ObedientVenue.sol";
import {Steps} from "../support/Steps.sol";
import {Vm} from "../support/Vm.sol";

/// @title Plans of which any subset of actions fails: the others have the effect of single calls
/// @notice Up to eight actions of any kind with any dependencies. Some are made to fail: by a minimum that cannot be
/// met, an amount that is not there, or a venue that reverts, burns its gas, answers with much data or keeps what it
/// was paid. Others fail by themselves, at bands, limits and budgets that bind.
contract AssetControllerSubsetsTest is Steps {
    uint256 private constant MOST = 8;
    uint32 private constant STEP_GAS = 1_000_000;
    uint256 private constant FEE_BPS = 40;

    address[5] private assets;

    struct World {
        uint256 total;
        uint256 supply;
        uint256 lossAdd;
        uint256 lossReduce;
        uint256[5] limits;
    }

    function setUp() public override {
        super.setUp();
        assets = [address(weth), address(bond), address(fund), address(marketA), address(marketB)];
        ObedientVenue obedient = new ObedientVenue(address(oracle));
        obedient.setFeeBps(FEE_BPS);
        l3.setHoldings(_yields(address(obedient)));
    }

    function testFuzz_executePlan__anySubsetFails__isWhatSingleCallsLeave(
        uint256 seed,
        uint8 failing,
        uint8 count,
        bool tight
    ) public {
        _prepare(tight);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](bound(count, 1, MOST));
        IAssetController.Step[] memory steps = _draw(actions, seed, failing);
        uint256 id = vm.snapshotState();
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        World memory before = _look();
        uint64 done = _executePlan(plan, steps);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _judgeBits(plan, steps, failing, done, logs);
        uint256[] memory spent = _amounts(steps.length, done, logs);
        _judgeWorld(before, actions, spent);
        bytes32 together = _state();
        vm.revertToState(id);
        _oneByOne(actions, done, spent);
        assertTrue(_state() == together, "not what single calls leave");
    }

    /// @dev The same without a plan, for the keeper's own limits.
    function testFuzz_executeActions__anySubsetFails__isWhatSingleCallsLeave(
        uint256 seed,
        uint8 failing,
        uint8 count,
        bool tight
    ) public {
        _prepare(tight);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](bound(count, 1, MOST));
        IAssetController.Step[] memory steps = _draw(actions, seed, failing);
        uint256 id = vm.snapshotState();
        uint64 done = _executeActions(steps);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes32 together = _state();
        vm.revertToState(id);
        uint256[] memory spent = _amounts(steps.length, done, logs);
        for (uint256 i = 0; i < actions.length; ++i) {
            if (done >> i & 1 == 0) continue;
            vm.prank(keeper);
            if (actions[i].verb == PURCHASE) controller.purchaseAsset(actions[i].asset, spent[i], 0, "");
            else controller.redeemAsset(actions[i].asset, spent[i], 0, "");
        }
        assertTrue(_state() == together, "not what single calls leave");
    }

    /// @dev The fuzz tests are meaningful only if many actions run, many fail, and some are cut.
    function test_subsets__someRuns__reachEverything() public {
        _prepare(true);
        uint256 ran = 0;
        uint256 failed = 0;
        uint256 cut = 0;
        uint256 id = vm.snapshotState();
        for (uint256 seed = 0; seed < 32; ++seed) {
            IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](MOST);
            IAssetController.Step[] memory steps = _draw(actions, seed, uint8(seed % 4 == 0 ? 0 : seed * 37));
            IPlanLedger.Plan memory plan = _plan(actions);
            _open(plan);
            uint64 done = _executePlan(plan, steps);
            uint256[] memory spent = _amounts(MOST, done, vm.getRecordedLogs());
            for (uint256 i = 0; i < MOST; ++i) {
                bool success = done >> i & 1 != 0;
                if (success) ++ran;
                else ++failed;
                if (success && spent[i] < actions[i].amount) ++cut;
            }
            vm.revertToState(id);
        }
        assertGe(ran, 64, "ran");
        assertGe(failed, 64, "failed");
        assertGe(cut, 4, "cut");
    }

    /// @dev Limits and budgets that bind in some of the runs.
    function _prepare(bool tight) private {
        _invest();
        controller.sync();
        if (!tight) return;
        vm.startPrank(guardian);
        controller.lowerLimit(LimitKeys.LOSS_ADD, 150 * USD, 7 days);
        controller.lowerLimit(LimitKeys.LOSS_REDUCE, 200 * USD, 7 days);
        controller.lowerLimit(LimitKeys.lossReduce(keeper), 200 * USD, 7 days);
        controller.lowerLimit(LimitKeys.automatic(keeper), 60_000 * USD, 1 days);
        controller.lowerLimit(LimitKeys.derisk(keeper), 80_000 * USD, 1 days);
        controller.lowerLimit(LimitKeys.forAsset(address(weth)), 25_000 * USD, 1 days);
        controller.lowerLimit(LimitKeys.forAsset(address(fund)), 25_000 * USD, 1 days);
        vm.stopPrank();
    }

    function _draw(IPlanLedger.Action[] memory actions, uint256 seed, uint8 failing)
        private
        view
        returns (IAssetController.Step[] memory steps)
    {
        steps = new IAssetController.Step[](actions.length);
        for (uint8 i = 0; i < actions.length; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            uint8 verb = draw % 2 == 0 ? PURCHASE : REDEEM;
            address asset = assets[(draw >> 8) % 5];
            // Settlement units, or as many units of the asset.
            uint256 amount = bound(draw >> 16, 1 * USD, 40_000 * USD);
            if (verb == REDEEM && asset == address(weth)) amount = amount * 1e12 / 3_000;
            if (verb == REDEEM && asset == address(bond)) amount = amount * 1e12 / 100;
            uint64 dependsOn = uint64((draw >> 64) & (draw >> 96) & ((uint256(1) << i) - 1));
            bytes memory data = "";
            actions[i] = _action(verb, asset, amount, 0, dependsOn);
            if (failing >> i & 1 != 0) data = _spoil(actions[i], draw >> 128);
            steps[i] = IAssetController.Step(i, STEP_GAS, actions[i], data);
        }
    }

    /// @dev Makes an action fail, in any of the ways that there are for it.
    function _spoil(IPlanLedger.Action memory action, uint256 draw) private view returns (bytes memory data) {
        uint256 ways = action.asset == address(weth) || action.asset == address(bond) ? 7 : 2;
        uint256 way = draw % ways;
        if (way == 0) {
            action.minOut = type(uint256).max;
        } else if (way == 1) {
            (action.amount, action.minOut, action.dependsOn) = (type(uint128).max, 1, 0);
        } else {
            data = abi.encodePacked(uint8(way - 1));
            action.dataHash = keccak256(data);
        }
    }

    /// @dev Bits are the successes: each other step has an event of its failure, the ledger says the same,
    /// and what was made to fail has failed.
    function _judgeBits(
        IPlanLedger.Plan memory plan,
        IAssetController.Step[] memory steps,
        uint8 failing,
        uint64 done,
        Vm.Log[] memory logs
    ) private view {
        assertEq(_doneOf(plan), done, "at the ledger");
        assertEq(done & failing, 0, "what was made to fail");
        Failure[] memory failures = _failuresIn(logs);
        uint64 failed = 0;
        for (uint256 i = 0; i < failures.length; ++i) {
            failed |= uint64(1) << failures[i].index;
        }
        assertEq(failed ^ done, (uint256(1) << steps.length) - 1, "each step once");
        for (uint256 i = 0; i < steps.length; ++i) {
            bool ran = done >> i & 1 != 0;
            if (ran) assertEq(steps[i].action.dependsOn & ~done, 0, "dependencies");
        }
    }

    /// @dev Value lost is in the budgets, purchases are in the limits of their assets, and bands hold.
    function _judgeWorld(World memory before, IPlanLedger.Action[] memory actions, uint256[] memory spent)
        private
        view
    {
        World memory current = _look();
        assertEq(current.supply, before.supply, "supply");
        uint256 charged = before.lossAdd - current.lossAdd + before.lossReduce - current.lossReduce;
        assertGe(current.total + charged + 2 * MOST, before.total, "value");
        uint256[5] memory bought;
        for (uint256 i = 0; i < actions.length; ++i) {
            for (uint256 k = 0; k < 5 && actions[i].verb == PURCHASE; ++k) {
                if (actions[i].asset == assets[k]) bought[k] += spent[i];
            }
        }
        uint256 sum = 0;
        for (uint256 k = 0; k < 5; ++k) {
            assertEq(before.limits[k] - current.limits[k], bought[k], "limit of an asset");
            sum += bought[k];
        }
        if (sum == 0) return;
        uint256[3] memory values = _booked();
        uint256 total = values[0] + values[1] + values[2];
        assertGe(values[0] * Bps.ONE, total * _bound(IAssetController.Bound.MinL1), "L1");
        // A sale after the last purchase may have lost something of the whole.
        total += charged + 2 * MOST;
        assertLe(values[1] * Bps.ONE, total * _bound(IAssetController.Bound.MaxL2), "L2");
        assertLe(values[2] * Bps.ONE, total * _bound(IAssetController.Bound.MaxL3), "L3");
    }

    /// @dev The successes again, with the amounts that they had, each in a call of its own.
    function _oneByOne(IPlanLedger.Action[] memory actions, uint64 done, uint256[] memory spent) private {
        if (done == 0) {
            _open(_plan(actions));
            return;
        }
        IPlanLedger.Action[] memory chosen = new IPlanLedger.Action[](actions.length);
        uint8 count = 0;
        for (uint256 i = 0; i < actions.length; ++i) {
            if (done >> i & 1 == 0) continue;
            chosen[count++] = _action(actions[i].verb, actions[i].asset, spent[i], 0, 0);
        }
        assembly ("memory-safe") {
            mstore(chosen, count)
        }
        IPlanLedger.Plan memory plan = _plan(chosen);
        _open(plan);
        for (uint8 i = 0; i < count; ++i) {
            _execute(plan, i);
        }
    }

    /// @dev Amount of each step that ran, 0 of the others. Forge records events of undone calls too, so a failed step
    /// may have one before its failure.
    function _amounts(uint256 count, uint64 done, Vm.Log[] memory logs)
        private
        view
        returns (uint256[] memory amounts)
    {
        amounts = new uint256[](count);
        uint256 next = 0;
        for (uint256 i = 0; i < count; ++i) {
            bool ran = done >> i & 1 != 0;
            while (ran ? !_isAction(logs[next]) : !_isFailure(logs[next])) ++next;
            if (ran) (, amounts[i],) = abi.decode(logs[next].data, (uint8, uint256, uint256));
            ++next;
        }
    }

    function _isAction(Vm.Log memory log) private view returns (bool) {
        bytes32 topic = log.topics[0];
        bool named =
            topic == IAssetController.AssetPurchased.selector || topic == IAssetController.AssetRedeemed.selector;
        return named && log.emitter == address(controller);
    }

    function _isFailure(Vm.Log memory log) private view returns (bool) {
        return log.emitter == address(controller) && log.topics[0] == IAssetController.ActionFailed.selector;
    }

    function _look() private view returns (World memory world) {
        (world.total, world.supply) = (vault.totalAssets(), vault.totalSupply());
        (world.lossAdd, world.lossReduce) = (_limitLeft(LimitKeys.LOSS_ADD), _limitLeft(LimitKeys.LOSS_REDUCE));
        for (uint256 i = 0; i < 5; ++i) {
            world.limits[i] = _limitLeft(LimitKeys.forAsset(assets[i]));
        }
    }

    /// @dev Everything that actions change: book, balances, limits and budgets.
    function _state() private view returns (bytes32) {
        (uint256[3] memory values, uint256 revaluedAt) = controller.bookValues();
        uint256[5] memory held;
        for (uint256 i = 0; i < 5; ++i) {
            held[i] = IERC20(assets[i]).balanceOf(i < 3 ? address(l3) : address(l2));
        }
        uint256[3] memory own = [
            _limitLeft(LimitKeys.automatic(keeper)),
            _limitLeft(LimitKeys.derisk(keeper)),
            _limitLeft(LimitKeys.lossReduce(keeper))
        ];
        return keccak256(abi.encode(values, revaluedAt, held, own, _look()));
    }
}
