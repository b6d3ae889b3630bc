// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";
import {IERC7540Redeem} from "@ballast/interfaces/external/IERC7540.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Plans} from "../support/Plans.sol";
import {Vm} from "../support/Vm.sol";

interface StateVm {
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool done);
}

/// @title State of a reader that sees only events
/// @notice Written from the events' descriptions, not from the contracts' arithmetic.
contract Reader {
    struct Limit {
        uint256 cap;
        uint256 period;
        uint256 unit;
        /// Level, multiplied by the period.
        uint256 level;
        uint256 since;
    }

    struct PlanState {
        uint256 count;
        uint256 done;
        uint256 deadline;
        uint256 epoch;
        uint256 approvals;
        bool cancelled;
    }

    struct BatchState {
        uint256 shares;
        uint256 fulfilled;
        uint256 assets;
        uint256 dueAt;
        uint256 claimed;
    }

    bytes32[] public plans;
    uint256 public batches;
    uint256 public pendingShares;
    uint256 public dueShares;
    uint256[2] public book;
    bool public paused;
    uint256 public epoch;
    mapping(address token => mapping(address account => uint256)) public balanceOf;
    mapping(bytes32 key => Limit) public limits;
    mapping(bytes32 planHash => PlanState) public planOf;
    mapping(uint256 requestId => BatchState) public batchOf;
    mapping(uint256 requestId => mapping(address controller => uint256)) public requestOf;
    mapping(address asset => bool) public held;
    mapping(address keeper => mapping(uint256 nonce => bool)) public used;

    /// @param time Time of the event.
    function read(Vm.Log calldata log, uint256 time) external {
        bytes32 topic = log.topics[0];
        if (topic == IERC20.Transfer.selector) {
            _readTransfer(log);
        } else if (topic == IPortfolio.HeldSet.selector) {
            held[_account(log.topics[1])] = abi.decode(log.data, (bool));
        } else if (!_readLimit(topic, log, time) && !_readPlan(topic, log) && !_readRequest(topic, log)) {
            _readController(topic, log);
        }
    }

    function available(bytes32 key, uint256 time) external view returns (uint256) {
        Limit memory limit = limits[key];
        return limit.period == 0 ? 0 : _filled(limit, time) / limit.period * limit.unit;
    }

    function planCount() external view returns (uint256) {
        return plans.length;
    }

    function _readTransfer(Vm.Log calldata log) private {
        uint256 amount = abi.decode(log.data, (uint256));
        (address from, address to) = (_account(log.topics[1]), _account(log.topics[2]));
        if (from != address(0)) balanceOf[log.emitter][from] -= amount;
        else balanceOf[log.emitter][address(0)] += amount;
        if (to != address(0)) balanceOf[log.emitter][to] += amount;
        else balanceOf[log.emitter][address(0)] -= amount;
    }

    function _readLimit(bytes32 topic, Vm.Log calldata log, uint256 time) private returns (bool) {
        bool set = topic == IRateLimits.LimitSet.selector;
        if (!set && topic != IRateLimits.LimitConsumed.selector) return false;
        Limit storage limit = limits[log.topics[1]];
        (limit.level, limit.since) = (_filled(limit, time), time);
        if (!set) {
            limit.level -= abi.decode(log.data, (uint256)) / limit.unit * limit.period;
            return true;
        }
        (uint256 cap, uint256 period, uint8 exp) = abi.decode(log.data, (uint256, uint32, uint8));
        if (limit.period != 0) limit.level = limit.level * period / limit.period;
        (limit.unit, limit.period) = (10 ** exp, period);
        limit.cap = cap / limit.unit;
        limit.level = _filled(limit, time);
        return true;
    }

    function _filled(Limit memory limit, uint256 time) private pure returns (uint256) {
        uint256 level = limit.level + limit.cap * (time - limit.since);
        return level < limit.cap * limit.period ? level : limit.cap * limit.period;
    }

    function _readPlan(bytes32 topic, Vm.Log calldata log) private returns (bool) {
        if (topic == IPlanLedger.PlanOpened.selector) {
            _readOpened(log);
        } else if (topic == IPlanLedger.ActionConsumed.selector) {
            planOf[log.topics[1]].done |= 1 << abi.decode(log.data, (uint8));
        } else if (topic == IPlanLedger.PlanCancelled.selector) {
            planOf[log.topics[1]].cancelled = true;
        } else if (topic == IPlanLedger.NonceVoided.selector) {
            used[_account(log.topics[2])][abi.decode(log.data, (uint256))] = true;
        } else {
            return false;
        }
        return true;
    }

    function _readOpened(Vm.Log calldata log) private {
        (uint256 nonce, uint40 deadline, uint32 epoch_,, uint16 approvals, bytes32[] memory leaves) =
            abi.decode(log.data, (uint256, uint40, uint32, bytes32, uint16, bytes32[]));
        used[_account(log.topics[3])][nonce] = true;
        planOf[log.topics[1]] = PlanState(leaves.length, 0, deadline, epoch_, approvals, false);
        plans.push(log.topics[1]);
    }

    function _readRequest(bytes32 topic, Vm.Log calldata log) private returns (bool) {
        if (topic == IRedemptionQueue.BatchOpened.selector) {
            batches = uint256(log.topics[1]);
            batchOf[batches].dueAt = abi.decode(log.data, (uint256));
        } else if (topic == IRedemptionQueue.BatchFulfilled.selector) {
            BatchState storage batch = batchOf[uint256(log.topics[1])];
            (uint256 shares, uint256 assets) = abi.decode(log.data, (uint256, uint256));
            (batch.fulfilled, batch.assets) = (batch.fulfilled + shares, batch.assets + assets);
            pendingShares -= shares;
        } else if (topic == IRedemptionQueue.RedeemClaimed.selector) {
            (, uint256 shares) = abi.decode(log.data, (uint256, uint256));
            batchOf[uint256(log.topics[3])].claimed += shares;
        } else if (topic == IERC7540Redeem.RedeemRequest.selector) {
            _addRequest(log, true);
        } else if (topic == IRedemptionQueue.RedeemRequestCancelled.selector) {
            _addRequest(log, false);
        } else {
            return false;
        }
        return true;
    }

    function _addRequest(Vm.Log calldata log, bool more) private {
        (uint256 requestId, address controller) = (uint256(log.topics[3]), _account(log.topics[1]));
        (, uint256 shares) = abi.decode(log.data, (address, uint256));
        BatchState storage batch = batchOf[requestId];
        if (more) {
            (batch.shares, pendingShares) = (batch.shares + shares, pendingShares + shares);
            requestOf[requestId][controller] += shares;
        } else {
            (batch.shares, pendingShares) = (batch.shares - shares, pendingShares - shares);
            requestOf[requestId][controller] = 0;
        }
    }

    function _readController(bytes32 topic, Vm.Log calldata log) private {
        if (topic == IAssetController.BookRevalued.selector) {
            (book[0], book[1]) = abi.decode(log.data, (uint256, uint256));
        } else if (topic == IAssetController.Paused.selector) {
            (paused, epoch) = (true, abi.decode(log.data, (uint32)));
        } else if (topic == IAssetController.Unpaused.selector) {
            paused = false;
        }
    }

    function _account(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }
}

