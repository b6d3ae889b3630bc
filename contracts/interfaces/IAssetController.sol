// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "./IPlanLedger.sol";
import {IRateLimits} from "./IRateLimits.sol";
import {IRebalanceable} from "./IRebalanceable.sol";

/// @title Moves the vault's assets between the tiers, inside fixed bounds
/// @notice Tiers: 0 is L1, the vault's idle settlement tokens; 1 is L2 and 2 is L3, one portfolio each. A keeper is an
/// account that owns limits; it chooses what to do and when. Whoever holds the keeper's key, the contract enforces:
///
/// - funds go only to the vault, and to strategies and venues that the portfolios list;
/// - an action consumes exactly one limit: one of the caller's (separate limits for adding and for reducing risk), or
/// the asset's for a purchase of an approved plan;
/// - received amounts are measured, meet the caller's minimum, and lose at most the asset's and the action's bound at
/// fresh prices; losses are charged to a budget: one for all actions that add risk, one of each keeper for actions that
/// reduce it, and one for sales of approved plans;
/// - plans of a single approver together buy no more than a separate limit;
/// - every amount that leaves L1 leaves it above its minimum, lifts no asset above its cap and no tier above its
/// maximum, and leaves due redemptions covered by L1 and L2;
/// - the vault's share supply does not change; no tokens remain in this contract, and no allowance anywhere.
///
/// Tiers and caps are judged by a book of values. It is revalued at fresh prices when a plan opens, when it is older
/// than its maximum age and risk is added, and when anybody calls `sync`; in between it moves by the measured changes
/// of actions.
///
/// A pause stops actions that add risk and voids every open plan. Moves towards L1, claims and withdrawals go on. A
/// pause of the kill switch does the same here, and accounts that it has removed can do nothing here.
interface IAssetController is IRateLimits {
    /// @notice Bounds that the controller enforces on values, in the order of `bounds`.
    /// @dev Minimum, target and maximum of each tier are parts of total assets. `MaxLoss`: value that one action may
    /// lose, as a part of its amount; the asset's own bound applies as well. `MaxDue`: part of L1 and L2 up to which
    /// redemptions may be due while L1 is spent. `MaxMove`: how far a tier may have moved, as a part of total assets,
    /// since the state that a plan was made from. All in basis points. `MaxBookAge`: seconds after which the book is
    /// revalued before risk is added. `MaxPlanLife`: seconds from the opening of a plan to its deadline. One slot holds
    /// them all.
    enum Bound {
        MinL1,
        TargetL1,
        MaxL1,
        MinL2,
        TargetL2,
        MaxL2,
        MinL3,
        TargetL3,
        MaxL3,
        MaxLoss,
        MaxDue,
        MaxMove,
        MaxBookAge,
        MaxPlanLife
    }

    /// @notice Values of the tiers, in one slot.
    /// @param value2 Value of L2, in settlement units; for 18 decimals up to 79 billion tokens.
    /// @param value3 Value of L3.
    /// @param revaluedAt When it was last revalued as a whole.
    /// @param epoch Number of pauses here so far.
    /// @param paused Whether actions that add risk are stopped here.
    struct Book {
        uint96 value2;
        uint96 value3;
        uint32 revaluedAt;
        uint24 epoch;
        bool paused;
    }

    /// @notice State of a call: read when it begins, changed by each action, and its book written when it ends.
    /// @param book Values of the tiers.
    /// @param idle Settlement tokens of the vault.
    /// @param flash Part of these deposited in this transaction, which may be withdrawn at its end.
    /// @param due Shares queued for redemption.
    /// @param supply All shares.
    /// @param halted Whether actions that add risk are stopped, here or at the kill switch.
    /// @param epoch Number of pauses here and at the kill switch; plans belong to an epoch.
    /// @param keeper Caller of a function for keepers; 0 in other functions.
    struct Run {
        Book book;
        uint256 idle;
        uint256 flash;
        uint256 due;
        uint256 supply;
        bool halted;
        uint32 epoch;
        address keeper;
    }

