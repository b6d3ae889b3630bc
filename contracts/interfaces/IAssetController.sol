// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Moves the vault's assets between the tiers, inside fixed bounds
/// @notice Tiers: 0 is L1, the vault's idle settlement tokens; 1 is L2 and 2 is L3, one portfolio each. Keepers choose
/// what to do and when. Whoever holds a keeper's key, the chain enforces:
///
/// - funds go only to the vault, and to strategies and venues that the portfolios list;
/// - what was received is measured, meets the caller's minimum, and loses at most the asset's and the controller's
/// bound at fresh prices;
/// - whatever leaves L1 leaves it above its minimum, and lifts no tier above its maximum;
/// - the vault's share supply stays as it is; nothing remains here, and no allowance anywhere.
///
/// A pause stops every keeper action. It does not stop withdrawals from the vault's idle tokens.
interface IAssetController {
    /// @notice Share of total assets that a tier should have.
    struct TierBand {
        uint16 minBps;
        uint16 targetBps;
        uint16 maxBps;
    }

    /// @notice An asset was bought for a tier. `amount` in settlement units, `received` in the token's.
    event AssetPurchased(address indexed keeper, address indexed token, uint8 tier, uint256 amount, uint256 received);

    /// @notice An asset of a tier was sold. `amount` in the token's units, `received` in settlement units.
    event AssetRedeemed(address indexed keeper, address indexed token, uint8 tier, uint256 amount, uint256 received);

    /// @notice Value moved between L1 and a tier's ERC-4626 holdings. `tier` is where it went.
    event LayerAllocated(address indexed keeper, uint8 tier, uint256 amount, uint256 moved);

    /// @notice The buffer was brought back. Positive: into L1; negative: out of L1.
    event BufferRebalanced(address indexed keeper, int256 moved);

    /// @notice A liquidation ended with `available` idle tokens; less than `needed` is a shortfall.
    event WaterfallExecuted(address indexed keeper, uint256 needed, uint256 available, uint8 maxTier);

    /// @notice A liquidation passed over a source that failed with `reason` (its first bytes). A source that holds
    /// something but can give nothing now fails with `AssetController_NothingToAllocate`.
    event SourceSkipped(uint8 tier, address indexed asset, bytes reason);

    /// @notice An account became a keeper, or ceased to be one.
    event KeeperSet(address indexed keeper, bool allowed);

    /// @notice The tiers' bands were replaced.
    event TierBandsSet(TierBand[3] bands);

    /// @notice The loss bound of one action was replaced.
    event MaxLossSet(uint16 maxLossBps);

    /// @notice The caller is no keeper.
    error AssetController_NotKeeper(address caller);

    /// @notice There are tiers 0, 1 and 2.
    error AssetController_UnknownTier(uint8 tier);

    /// @notice No tier lists the asset.
    error AssetController_UnknownAsset(address token);

    /// @notice The portfolio does not belong to the vault, its oracle or its settlement token, or is there twice.
    error AssetController_InvalidPortfolio(address portfolio);

    /// @notice L1 holds less than the action needs.
    error AssetController_InsufficientIdle(uint256 idle, uint256 needed);

    /// @notice The action would leave L1 below its minimum.
    error AssetController_BelowMinimumIdle(uint256 idle, uint256 minimum);

    /// @notice The action would lift the tier above its maximum.
    error AssetController_AboveTierMaximum(uint8 tier, uint256 value, uint256 maximum);

    /// @notice The action would lose more value than its amount admits.
    error AssetController_ExcessiveLoss(uint256 lost, uint256 allowed);

    /// @notice Less was received than the keeper's minimum.
    error AssetController_InsufficientOutput(address token, uint256 received, uint256 minimum);

    /// @notice No ERC-4626 holding has room, or something to give.
    error AssetController_NothingToAllocate(uint8 tier);

    /// @notice Nothing to move.
    error AssetController_ZeroAmount();

    /// @notice A band is not minimum <= target <= maximum, or the targets do not add up to 10,000.
    error AssetController_InvalidBands();

    /// @notice The loss bound exceeds its maximum.
    error AssetController_InvalidMaxLoss(uint16 maxLossBps, uint16 maximum);

    /// @notice An action is under way: no second one, and no reading of values half-way.
    error AssetController_Locked();

    /// @notice The vault's share supply changed during the action.
    error AssetController_SupplyChanged(uint256 before, uint256 current);

    /// @notice Only the controller calls this, so that a failing source can be undone alone.
    error AssetController_NotSelf(address caller);

    /// @notice Moves `amount` into a tier. For 1 and 2: from L1 into the tier's ERC-4626 holdings, the widest gap to
    /// its target first, none beyond its target. For 0: from L2's ERC-4626 holdings to L1, the most overweight first.
    /// @dev Who: keepers, while not paused. Emits `LayerAllocated`. Reverts with `AssetController_ZeroAmount`,
    /// `AssetController_UnknownTier`, `AssetController_InsufficientIdle`, `AssetController_NothingToAllocate`,
    /// `AssetController_ExcessiveLoss`, `AssetController_BelowMinimumIdle`, `AssetController_AboveTierMaximum`, and as
    /// oracle and strategies do.
    /// @param amount Settlement units.
    /// @return moved What moved; less than `amount` where the holdings have no more room, or no more to give.
    function allocateToLayer(uint8 tier, uint256 amount) external returns (uint256 moved);