/// @title Row 50 of `docs/evidence/invariants.md`
/// @notice Each step is a separate transaction, since a plan's state excludes deposits of the same transaction.
/// forge-config: default.isolate = true
contract EventsTest is Plans {
    StateVm private constant stateVm = StateVm(address(vm));
    uint256 private constant STEPS = 16;
    address private immutable bob = address(0xB0B);

    Reader private reader;
    bytes32 private last;

    function setUp() public override {
        vm.recordLogs();
        super.setUp();
        controller.raiseLimit(LimitKeys.forAsset(address(bond)), AMPLE, 1, 0);
        reader = new Reader();
        // Events before the limits have filled; no limit is consumed there.
        _read();
        vm.warp(block.timestamp + 1);
    }

    /// @dev After any steps the events alone give the complete state.
    function testFuzz_E50__events__tellEverything(uint256[STEPS] memory seeds) public {
        vm.recordLogs();
        _invest();
        _read();
        for (uint256 i = 0; i < STEPS; ++i) {
            _step(seeds[i] % 16, seeds[i] >> 8);
            _read();
        }
        controller.sync();
        _read();
        _compareBalances();
        _compareLimits();
        _comparePlans();
        _compareRequests();
        _compareRest();
    }

    /// @dev A run with every kind of event that the reader handles.
    function test_E50__everyStep__isRead() public {
        vm.recordLogs();
        _invest();
        _read();
        uint256[14] memory steps = [uint256(7), 8, 9, 7, 10, 5, 5, 6, 11, 13, 14, 15, 3, 4];
        for (uint256 i = 0; i < steps.length; ++i) {
            _step(steps[i], 3_000_000e12 + i);
            _read();
        }
        assertGe(reader.batches(), 1, "batches");
        assertGe(reader.planCount(), 1, "plans");
        assertGe(reader.epoch(), 1, "pauses");
        controller.sync();
        _read();
        _compareBalances();
        _compareLimits();
        _comparePlans();
        _compareRequests();
        _compareRest();
    }

    function _read() private {
        _tell(vm.getRecordedLogs());
    }

    function _tell(Vm.Log[] memory logs) private {
        for (uint256 i = 0; i < logs.length; ++i) {
            reader.read(logs[i], block.timestamp);
        }
    }

    function _step(uint256 which, uint256 seed) private {
        if (which < 5) return _asKeeper(_trade(which, seed));
        if (which == 5) return _openAndExecute(seed);
        if (which == 6) return _endPlan(seed);
        if (which < 11) return _useQueue(which, seed);
        if (which == 11) return _changeLimits(seed);
        if (which == 12) _deposit(bob, bound(seed, 1, 100_000 * USD));
        else if (which == 13) _pass(seed);
        else if (which == 14) _togglePause();
        else _withdrawSome(seed);
    }

    function _trade(uint256 which, uint256 seed) private view returns (bytes memory) {
        uint256 amount = bound(seed, 1, 40_000 * USD);
        address[5] memory assets = [address(weth), address(bond), address(marketA), address(marketB), address(fund)];
        (address asset, address other) = (assets[(seed >> 64) % 5], assets[(seed >> 72) % 5]);
        if (which == 0) return abi.encodeCall(controller.purchaseAsset, (asset, amount, 0, ""));
        uint256 part = (controller.tierOf(asset) == 1 ? l2 : l3).positionOf(asset).balance * (1 + seed % 100) / 100;
        if (which == 1) return abi.encodeCall(controller.redeemAsset, (asset, part, 0, ""));
        if (which == 2 && seed % 2 == 0) {
            return abi.encodeCall(controller.switchAsset, (asset, part, other, 0, "", ""));
        }
        if (which == 2) {
            IAssetController.Step[] memory steps = new IAssetController.Step[](2);
            steps[0] = IAssetController.Step(0, 0, _action(REDEEM, asset, part, 0, 0), "");
            steps[1] = IAssetController.Step(1, 0, _action(PURCHASE, other, amount, 0, 1), "");
            return abi.encodeCall(controller.executeActions, (steps));
        }
        if (which == 3) return abi.encodeCall(controller.executeWaterfallLiquidation, (vault.idle() + amount, 2));
        return abi.encodeCall(controller.rebalance, (true));
    }

    function _openAndExecute(uint256 seed) private {
        if (controller.paused()) return;
        IPlanLedger.Plan memory plan = _planOf(_action(PURCHASE, address(bond), bound(seed, 1, 10_000 * USD), 0, 0));
        last = _open(plan);
        if (seed % 2 == 0) return;
        if (seed % 4 == 1) {
            _asKeeper(abi.encodeCall(controller.execute, (plan.header, _leaves(plan), 0, plan.actions[0], "")));
            return;
        }
        IAssetController.Step[] memory steps = new IAssetController.Step[](1);
        steps[0] = IAssetController.Step(0, 0, plan.actions[0], "");
        _asKeeper(abi.encodeCall(controller.executePlan, (plan.header, _leaves(plan), steps)));
    }

    function _endPlan(uint256 seed) private {
        bytes memory call = seed % 2 == 0
            ? abi.encodeCall(controller.voidNonce, (keeper, bound(seed, 1_000, 2_000)))
            : abi.encodeCall(controller.cancelPlan, (last));
        _as(guardian, address(controller), call);
    }

    function _useQueue(uint256 which, uint256 seed) private {
        uint256 shares = bound(seed, 1e12, 200_000e12);
        uint256 requestId = bound(seed, 1, reader.batches() + 1);
        bytes memory call = abi.encodeCall(queue.requestRedeem, (shares, alice, alice));
        if (which == 8) call = abi.encodeCall(queue.fulfil, (shares));
        if (which == 9) call = abi.encodeCall(queue.claim, (requestId, bob, alice));
        if (which == 10) call = abi.encodeCall(queue.cancelRedeemRequest, (requestId, alice, alice));
        _as(alice, address(queue), call);
    }

    function _changeLimits(uint256 seed) private {
        bytes32 key = LimitKeys.automatic(keeper);
        uint256 cap = bound(seed, 1, AMPLE);
        uint32 period = uint32(bound(seed >> 64, 1, 7 days));
        if (seed % 3 == 0) {
            controller.raiseLimit(key, cap, period, 0);
        } else if (seed % 3 == 1) {
            _as(guardian, address(controller), abi.encodeCall(controller.lowerLimit, (key, cap, period)));
        } else {
            _as(guardian, address(controller), abi.encodeCall(controller.lowerLimit, (key, 0, 7 days)));
        }
    }

    function _pass(uint256 seed) private {
        vm.warp(block.timestamp + bound(seed, 1, 2 days));
        usdtFeed.set(usdtFeed.answer());
        wethFeed.set(wethFeed.answer());
        bondFeed.set(bondFeed.answer());
    }

    function _togglePause() private {
        if (controller.paused()) return controller.unpause();
        vm.prank(guardian);
        controller.pause();
    }

    function _withdrawSome(uint256 seed) private {
        uint256 most = vault.maxWithdraw(alice);
        if (most == 0) return;
        vm.prank(alice);
        vault.withdraw(bound(seed, 1, most), alice, alice);
    }

    function _asKeeper(bytes memory call) private {
        _as(keeper, address(controller), call);
    }

    /// @dev Forge also records events of reverted calls, which no chain emits: refused calls are left out, and so is a
    /// call that passed over a source or a step.
    function _as(address account, address target, bytes memory call) private {
        _read();
        uint256 before = stateVm.snapshotState();
        vm.prank(account);
        (bool done,) = target.call(call);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            bool undone =
                topic == IAssetController.SourceSkipped.selector || topic == IAssetController.ActionFailed.selector;
            if (undone) done = false;
        }
        if (done) _tell(logs);
        else stateVm.revertToState(before);
    }

    function _compareBalances() private view {
        address[7] memory tokens = [
            address(usdt),
            address(weth),
            address(bond),
            address(marketA),
            address(marketB),
            address(fund),
            address(vault)
        ];
        address[6] memory accounts = [address(vault), address(queue), address(l2), address(l3), alice, bob];
        for (uint256 i = 0; i < tokens.length; ++i) {
            for (uint256 j = 0; j < accounts.length; ++j) {
                uint256 balance = IERC20(tokens[i]).balanceOf(accounts[j]);
                assertEq(reader.balanceOf(tokens[i], accounts[j]), balance, "balance");
            }
        }
        assertEq(reader.balanceOf(address(vault), address(0)), vault.totalSupply(), "supply");
    }

    function _compareLimits() private view {
        bytes32[7] memory keys = [
            LimitKeys.automatic(keeper),
            LimitKeys.derisk(keeper),
            LimitKeys.forAsset(address(bond)),
            LimitKeys.LOSS_ADD,
            LimitKeys.LOSS_REDUCE,
            LimitKeys.lossReduce(keeper),
            LimitKeys.SINGLE_APPROVED
        ];
        for (uint256 i = 0; i < keys.length; ++i) {
            assertEq(reader.available(keys[i], block.timestamp), controller.available(keys[i]), "limit");
        }
    }

    function _comparePlans() private view {
        for (uint256 i = 0; i < reader.planCount(); ++i) {
            bytes32 planHash = reader.plans(i);
            IPlanLedger.Status memory status = planLedger.statusOf(address(controller), planHash);
            (uint256 count, uint256 done, uint256 deadline, uint256 epoch, uint256 approvals, bool cancelled) =
                reader.planOf(planHash);
            assertEq(count, status.count, "count");
            assertEq(done, status.done, "done");
            assertEq(deadline, status.deadline, "deadline");
            assertEq(epoch, status.epoch, "epoch");
            assertEq(approvals, status.approvals, "approvals");
            assertTrue(cancelled == status.cancelled, "cancelled");
        }
        for (uint256 nonce = 0; nonce < STEPS; ++nonce) {
            bool used = planLedger.isNonceUsed(address(controller), keeper, nonce);
            assertTrue(reader.used(keeper, nonce) == used, "nonce");
        }
    }

    function _compareRequests() private view {
        assertEq(reader.pendingShares(), queue.pendingShares(), "pending");
        for (uint256 id = 1; id <= reader.batches() + 1; ++id) {
            IRedemptionQueue.Batch memory batch = queue.batchOf(id);
            (uint256 shares, uint256 fulfilled, uint256 assets, uint256 dueAt, uint256 claimed) = reader.batchOf(id);
            assertEq(shares, batch.shares, "shares");
            assertEq(fulfilled, batch.fulfilled, "fulfilled");
            assertEq(assets, batch.assets, "assets");
            assertEq(dueAt, batch.dueAt, "due");
            // Alice is the only requester of each batch.
            assertEq(fulfilled - claimed, queue.claimableRedeemRequest(id, alice), "claimable");
            assertEq(reader.requestOf(id, alice) - fulfilled, queue.pendingRedeemRequest(id, alice), "waits");
        }
    }

    function _compareRest() private view {
        address[5] memory assets = [address(weth), address(bond), address(marketA), address(marketB), address(fund)];
        for (uint256 i = 0; i < assets.length; ++i) {
            assertTrue(reader.held(assets[i]) == (i / 2 == 1 ? l2 : l3).positionOf(assets[i]).held, "held");
        }
        (uint256[3] memory values,) = controller.bookValues();
        assertEq(reader.book(0), values[1], "L2");
        assertEq(reader.book(1), values[2], "L3");
        assertTrue(reader.paused() == controller.paused(), "paused");
        assertEq(reader.epoch(), controller.epoch(), "epoch");
    }
}
