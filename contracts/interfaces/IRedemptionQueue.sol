// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IERC7540Operator, IERC7540Redeem} from "./external/IERC7540.sol";
import {IERC7575} from "./external/IERC7575.sol";

/// @title Redemptions that are larger than the vault's idle tokens
/// @notice Asynchronous redemptions by ERC-7540, on the vault's shares (ERC-7575). A request moves shares into escrow
/// and joins a batch. Batches are fulfilled first in, first out, from the vault's idle tokens and at the present price,
/// completely or in parts; all members of a batch get the same average price. Fulfilled assets stay here until they are
/// claimed: they no longer belong to the vault. As long as nothing of its batch is fulfilled a request can be
/// cancelled.
///
/// Request ids are batch ids, from 1. Each is due `notice` after the first request of its batch, and so never later
/// than `HORIZON` from now.
///
/// Shares and settlement tokens that are sent to this contract unasked count for nothing here, and stay.
///
/// Units: shares are the vault's, assets its settlement token's. Claims are rounded down, for the batch: their sum
/// never exceeds what the batch received.
interface IRedemptionQueue is IERC7540Operator, IERC7540Redeem, IERC7575, IERC165 {
    /// @notice A batch. Open shares are `shares - fulfilled`.
    /// @param shares All shares requested and not cancelled.
    /// @param fulfilled Shares of these that the vault has redeemed.
    /// @param assets Assets that the vault paid for them.
    /// @param openedAt Time of the first request.
    /// @param dueAt When the whole batch is due.
    struct Batch {
        uint128 shares;
        uint128 fulfilled;
        uint128 assets;
        uint64 openedAt;
        uint64 dueAt;
    }

    /// @notice A batch began; requests join it for `BATCH_PERIOD`, or until its fulfilment begins.
    event BatchOpened(uint256 indexed requestId, uint256 dueAt);

    /// @notice The vault redeemed `shares` of a batch for `assets`.
    event BatchFulfilled(uint256 indexed requestId, uint256 shares, uint256 assets);

    /// @notice Overdue batches were fulfilled by anybody's call. `drawn` came from L2.
    event OverdueServed(address indexed caller, uint256 shares, uint256 assets, uint256 drawn);

    /// @notice A controller was paid for `shares` of a batch.
    event RedeemClaimed(
        address indexed controller, address indexed receiver, uint256 indexed requestId, uint256 assets, uint256 shares
    );

    /// @notice A request was cancelled; its shares went to `receiver`.
    event RedeemRequestCancelled(
        address indexed controller, address indexed receiver, uint256 indexed requestId, address sender, uint256 shares
    );

    /// @notice The notice of new batches was set.
    event NoticeSet(uint32 notice);

    /// @notice The minimum of requests was set.
    event MinimumSharesSet(uint128 minimumShares);

    /// @notice The caller may not act for the account.
    error RedemptionQueue_Unauthorized(address account, address caller);

    /// @notice The request is below the minimum.
    error RedemptionQueue_BelowMinimum(uint256 shares, uint256 minimum);

    /// @notice The controller has requests in 16 batches; it must claim or cancel one of them first.
    error RedemptionQueue_TooManyBatches(address controller);

    /// @notice No redemption waits.
    error RedemptionQueue_NothingPending();

    /// @notice No batch is past its `dueAt`.
    error RedemptionQueue_NothingOverdue();

    /// @notice The vault's idle tokens, or the caller's bound, admit less than the minimum of a fulfilment.
    error RedemptionQueue_TooLittle(uint256 shares, uint256 minimum);

    /// @notice The controller has nothing to claim, or to cancel, in this batch.
    error RedemptionQueue_NoRequest(uint256 requestId, address controller);

    /// @notice Fulfilment of the batch has begun; its requests can only be claimed.
    error RedemptionQueue_FulfilmentBegun(uint256 requestId);

    /// @notice More was requested than can be claimed; `missing` shares or assets are not available.
    error RedemptionQueue_ExceededClaimable(address controller, uint256 missing);

    /// @notice Deposits are made at the vault.
    error RedemptionQueue_NoDeposits();

    /// @notice The price is that of the fulfilment, which is not known before.
    error RedemptionQueue_NoPreview();

    /// @notice The notice exceeds `HORIZON`.
    error RedemptionQueue_InvalidNotice(uint32 notice);

    /// @notice The minimum is outside its range: a thousandth to a thousand whole shares.
    error RedemptionQueue_InvalidMinimum(uint128 minimumShares);

    /// @notice Takes `shares` of `owner` into escrow, to be redeemed for `controller`. Accepted while prices are stale
    /// and while keepers are paused: no price is needed.
    /// @dev Who: the owner, its operator, or an account with an allowance of the owner's shares, which is used up. The
    /// controller must be the owner or the caller, or have the caller as its operator: it can be in 16 batches only,
    /// and no other account may fill them. No allowance for the queue is needed. Emits `RedeemRequest`, and
    /// `BatchOpened` for the first one of a batch. Reverts with `RedemptionQueue_BelowMinimum`,
    /// `RedemptionQueue_Unauthorized`, `RedemptionQueue_TooManyBatches`; with `LiquidityVault_ControllerLocked` during
    /// a keeper's action; and as ERC-20 does.
    /// @return requestId The batch, which is the same for other requests made at this time.
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        override
        returns (uint256 requestId);

