// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IPlanLedger} from "../interfaces/IPlanLedger.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IRebalanceable} from "../interfaces/IRebalanceable.sol";
import {Bps} from "../libraries/Bps.sol";
import {LimitKeys} from "../libraries/LimitKeys.sol";
import {TierBook} from "./TierBook.sol";
import {TierMoves} from "./TierMoves.sol";
import {TierPlans} from "./TierPlans.sol";

/// @title Moves the vault's assets between the tiers, inside fixed bounds
/// @dev Logic only: it holds nothing and gives no allowance. Every action runs between `_enter` and `_leave`. Its entry
/// point determines the limit that it consumes: the caller's automatic one where it adds risk, the risk-reducing one
/// where it ends in L1, the asset's and a bit of the plan where it was approved.
contract AssetController is IRebalanceable, TierMoves {
    uint8 private constant PURCHASE = 1;
    uint256 private constant DUAL_APPROVAL_TOKENS = 200_000;
    /// @dev Approvals that large plans need, and also a sale without a price, at any size: nothing else bounds it.
    uint256 private constant DUAL_APPROVALS = 2;
    /// @dev Settlement units that markets may round away in one rebalance: not worth a separate move.
    uint256 private constant ROUNDING_ROOM = 64;

    /// @inheritdoc IAssetController
    address public immutable ledger;
    address private immutable _plans;

    /// @inheritdoc IAssetController
    uint256 public dualApprovalAbove;

    // The ledger is called in this constructor, so zero would revert.
    // slither-disable-next-line missing-zero-check
    constructor(
        address manager,
        address vault_,
        address l2,
        address l3,
        address oracle_,
        address ledger_,
        address killSwitch_
    ) AccessManaged(manager) TierBook(vault_, l2, l3, oracle_, killSwitch_) {
        require(ledger_.code.length != 0, AssetController_InvalidLedger(ledger_));
        (ledger, _plans) = (ledger_, address(new TierPlans(ledger_)));
        _setDualApproval(DUAL_APPROVAL_TOKENS * 10 ** IERC20Metadata(IPortfolio(l2).settlement()).decimals());
    }

    // Events report the results of the calls, so they are last; `_enter` excludes all others until then.
    // slither-disable-start reentrancy-events,reentrancy-no-eth,reentrancy-benign

    /// @inheritdoc IAssetController
    function allocateToLayer(uint8 tier, uint256 amount) external returns (uint256 moved) {
        require(amount != 0, AssetController_ZeroAmount());
        Run memory run = _enterAsKeeper();
        moved = tier == L1 ? _refill(run, amount) : _deploy(run, tier, amount);
        _leave(run);
        emit LayerAllocated(msg.sender, tier, amount, moved);
    }

    /// @inheritdoc IAssetController
    function purchaseAsset(address token, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 received)
    {
        Run memory run = _enterAsKeeper();
        received = _purchaseInLimit(run, token, amount, minOut, data);
        _leave(run);
    }

    /// @inheritdoc IAssetController
    function redeemAsset(address token, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 received)
    {
        Run memory run = _enterAsKeeper();
        received = _redeemInLimit(run, token, amount, minOut, data);
        _leave(run);
    }

    /// @inheritdoc IAssetController
    function switchAsset(
        address from,
        uint256 amount,
        address to,
        uint256 minOut,
        bytes calldata dataOut,
        bytes calldata dataIn
    ) external returns (uint256 received) {
        Run memory run = _enterAsKeeper();
        _requireUnpaused(run);
        (uint256 proceeds, uint256 sold) = _redeem(run, from, amount, 0, dataOut, LimitKeys.LOSS_ADD);
        _consume(LimitKeys.automatic(msg.sender), sold);
        received = _purchase(run, to, proceeds, minOut, dataIn);
        _leave(run);
    }

    /// @inheritdoc IAssetController
    function claimAsset(address token) external returns (uint256 shares, uint256 proceeds) {
        Run memory run = _enter();
        Touched memory touched = _find(token);
        uint256 lost;
        (shares, proceeds, lost) = touched.holder.claim(token);
        _chargeWhatIsLeft(lost);
        // A claim increases no value of the book; the next revaluation does.
        uint256 current = touched.holder.positionOf(token).value;
        _move(run, touched.tier, touched.position.value, Math.min(current, touched.position.value));
        _leave(run);
        emit AssetClaimed(msg.sender, token, shares, proceeds);
    }

    /// @inheritdoc IAssetController
    function rebalanceBuffer() external returns (int256 moved) {
        Run memory run = _enterAsKeeper();
        Reason reason;
        (moved, reason) = _rebalance(run, false);
        bool done = moved != 0 || reason == Reason.InsideDrift;
        require(done, AssetController_CannotRebalance(reason));
        _leave(run);
    }

    /// @inheritdoc IRebalanceable
    function rebalance(bool force) external returns (bool skipped, Reason reason) {
        if (locked) {
            emit RebalanceSkipped(Reason.Busy);
            return (true, Reason.Busy);
        }
        Run memory run = _enterAsKeeper();
        int256 moved;
        (moved, reason) = _rebalance(run, force);
        _leave(run);
        skipped = moved == 0;
        if (skipped) emit RebalanceSkipped(reason);
    }

    /// @inheritdoc IAssetController
    function executeWaterfallLiquidation(uint256 amountNeeded, uint8 maxTier) external returns (uint256 idle) {
        require(amountNeeded != 0, AssetController_ZeroAmount());
        require(maxTier < TIERS, AssetController_UnknownTier(maxTier));
        Run memory run = _enterAsKeeper();
        idle = _idle();
        uint256 wanted = Math.saturatingSub(amountNeeded, idle);
        uint256 drawn = 0;
        for (uint8 tier = L2; tier <= maxTier && drawn < wanted; ++tier) {
            drawn += _drain(run, tier, wanted - drawn, true);
        }
        idle += drawn;
        _consumeRounded(LimitKeys.derisk(msg.sender), wanted, drawn);
        _leave(run);
        emit WaterfallExecuted(msg.sender, amountNeeded, idle, maxTier);
    }

    /// @inheritdoc IAssetController
    function drawOverdue(uint256 amount) external returns (uint256 drawn) {
        require(msg.sender == ILiquidityVault(vault).queue(), AssetController_NotQueue(msg.sender));
        Run memory run = _enter();
        drawn = _drainFor(run, L2, amount, false, LimitKeys.LOSS_OVERDUE);
        _leave(run);
    }

    /// @inheritdoc IAssetController
    function openPlan(
        IPlanLedger.Plan calldata plan,
        uint256[3] calldata state,
        IPlanLedger.Signature[] calldata signatures
    ) external returns (bytes32 planHash) {
        Run memory run = _enterAsKeeper();
        _requireUnpaused(run);
        // An asset that has lost its price can be sold only by a plan, so a plan opens with the book's value of it.
        _tryRevalue(run.book);
        _look(run);
        (, uint256 total) = _totals(run);
        uint256 mostMoved = Bps.partDown(total, _bound(Bound.MaxMove));
        uint256 size;
        uint256 approvals;
        (planHash, size, approvals) =
            abi.decode(_byPlans(abi.encode(mostMoved, _bound(Bound.MaxPlanLife), run)), (bytes32, uint256, uint256));
        uint256 needed = approvalsFor(size);
        require(approvals >= needed, AssetController_NotApproved(planHash, approvals, needed));
        if (approvals < DUAL_APPROVALS && size != 0) _consume(LimitKeys.SINGLE_APPROVED, size);
        _leave(run);
        emit PlanAccepted(planHash, msg.sender, size);
    }

    /// @inheritdoc IAssetController
    function execute(
        IPlanLedger.Header calldata header,
        bytes32[] calldata leaves,
        uint8 index,
        IPlanLedger.Action calldata action,
        bytes calldata data
    ) external returns (uint256 received) {
        Run memory run = _enterAsKeeper();
        bytes32 dataHash = keccak256(data);
        require(dataHash == action.dataHash, AssetController_OtherData(dataHash, action.dataHash));
        uint256 approvals = IPlanLedger(ledger).consume(header, _caller(run), leaves, index, action);
        received = _runAction(run, action, data, approvals);
        _leave(run);
    }

    /// @inheritdoc IAssetController
    function executePlan(IPlanLedger.Header calldata header, bytes32[] calldata leaves, Step[] calldata steps)
        external
        returns (uint64 done)
    {
        return _runSteps(steps);
    }

    /// @inheritdoc IAssetController
    function executeActions(Step[] calldata steps) external returns (uint64 done) {
        return _runSteps(steps);
    }

    /// @inheritdoc IAssetController
    function runStep(Run memory run, uint256 approvals, IPlanLedger.Action calldata action, bytes calldata data)
        external
        onlySelf
        returns (Run memory next, uint256 received)
    {
        received = _runAction(run, action, data, approvals);
        return (run, received);
    }

    // slither-disable-end reentrancy-events,reentrancy-no-eth,reentrancy-benign

    /// @inheritdoc IAssetController
    function cancelPlan(bytes32 planHash) external restricted {
        IPlanLedger(ledger).cancel(planHash);
    }

    /// @inheritdoc IAssetController
    function voidNonce(address keeper, uint256 nonce) external restricted {
        IPlanLedger(ledger).voidNonce(keeper, nonce);
    }

    /// @inheritdoc IAssetController
    function raiseDualApproval(uint256 size) external restricted {
        _setDualApproval(size);
    }

    /// @inheritdoc IAssetController
    function lowerDualApproval(uint256 size) external restricted {
        require(size < dualApprovalAbove, AssetController_NotTighter());
        _setDualApproval(size);
    }

    /// @inheritdoc IAssetController
    function approvalsFor(uint256 size) public view returns (uint256) {
        bool single = size <= dualApprovalAbove && size <= available(LimitKeys.SINGLE_APPROVED);
        return single ? 1 : DUAL_APPROVALS;
    }

    /// @dev From L2 to L1; consumes the caller's risk-reducing limit.
    function _refill(Run memory run, uint256 amount) internal returns (uint256 moved) {
        moved = _drain(run, L2, amount, false);
        require(moved != 0, AssetController_NothingToAllocate(L1));
        _consumeRounded(LimitKeys.derisk(msg.sender), amount, moved);
    }

    /// @dev From L1 into a tier; consumes the caller's automatic limit.
    function _deploy(Run memory run, uint8 tier, uint256 amount) internal returns (uint256 moved) {
        _requireUnpaused(run);
        _freshen(run);
        _look(run);
        require(amount <= run.idle, ILiquidityVault.LiquidityVault_InsufficientIdle(run.idle));
        moved = _spread(run, tier, amount);
        require(moved != 0, AssetController_NothingToAllocate(tier));
        _consume(LimitKeys.automatic(msg.sender), moved);
    }

    /// @dev Runs the steps of the call, after revaluing an old book if one of them is a purchase.
    function _runSteps(Step[] calldata steps) internal returns (uint64 done) {
        Run memory run = _enterAsKeeper();
        if (_hasPurchase(steps)) _freshen(run);
        (run, done) = abi.decode(_byPlans(abi.encode(run)), (Run, uint64));
        _leave(run);
    }

    /// @dev Runs the function of `TierPlans` with the signature of this call. It gets the unchanged call data, so
    /// arguments are unused here, and after it `state`, which ends with the run.
    function _byPlans(bytes memory state) internal returns (bytes memory) {
        return Address.functionDelegateCall(_plans, bytes.concat(msg.data, state));
    }

    /// @dev Runs an action of a plan with these approvals or, with 0, an action within the keeper's own limits.
    function _runAction(Run memory run, IPlanLedger.Action calldata action, bytes calldata data, uint256 approvals)
        internal
        returns (uint256)
    {
        (address asset, uint256 amount, uint256 minOut) = (action.asset, action.amount, action.minOut);
        if (action.verb != PURCHASE) {
            return approvals == 0
                ? _redeemInLimit(run, asset, amount, minOut, data)
                : _executeRedeem(run, action, data, approvals);
        }
        if (approvals == 0) return _purchaseInLimit(run, asset, amount, minOut, data);
        _consume(LimitKeys.forAsset(asset), amount);
        return _purchase(run, asset, amount, minOut, data);
    }

    /// @dev Buys within the keeper's automatic limit.
    function _purchaseInLimit(Run memory run, address token, uint256 amount, uint256 minOut, bytes calldata data)
        internal
        returns (uint256)
    {
        _requireUnpaused(run);
        _consume(LimitKeys.automatic(run.keeper), amount);
        return _purchase(run, token, amount, minOut, data);
    }

    /// @dev Sells within the keeper's risk-reducing limit and its loss budget.
    function _redeemInLimit(Run memory run, address token, uint256 amount, uint256 minOut, bytes calldata data)
        internal
        returns (uint256 received)
    {
        uint256 sold;
        (received, sold) = _redeem(run, token, amount, minOut, data, LimitKeys.lossReduce(run.keeper));
        _consume(LimitKeys.derisk(run.keeper), sold);
    }

    /// @dev A sale of an approved plan. Where the asset has no price now, a minimum that two approvers have signed
    /// replaces it.
    function _executeRedeem(Run memory run, IPlanLedger.Action calldata action, bytes calldata data, uint256 approvals)
        internal
        returns (uint256 received)
    {
        IPortfolio holder = _portfolio(tierOf(action.asset));
        // Only the existence of a value matters.
        // slither-disable-next-line unused-return
        try holder.exitValueOf(action.asset) {
            (received,) = _redeem(run, action.asset, action.amount, action.minOut, data, LimitKeys.LOSS_REDUCE);
        } catch {
            require(approvals >= DUAL_APPROVALS, AssetController_NoPrice(action.asset, approvals));
            received = _redeemUnpriced(run, action.asset, action.amount, action.minOut, data);
        }
    }

    /// @dev Brings L1 to its target, from or into L2's ERC-4626 holdings, as far as L2's band and the caller's limit
    /// admit. Returns a reason if nothing moved.
    function _rebalance(Run memory run, bool force) internal returns (int256 moved, Reason reason) {
        _look(run);
        _freshen(run);
        (uint256 cash, uint256 total) = _totals(run);
        uint256 target = Bps.partUp(total, _bound(Bound.TargetL1));
        if (Math.max(cash, target) - Math.min(cash, target) <= ROUNDING_ROOM) return (0, Reason.InsideDrift);
        if (cash < (force ? target : Bps.partUp(total, _bound(Bound.MinL1)))) {
            uint256 spare = Math.saturatingSub(run.book.value2, Bps.partUp(total, _bound(Bound.MinL2)));
            return _raiseBuffer(run, Math.min(target - cash, spare));
        }
        if (cash > (force ? target : Bps.partDown(total, _bound(Bound.MaxL1)))) {
            uint256 room = Math.saturatingSub(Bps.partDown(total, _bound(Bound.MaxL2)), run.book.value2);
            return _lowerBuffer(run, Math.min(cash - target, room));
        }
        return (0, Reason.InsideDrift);
    }

    function _raiseBuffer(Run memory run, uint256 amount) internal returns (int256 moved, Reason reason) {
        if (amount <= ROUNDING_ROOM) return (0, Reason.NothingToMove);
        bytes32 key = LimitKeys.derisk(msg.sender);
        amount = Math.min(amount, available(key));
        if (amount == 0) return (0, Reason.BucketEmpty);
        uint256 drawn = _drain(run, L2, amount, false);
        // Markets without cash, or in the middle of a call, may have some in minutes.
        if (drawn == 0) return (0, Reason.Busy);
        _consumeRounded(key, amount, drawn);
        moved = int256(drawn);
        emit BufferRebalanced(msg.sender, moved);
    }

    function _lowerBuffer(Run memory run, uint256 amount) internal returns (int256 moved, Reason reason) {
        if (run.halted) return (0, Reason.Paused);
        (uint256 due, uint256 covered) = _coverage(run);
        bool uncovered = due != 0 && due + ROUNDING_ROOM > covered;
        if (amount <= ROUNDING_ROOM || uncovered) return (0, Reason.NothingToMove);
        bytes32 key = LimitKeys.automatic(msg.sender);
        amount = Math.min(amount, available(key));
        if (amount == 0) return (0, Reason.BucketEmpty);
        uint256 spread = _spread(run, L2, amount);
        if (spread == 0) {
            (, bool fresh) = _valueOr(_l2, 0);
            return (0, fresh ? Reason.NothingToMove : Reason.StalePrice);
        }
        _consume(key, spread);
        moved = -int256(spread);
        emit BufferRebalanced(msg.sender, moved);
    }

    function _setDualApproval(uint256 size) internal {
        dualApprovalAbove = size;
        emit DualApprovalSet(size);
    }

    function _caller(Run memory run) internal view returns (IPlanLedger.Caller memory) {
        return IPlanLedger.Caller(msg.sender, run.epoch);
    }

    /// @dev Whether one of the steps is a purchase.
    function _hasPurchase(Step[] calldata steps) internal pure returns (bool) {
        for (uint256 i = 0; i < steps.length; ++i) {
            if (steps[i].action.verb == PURCHASE) return true;
        }
        return false;
    }

    function _requireUnpaused(Run memory run) internal pure {
        require(!run.halted, AssetController_Paused());
    }
}