    /// @notice One action of `executePlan` or `executeActions`.
    /// @param index Index of the action in the plan or, without a plan, in the keeper's list; at most 63.
    /// @param gas Most gas that the action may use, from the keeper's simulation; 0 for 3,000,000.
    /// @param action The action: verb 1 buys `amount` settlement units of the asset, verb 2 sells `amount` units of it.
    /// @param data Passed on to the venue; `action.dataHash` is its keccak256.
    struct Step {
        uint8 index;
        uint32 gas;
        IPlanLedger.Action action;
        bytes data;
    }

    /// @notice An asset was bought for a tier. `amount` in settlement units, `received` in the token's; 0 when it was
    /// only requested.
    event AssetPurchased(address indexed keeper, address indexed token, uint8 tier, uint256 amount, uint256 received);

    /// @notice An asset of a tier was sold. `amount` in the token's units, `received` in settlement units; 0 when it
    /// was only requested.
    event AssetRedeemed(address indexed keeper, address indexed token, uint8 tier, uint256 amount, uint256 received);

    /// @notice Amounts that the issuer of an asynchronous asset had settled were claimed.
    event AssetClaimed(address indexed caller, address indexed token, uint256 shares, uint256 proceeds);

    /// @notice Value moved between L1 and a tier's ERC-4626 holdings. `tier` is where it went.
    event LayerAllocated(address indexed keeper, uint8 tier, uint256 amount, uint256 moved);

    /// @notice The buffer was rebalanced. Positive: into L1; negative: out of L1.
    event BufferRebalanced(address indexed keeper, int256 moved);

    /// @notice A liquidation ended with `available` idle tokens; less than `needed` is a shortfall.
    event WaterfallExecuted(address indexed keeper, uint256 needed, uint256 available, uint8 maxTier);

    /// @notice A holding was passed over, because giving or taking failed with `reason` (its first bytes). A holding
    /// that has a value but can give nothing now fails with `AssetController_NothingToAllocate`.
    event SourceSkipped(uint8 tier, address indexed asset, bytes reason);

    /// @notice A plan was opened with the approvals it needs. `size` is the sum of its purchases.
    event PlanAccepted(bytes32 indexed planHash, address indexed keeper, uint256 size);

    /// @notice A step of `executePlan` or `executeActions` did not run, or failed and was undone. `planHash` is 0
    /// without a plan; `reason` has the first 256 bytes of the error, and is empty if the step used all its gas.
    event ActionFailed(bytes32 indexed planHash, uint8 index, bytes reason);

    /// @notice The book was revalued as a whole.
    event BookRevalued(uint256 value2, uint256 value3);

    /// @notice The bounds were replaced.
    event BoundsSet(uint16[14] bounds);

    /// @notice The size above which plans need two approvals was set.
    event DualApprovalSet(uint256 size);

    /// @notice Actions that add risk are stopped, and a new epoch has begun.
    event Paused(address indexed account, uint32 epoch);

    /// @notice Actions that add risk are admitted again.
    event Unpaused(address indexed account);

    /// @notice The tier is none of 0, 1 and 2.
    error AssetController_UnknownTier(uint8 tier);

    /// @notice No tier lists the asset.
    error AssetController_UnknownAsset(address token);

    /// @notice The portfolio does not belong to the vault, its oracle or its settlement token, or is used for both
    /// tiers.
    error AssetController_InvalidPortfolio(address portfolio);

    /// @notice The ledger has no code.
    error AssetController_InvalidLedger(address ledger);

    /// @notice The kill switch has no code.
    error AssetController_InvalidKillSwitch(address killSwitch);

    /// @notice The kill switch has removed the caller, which is no longer a keeper of any contract.
    error AssetController_KeeperRemoved(address keeper);

    /// @notice The action would leave L1 below its minimum.
    error AssetController_BelowMinimumIdle(uint256 idle, uint256 minimum);

    /// @notice The action would lift the tier above its maximum.
    error AssetController_AboveTierMaximum(uint8 tier, uint256 value, uint256 maximum);

    /// @notice The action would lift the asset above its cap.
    error AssetController_AboveAssetCap(address asset, uint256 value, uint256 cap);

    /// @notice Due redemptions would be too large a part of L1 and L2.
    error AssetController_RedemptionsUncovered(uint256 due, uint256 covered);