    /// @notice Buys an asset for the tier that lists it (L2 before L3), from L1.
    /// @dev Who: keepers, while not paused. Emits `AssetPurchased`. Reverts with `AssetController_ZeroAmount`,
    /// `AssetController_UnknownAsset`, `AssetController_InsufficientIdle`, `AssetController_InsufficientOutput`,
    /// `AssetController_ExcessiveLoss`, `AssetController_BelowMinimumIdle`, `AssetController_AboveTierMaximum`, and as
    /// portfolio, oracle, venue and strategy do. Needs a fresh price of every asset held.
    /// @param amount Settlement units.
    /// @param minOut Least amount of the token (shares, for an ERC-4626 asset).
    /// @param data Passed on to the venue.
    /// @return received Units of the token.
    function purchaseAsset(address token, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 received);

    /// @notice Sells an asset to L1.
    /// @dev Who: keepers, while not paused. Emits `AssetRedeemed`. Reverts with `AssetController_ZeroAmount`,
    /// `AssetController_UnknownAsset`, `AssetController_ExcessiveLoss`, and as portfolio, oracle, venue and strategy
    /// do. Needs no price but the token's own and the settlement token's; an ERC-4626 asset needs none.
    /// @param amount Units of the token (shares, for an ERC-4626 asset).
    /// @param minOut Least amount of settlement tokens.
    /// @param data Passed on to the venue.
    /// @return received Settlement units.
    function redeemAsset(address token, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 received);

    /// @notice Brings L1 back to its target when it has left its band, from or into L2's ERC-4626 holdings, as far as
    /// L2's own band admits. Inside the band it does nothing.
    /// @dev Who: keepers, while not paused. Emits `BufferRebalanced` when something moved. Reverts with
    /// `AssetController_NothingToAllocate` when L1 is outside its band and nothing can move, and as `allocateToLayer`.
    /// @return moved Positive: into L1; negative: out of L1; 0: L1 is inside its band.
    function rebalanceBuffer() external returns (int256 moved);

    /// @notice Raises L1 to `amountNeeded`: what is idle counts first, then L2's holdings in their order, then L3's, up
    /// to `maxTier`. A source that fails, or that would lose too much, is passed over.
    /// @dev Who: keepers, while not paused. Emits `WaterfallExecuted`, and `SourceSkipped` per source passed over.
    /// Reverts with `AssetController_ZeroAmount` and `AssetController_UnknownTier`; not because of a shortfall.
    /// @param amountNeeded Settlement units wanted in L1.
    /// @param maxTier Last tier that may be touched.
    /// @return available What L1 holds afterwards.
    function executeWaterfallLiquidation(uint256 amountNeeded, uint8 maxTier) external returns (uint256 available);

    /// @notice One source of a liquidation; a call of its own, so that its failure undoes only itself.
    /// @dev Who: the controller itself. Reverts with `AssetController_NotSelf`, `AssetController_NothingToAllocate`,
    /// `AssetController_ExcessiveLoss`, and as `IPortfolio.withdraw`.
    /// @return proceeds What L1 gained; 0 when nothing is held.
    function drawFrom(uint8 tier, address asset, uint256 assets) external returns (uint256 proceeds);

    /// @notice Makes an account a keeper, or not any more.
    /// @dev Who: the configurator's role. Emits `KeeperSet`.
    function setKeeper(address keeper, bool allowed) external;

    /// @notice Takes the keeper's right from an account, at once.
    /// @dev Who: the guardian's role. Emits `KeeperSet`.
    function removeKeeper(address keeper) external;

    /// @notice Replaces the tiers' bands.
    /// @dev Who: the configurator's role. Emits `TierBandsSet`. Reverts with `AssetController_InvalidBands`.
    function setTierBands(TierBand[3] calldata bands) external;

    /// @notice Replaces the bound on the value that one action may lose, of its amount.
    /// @dev Who: the configurator's role. Emits `MaxLossSet`. Reverts with `AssetController_InvalidMaxLoss`.
    function setMaxLossBps(uint16 newMaxLossBps) external;

    /// @notice Stops every keeper action.
    /// @dev Who: the guardian's role. Emits `Paused`.
    function pause() external;

    /// @notice Admits keeper actions again.
    /// @dev Who: the configurator's role. Emits `Unpaused`.
    function unpause() external;

    /// @notice The vault whose assets are moved.
    function vault() external view returns (address);

    /// @notice The portfolio of a tier; 0 for L1, which is the vault itself.
    /// @dev Reverts with `AssetController_UnknownTier`.
    function portfolio(uint8 tier) external view returns (address);

    /// @notice Source of the prices.
    function oracle() external view returns (address);

    /// @notice Whether an account may act.
    function isKeeper(address account) external view returns (bool);

    /// @notice Whether keeper actions are stopped.
    function paused() external view returns (bool);

    /// @notice Whether an action is under way in this transaction. The vault asks.
    function locked() external view returns (bool);

    /// @notice The tiers' bands, L1 first.
    function tierBands() external view returns (TierBand[3] memory);

    /// @notice The value that one action may lose, of its amount.
    function maxLossBps() external view returns (uint16);

    /// @notice Value of each tier in settlement units, L1 first.
    /// @dev Reverts with `AssetController_Locked` during an action, and as the oracle does.
    function tierValues() external view returns (uint256[3] memory);

    /// @notice Value of L2 and L3. Reverts as `tierValues` does.
    function deployedValue() external view returns (uint256);

    /// @notice Value of L2 and L3, also while a price is stale: a tier without a fresh value counts as nothing then.
    /// @dev Reverts with `AssetController_Locked` during an action.
    /// @return value Settlement units.
    /// @return fresh Whether every price that is needed is good; then `value` is `deployedValue`.
    function valuation() external view returns (uint256 value, bool fresh);

    /// @notice The tier that lists an asset; L2 before L3.
    /// @dev Reverts with `AssetController_UnknownAsset`.
    function tierOf(address token) external view returns (uint8);
}