    /// @notice Cancels a whole request and returns its shares at once.
    /// @dev Who: the controller or its operator. Emits `RedeemRequestCancelled`. Reverts with
    /// `RedemptionQueue_Unauthorized`, `RedemptionQueue_NoRequest`, `RedemptionQueue_FulfilmentBegun`, and with
    /// `LiquidityVault_ControllerLocked` during a keeper's action.
    function cancelRedeemRequest(uint256 requestId, address receiver, address controller)
        external
        returns (uint256 shares);

    /// @notice Redeems as many shares of the oldest batch as `maxShares` and the vault's idle tokens admit, at the
    /// fresh price. Its gas does not depend on the number of requests.
    /// @dev Who: anybody. Emits `BatchFulfilled`. Reverts with `RedemptionQueue_NothingPending`; with
    /// `RedemptionQueue_TooLittle` below the minimum of a request (unless that is all that is left of the batch), since
    /// each fulfilment is rounded down and ends the possibility to cancel; and as `ILiquidityVault.settle`, among
    /// others while a price is stale.
    /// @return shares Shares redeemed.
    /// @return assets Assets that the queue received, measured.
    function fulfil(uint256 maxShares) external returns (uint256 shares, uint256 assets);

    /// @notice Fulfils batches that are past their `dueAt`, and draws the amount that the vault's idle tokens lack for
    /// them from L2's ERC-4626 holdings. It works while keepers are paused, removed or inactive; holdings that fail, or
    /// would lose too much, are passed over, and losses are charged to a separate budget.
    /// @dev Who: anybody. Emits `BatchFulfilled` for each batch, and `OverdueServed`. Reverts with
    /// `RedemptionQueue_NothingOverdue`; as `fulfil` does where not even a part of the oldest batch can be paid; and
    /// with `AssetController_Locked`.
    /// @param maxBatches Most batches to serve, which bounds the gas. Batches before an overdue one count too: they are
    /// paid first.
    /// @return shares Shares redeemed.
    /// @return assets Assets that the queue received, measured.
    function serveOverdue(uint256 maxBatches) external returns (uint256 shares, uint256 assets);

    /// @notice Pays all that a controller can claim in one batch.
    /// @dev Who: the controller or its operator. Emits `RedeemClaimed` and ERC-4626's `Withdraw`. Reverts with
    /// `RedemptionQueue_Unauthorized` and `RedemptionQueue_NoRequest`.
    function claim(uint256 requestId, address receiver, address controller)
        external
        returns (uint256 shares, uint256 assets);

    /// @notice Claims exactly `shares`, from the controller's oldest batch on. Rounded down for the controller; the
    /// rest comes with its later claims.
    /// @dev Who: the controller or its operator. Emits `RedeemClaimed` for each batch and ERC-4626's `Withdraw`.
    /// Reverts with `RedemptionQueue_Unauthorized` and `RedemptionQueue_ExceededClaimable`.
    function redeem(uint256 shares, address receiver, address controller) external override returns (uint256 assets);

    /// @notice Claims exactly `assets`, from the controller's oldest batch on. Shares are rounded up.
    /// @dev As `redeem`.
    function withdraw(uint256 assets, address receiver, address controller) external override returns (uint256 shares);

    /// @notice Sets how long after its first request a new batch is due.
    /// @dev Who: the configurator's role. Emits `NoticeSet`. Reverts with `RedemptionQueue_InvalidNotice`.
    function setNotice(uint32 newNotice) external;

    /// @notice Sets the least shares of a request.
    /// @dev Who: the configurator's role. Emits `MinimumSharesSet`. Reverts with `RedemptionQueue_InvalidMinimum`.
    function setMinimumShares(uint128 newMinimumShares) external;

    /// @notice The vault whose shares are redeemed.
    function vault() external view returns (address);

    /// @notice Seconds from the first request of a batch until it is due.
    function notice() external view returns (uint32);

    /// @notice Least shares of a request.
    function minimumShares() external view returns (uint128);

    /// @notice Shares that wait, of all batches.
    function pendingShares() external view returns (uint256);

    /// @notice Value of all waiting shares, in assets at the price of the vault's `totalAssets`, rounded up.
    function pendingRedemptions() external view returns (uint256 assets);

    /// @notice Amount that must be paid within `horizon` seconds from now, valued as `pendingRedemptions`. Batches
    /// older than a due one count too, since they are paid before it.
    function dueWithin(uint256 horizon) external view returns (uint256 assets);

    /// @notice A batch; zeros for an unknown id.
    function batchOf(uint256 requestId) external view returns (Batch memory);

    /// @notice Open shares of batches that are past their `dueAt`, with those of the batches before them.
    /// @param maxBatches Most batches to look at.
    /// @return shares Number of shares.
    function overdueShares(uint256 maxBatches) external view returns (uint256 shares);

    /// @notice The batch that is fulfilled next; 0 when nothing waits.
    function oldestBatch() external view returns (uint256 requestId);

    /// @notice The batches in which a controller has waiting or claimable shares, oldest first.
    function batchesOf(address controller) external view returns (uint64[] memory requestIds);
}