    /// @notice The action would lose more value than its amount admits.
    error AssetController_ExcessiveLoss(uint256 lost, uint256 allowed);

    /// @notice The received amount is below the keeper's minimum.
    error AssetController_InsufficientOutput(address token, uint256 received, uint256 minimum);

    /// @notice No ERC-4626 holding has room, or can give anything.
    error AssetController_NothingToAllocate(uint8 tier);

    /// @notice L1 is out of its band, and cannot be brought back now.
    error AssetController_CannotRebalance(IRebalanceable.Reason reason);

    /// @notice Nothing to move.
    error AssetController_ZeroAmount();

    /// @notice A band is not minimum <= target <= maximum, the targets do not add up to 10,000, a bound is above the
    /// whole (losses: above 10 %), or one that must not be 0 is.
    error AssetController_InvalidBounds();

    /// @notice A bound would be loosened where only tightening is admitted.
    error AssetController_NotTighter();

    /// @notice The given state is not the one that was signed.
    error AssetController_OtherState(bytes32 preState);

    /// @notice A tier has moved too far since the plan was made.
    error AssetController_StateMoved(uint8 tier, uint256 moved, uint256 allowed);

    /// @notice The plan would live too long.
    error AssetController_PlanTooLong(uint256 deadline, uint256 latest);

    /// @notice The plan has fewer approvals than its size needs now, by `approvalsFor`.
    error AssetController_NotApproved(bytes32 planHash, uint256 approvals, uint256 needed);

    /// @notice The asset has no good price, or its strategy reports no value; such a sale needs two approvals.
    error AssetController_NoPrice(address asset, uint256 approvals);

    /// @notice An action of the plan is neither a purchase (1) nor a sale (2).
    error AssetController_UnknownVerb(uint256 index, uint8 verb);

    /// @notice The venue's data is not the data that was signed.
    error AssetController_OtherData(bytes32 dataHash, bytes32 expected);

    /// @notice Indices of steps do not ascend strictly, or one is above 63. `place` is the step's place in the call.
    error AssetController_InvalidStep(uint256 place, uint8 index);

    /// @notice The transaction has too little gas left for the step and for the rest of the call.
    error AssetController_OutOfGas(uint8 index, uint256 available, uint256 needed);

    /// @notice Actions that add risk are stopped, here or at the kill switch.
    error AssetController_Paused();

    /// @notice Not paused here.
    error AssetController_NotPaused();

    /// @notice An action is under way: a second one, and reads of values, are refused.
    error AssetController_Locked();

    /// @notice Only the vault's redemption queue may call this.
    error AssetController_NotQueue(address caller);

    /// @notice Only the controller may call this, so that a failing source can be reverted separately.
    error AssetController_NotSelf(address caller);

    /// @notice Moves `amount` into a tier. For 1 and 2: from L1 into the tier's ERC-4626 holdings, the widest gap to
    /// its target first, none beyond its target or cap. For 0: from L2's ERC-4626 holdings to L1, in their order. A
    /// holding that fails is passed over.
    /// @dev Who: keepers; 1 and 2 consume their automatic limit and are stopped by a pause, 0 the risk-reducing one.
    /// Emits `LayerAllocated`, and `SourceSkipped`. Reverts with `AssetController_ZeroAmount`,
    /// `AssetController_KeeperRemoved` (as every function for keepers does),
    /// `AssetController_UnknownTier`, `AssetController_NothingToAllocate`, as `RateLimits` does; and for 1 and 2 as
    /// `purchaseAsset`.
    /// @param amount Settlement units.
    /// @return moved Amount moved; less than `amount` where the holdings have no more room, or no more to give.
    function allocateToLayer(uint8 tier, uint256 amount) external returns (uint256 moved);

    /// @notice Buys an asset for the tier that lists it (L2 before L3), from L1.
    /// @dev Who: keepers, while not paused; consumes their automatic limit. Emits `AssetPurchased`. Reverts with
    /// `AssetController_Paused`, `AssetController_ZeroAmount`, `AssetController_UnknownAsset`,
    /// `AssetController_InsufficientOutput`, `AssetController_ExcessiveLoss`, `AssetController_AboveAssetCap`,
    /// `AssetController_BelowMinimumIdle`, `AssetController_AboveTierMaximum`, `AssetController_RedemptionsUncovered`,
    /// and as `RateLimits`, vault, portfolio, oracle, venue and strategy do. Needs the prices of all holdings only when
    /// the book is old. An asynchronous asset is requested only while the loss budget for adding risk covers the amount
    /// that its issuer may keep.
    /// @param amount Settlement units.
    /// @param minOut Least amount of the token (shares, for an ERC-4626 asset).
    /// @param data Passed on to the venue.
    /// @return received Units of the token.
    function purchaseAsset(address token, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 received);

    /// @notice Sells an asset to L1.
    /// @dev Who: keepers, also while paused; consumes their risk-reducing limit, and their own loss budget for that.
    /// Emits `AssetRedeemed`. Reverts with
    /// `AssetController_UnknownAsset`, `AssetController_ExcessiveLoss`, and as `RateLimits`, portfolio, oracle, venue
    /// and strategy do. Needs no price but the token's own and the settlement token's; an ERC-4626 asset needs none.
    /// @param amount Units of the token (shares, for an ERC-4626 asset).
    /// @param minOut Least amount of settlement tokens.
    /// @param data Passed on to the venue.
    /// @return received Settlement units.
    function redeemAsset(address token, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 received);

    /// @notice Sells one asset and buys another with the proceeds, of the same tier or not.
    /// @dev Who: keepers, while not paused; consumes their automatic limit. Emits `AssetRedeemed` and `AssetPurchased`.
    /// Reverts as `redeemAsset` and `purchaseAsset` do. The losses of both are charged to the budget for adding risk.
    /// @param amount Units of `from`.
    /// @param minOut Least amount of `to`.
    /// @param dataOut Passed on to the venue of `from`.
    /// @param dataIn Passed on to the venue of `to`.
    /// @return received Units of `to`.
    function switchAsset(
        address from,
        uint256 amount,
        address to,
        uint256 minOut,
        bytes calldata dataOut,
        bytes calldata dataIn
    ) external returns (uint256 received);

    /// @notice Claims amounts that the issuer of an asynchronous asset has settled: shares for its tier, cash for L1.
    /// @dev Who: anybody; values do not change. An amount that the issuer kept is charged to the loss budget for adding
    /// risk, up to the budget's level, so that an empty budget delays no claim. Emits `AssetClaimed`. Reverts with
    /// `AssetController_UnknownAsset`, and as portfolio and venue do.
    function claimAsset(address token) external returns (uint256 shares, uint256 proceeds);

    /// @notice Returns L1 to its target when it has left its band, from or into L2's ERC-4626 holdings, as far as L2's
    /// own band and the caller's limit admit. Inside the band it does nothing.
    /// @dev Who: keepers; consumes their risk-reducing limit or, while not paused, their automatic one, by direction.
    /// Emits `BufferRebalanced` when something moved. Reverts with `AssetController_CannotRebalance` when L1 is outside
    /// its band and nothing can move. `IRebalanceable.rebalance` does the same and skips instead; forced, it goes to
    /// the target from inside the band.
    /// @return moved Positive: into L1; negative: out of L1; 0: L1 is inside its band.
    function rebalanceBuffer() external returns (int256 moved);

    /// @notice Raises L1 to `amountNeeded`: idle tokens count first, then L2's holdings in their order, then L3's, up
    /// to `maxTier`. A source that fails, or that would lose too much, is passed over.
    /// @dev Who: keepers, also while paused; consumes their risk-reducing limit by the amount raised. Emits
    /// `WaterfallExecuted`, and `SourceSkipped` per source passed over. Reverts with `AssetController_ZeroAmount`,
    /// `AssetController_UnknownTier` and as `RateLimits` does; not because of a shortfall.
    /// @param amountNeeded Settlement units wanted in L1.
    /// @param maxTier Last tier that may be touched.
    /// @return idle Idle tokens of L1 afterwards.
    function executeWaterfallLiquidation(uint256 amountNeeded, uint8 maxTier) external returns (uint256 idle);

    /// @notice Raises L1 for overdue redemptions, from L2's ERC-4626 holdings in their order. A holding that fails, or
    /// would lose too much, is passed over.
    /// @dev Who: the vault's redemption queue, for anybody, also while paused. Independent of keepers, their limits and
    /// bands; losses are charged to a separate budget. Emits `SourceSkipped`; the queue's event has the amount
    /// received. Reverts with `AssetController_NotQueue` and `AssetController_Locked`; not because of a shortfall.
    /// @param amount Settlement units that redemptions lack.
    /// @return drawn Settlement units received.
    function drawOverdue(uint256 amount) external returns (uint256 drawn);

    /// @notice Draws from one source of a liquidation; a separate call, so that its failure reverts only itself.
    /// @dev Who: the controller itself. Reverts with `AssetController_NotSelf`, `AssetController_NothingToAllocate`,
    /// `AssetController_ExcessiveLoss`, and as `RateLimits` and `IPortfolio.withdraw` do.
    /// @param tier Tier that lists the asset.
    /// @param asset The holding.
    /// @param wanted Settlement units.
    /// @param budget Limit to which losses are charged.
    /// @return proceeds Settlement units that L1 gained; 0 when nothing is held.
    /// @return before Value of the holding before.
    /// @return current Value of the holding now.
    function drawFrom(uint8 tier, address asset, uint256 wanted, bytes32 budget)
        external
        returns (uint256 proceeds, uint256 before, uint256 current);

    /// @notice Deposits from L1 into one ERC-4626 holding of a tier; a separate call for the same reason.
    /// @dev Who: the controller itself. Reverts with `AssetController_NotSelf`, `AssetController_ExcessiveLoss`,
    /// `AssetController_AboveAssetCap`, and as `RateLimits`, `ILiquidityVault.supply` and `IPortfolio` do.
    /// @param tier Tier that lists the asset.
    /// @param asset The holding.
    /// @param amount Settlement units.
    /// @param total Assets of the vault, of which the asset's cap is a part.
    /// @return before Value of the holding before.
    /// @return current Value of the holding now, at most `before` plus `amount`.
    function supplyTo(uint8 tier, address asset, uint256 amount, uint256 total)
        external
        returns (uint256 before, uint256 current);

    /// @notice Opens an approved plan, after revaluing the book; a plan of sales alone also opens while a price is bad,
    /// with the book as it is. Its actions are purchases (verb 1, `amount` in settlement units) and sales (verb 2,
    /// `amount` in the token's units), as of `purchaseAsset` and `redeemAsset`.
    /// @dev Who: the plan's keeper, while not paused. Emits `PlanAccepted`. Reverts with `AssetController_Paused`,
    /// `AssetController_OtherState`, `AssetController_StateMoved`, `AssetController_PlanTooLong`,
    /// `AssetController_UnknownVerb`, `AssetController_NotApproved`, and as `RateLimits`, `IPlanLedger.open`, oracle
    /// and strategies do.
    /// @param state Values of the tiers that the plan was made from; the plan's `preState` is
    /// `keccak256(abi.encode(state))`.
    /// @param signatures At least one. Two where the purchases add up to more than `dualApprovalAbove`, or than what is
    /// left of the limit of plans with a single approval, which those consume when they open.
    function openPlan(
        IPlanLedger.Plan calldata plan,
        uint256[3] calldata state,
        IPlanLedger.Signature[] calldata signatures
    ) external returns (bytes32 planHash);

    /// @notice Executes one action of an open plan, once. Purchases consume the asset's limit. A sale of an asset whose
    /// price is bad, or whose strategy reports no value, is bounded only by the signed minimum; it needs two approvals,
    /// at any size.
    /// @dev Who: the plan's keeper. Reverts with `AssetController_OtherData`, `AssetController_NoPrice`, and as
    /// `IPlanLedger.consume`, `purchaseAsset` and `redeemAsset` do.
    /// @return received As of the action.
    function execute(
        IPlanLedger.Header calldata header,
        bytes32[] calldata leaves,
        uint8 index,
        IPlanLedger.Action calldata action,
        bytes calldata data
    ) external returns (uint256 received);

    /// @notice Executes actions of an open plan in one call, in the order of `steps`. Each is isolated: one that fails
    /// is undone alone, stays open, and does not stop the others. A step is skipped if its action has run already, or
    /// if one
    /// that it depends on has not run, in this call or earlier.
    ///
    /// A purchase that depends on sales of this call spends at most their proceeds, less what earlier purchases of this
    /// call have spent of them; its minimum output is reduced in proportion, rounded up. If one of its dependencies ran
    /// in an earlier call, the amount is not reduced. Apart from this, an action runs as in `execute`, and limits are
    /// consumed by the amounts that are spent.
    /// @dev Who: the plan's keeper. The book is revalued first if it is old and there is a purchase. Emits
    /// `ActionFailed` for each step that did not run, `IPlanLedger.ActionConsumed` for each other, and the events of
    /// the actions. Reverts with `AssetController_KeeperRemoved`, `AssetController_InvalidStep`,
    /// `AssetController_UnknownVerb`, `AssetController_OtherData`, `AssetController_OutOfGas`, with
    /// `PlanLedger_UnknownAction` and `PlanLedger_OtherAction`, and as `IPlanLedger.check` does.
    /// @param header All of the plan but its actions.
    /// @param leaves Hashes of all actions of the plan, as `IPlanLedger.leafOf` computes them.
    /// @param steps Actions to execute, in strictly ascending order of their indices.
    /// @return done Bit `i` is set if action `i` ran in this call.
    function executePlan(IPlanLedger.Header calldata header, bytes32[] calldata leaves, Step[] calldata steps)
        external
        returns (uint64 done);

    /// @notice Executes purchases and sales without a plan in one call, each isolated, with dependencies and reduced
    /// purchases as in `executePlan`. Limits, budgets and the effect of a pause are those of `purchaseAsset` and
    /// `redeemAsset`.
    /// @dev Who: keepers. The book is revalued first if it is old and there is a purchase. Emits `ActionFailed` for
    /// each step that did not run, and the events of the actions. Reverts with `AssetController_KeeperRemoved`,
    /// `AssetController_InvalidStep`, `AssetController_UnknownVerb`, `AssetController_OtherData` and
    /// `AssetController_OutOfGas`.
    /// @param steps Actions to execute, in strictly ascending order of their indices, which are those of `dependsOn`.
    /// @return done Bit `i` is set if the step with index `i` ran.
    function executeActions(Step[] calldata steps) external returns (uint64 done);

    /// @notice Runs one step; a separate call, so that its failure undoes only this step.
    /// @dev Who: the controller itself. Reverts with `AssetController_NotSelf`, and as `execute`, `purchaseAsset` and
    /// `redeemAsset` do.
    /// @param run State of the call before.
    /// @param approvals Approvals of the plan; 0 without a plan.
    /// @param action The action, its amount and minimum output reduced to the proceeds of its sales.
    /// @param data Passed on to the venue.
    /// @return next State of the call afterwards.
    /// @return received As of `purchaseAsset` or `redeemAsset`.
    function runStep(Run memory run, uint256 approvals, IPlanLedger.Action calldata action, bytes calldata data)
        external
        returns (Run memory next, uint256 received);

    /// @notice Revalues the book at fresh prices.
    /// @dev Who: anybody. Emits `BookRevalued`. Reverts with `AssetController_Locked`, and as the oracle does.
    /// @return values L1 first.
    function sync() external returns (uint256[3] memory values);

    /// @notice Voids the remaining actions of an open plan.
    /// @dev Who: the guardian's role. Reverts as `IPlanLedger.cancel` does.
    function cancelPlan(bytes32 planHash) external;

    /// @notice Voids a nonce, and so every signed plan with it that is not open yet.
    /// @dev Who: the guardian's role. Reverts as `IPlanLedger.voidNonce` does.
    function voidNonce(address keeper, uint256 nonce) external;

    /// @notice Replaces the bounds, in the order of `Bound`.
    /// @dev Who: the configurator's role. Emits `BoundsSet`. Reverts with `AssetController_InvalidBounds`.
    function setBounds(uint16[14] calldata newBounds) external;

    /// @notice Replaces the bounds by tighter ones, at once: higher minimums, lower maximums, other targets between.
    /// @dev Who: the guardian's role. Emits `BoundsSet`. Reverts with `AssetController_NotTighter` and
    /// `AssetController_InvalidBounds`.
    function tightenBounds(uint16[14] calldata newBounds) external;

    /// @notice Sets the size above which plans need two approvals.
    /// @dev Who: the configurator's role. Emits `DualApprovalSet`.
    function raiseDualApproval(uint256 size) external;

    /// @notice Lowers the size above which plans need two approvals, at once.
    /// @dev Who: the guardian's role. Emits `DualApprovalSet`. Reverts with `AssetController_NotTighter`.
    function lowerDualApproval(uint256 size) external;

    /// @notice Stops actions that add risk, and voids every open plan.
    /// @dev Who: the guardian's role. Emits `Paused`. Reverts with `AssetController_Paused`.
    function pause() external;

    /// @notice Admits actions that add risk again.
    /// @dev Who: the configurator's role. Emits `Unpaused`. Reverts with `AssetController_NotPaused`.
    function unpause() external;

    /// @notice The vault whose assets are moved.
    function vault() external view returns (address);

    /// @notice The portfolio of a tier; 0 for L1, which is the vault itself.
    /// @dev Reverts with `AssetController_UnknownTier`.
    function portfolio(uint8 tier) external view returns (address);

    /// @notice Source of the prices.
    function oracle() external view returns (address);

    /// @notice Contract that stores plans and their approvals.
    function ledger() external view returns (address);

    /// @notice Contract that ends the power of keepers everywhere, this contract included.
    function killSwitch() external view returns (address);

    /// @notice Whether actions that add risk are stopped, here or at the kill switch.
    function paused() external view returns (bool);

    /// @notice Number of pauses so far, here and at the kill switch; a plan belongs to one epoch.
    function epoch() external view returns (uint32);

    /// @notice Whether an action is under way in this transaction; read by the vault.
    function locked() external view returns (bool);

    /// @notice The bounds, in the order of `Bound`.
    function bounds() external view returns (uint16[14] memory);

    /// @notice Size above which plans need two approvals, in settlement units.
    function dualApprovalAbove() external view returns (uint256);

    /// @notice Approvals that a plan of a size needs now; every plan needs one. Plans with one approval consume a
    /// limit, so a size above that limit's present level needs two for a while.
    function approvalsFor(uint256 size) external view returns (uint256);

    /// @notice Value of each tier by the book, L1 first, and when it was last revalued as a whole.
    /// @dev Reverts with `AssetController_Locked` during an action.
    function bookValues() external view returns (uint256[3] memory values, uint256 revaluedAt);

    /// @notice Value of each tier in settlement units, L1 first, at fresh prices.
    /// @dev Reverts with `AssetController_Locked` during an action, and as the oracle does.
    function tierValues() external view returns (uint256[3] memory);

    /// @notice Value of L2 and L3 at fresh prices. Reverts as `tierValues` does.
    function deployedValue() external view returns (uint256);

    /// @notice Value of L2 and L3 for depositors, by `IPortfolio.entryValue`.
    /// @dev Reverts as `tierValues` does, and with `Portfolio_EntryClosed` while a holding closes deposits.
    /// @return Settlement units.
    function entryValue() external view returns (uint256);

    /// @notice Value of L2 and L3 for queued redemptions, by `IPortfolio.redemptionValue`.
    /// @dev Reverts as `tierValues` does, and with `Portfolio_RateBelowMinimum` while a holding pays too little.
    /// @return Settlement units.
    function redemptionValue() external view returns (uint256);

    /// @notice Value of L2 and L3: of each at fresh prices or, while one of them is bad, by the book.
    /// @dev Reverts with `AssetController_Locked` during an action.
    /// @return value Settlement units.
    /// @return fresh Whether no part of it is from the book.
    function valuation() external view returns (uint256 value, bool fresh);

    /// @notice The tier that lists an asset; L2 before L3.
    /// @dev Reverts with `AssetController_UnknownAsset`.
    function tierOf(address token) external view returns (uint8);
}
