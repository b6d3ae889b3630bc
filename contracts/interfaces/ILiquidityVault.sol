// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

/// @title The depositors' vault: shares, and the cash tier L1
/// @notice A plain ERC-4626 vault whose assets are its idle settlement tokens and the amounts that its controller has
/// deployed in the other tiers. It pays withdrawals only from idle tokens, less the value of queued redemptions; larger
/// ones go through the queue, by ERC-7540. During an action of the controller deposits, withdrawals and requests are
/// refused, so neither the share supply nor the due amount can change, and `totalAssets` reverts instead of returning
/// an intermediate state.
///
/// While a price is stale `totalAssets`, and with it the `preview*` and `convertTo*` functions, answer from the
/// controller's book. No deposit or redemption is served at that value: `deposit`, `mint`, `withdraw`, `redeem` and the
/// queue's fulfilments then revert as the oracle does, and every `max*` is 0.
///
/// The `max*` functions never revert: they are 0 also during an action of the controller or the vault, and while there
/// is no controller. The other functions then revert with the typed error.
///
/// Deposits end at a cap on total assets, which a guardian lowers at once, to 0 to close them, and a configurator
/// raises. They are also closed while a portfolio's holding cannot be valued in full (`IPortfolio.entryOpen`);
/// withdrawals are not. `maxDeposit` and `maxMint` reflect both.
///
/// Fresh shares are locked: an account that receives them from a deposit cannot move, withdraw, redeem or queue them
/// before they are `holdingTime` old; `maxWithdraw` and `maxRedeem` count only free shares. Nothing is paid in a
/// transaction with a deposit. A gift locks only its own shares; so redeem `maxRedeem`, not `balanceOf`.
interface ILiquidityVault is IERC4626 {
    /// @notice State of the vault that the controller needs. Assets and shares.
    /// @param supply All shares; 0 while none are due, since it is then not needed.
    struct AllocationState {
        uint256 idle;
        uint256 freshDeposits;
        uint256 dueShares;
        uint256 supply;
    }

    /// @notice The controller was replaced.
    event ControllerSet(address indexed previous, address indexed current);

    /// @notice The redemption queue was set or replaced.
    event QueueSet(address indexed previous, address indexed current);

    /// @notice Shares that wait in the queue, rounded up to 10**6.
    event DueSet(uint256 dueShares);

    /// @notice The time for which fresh shares are locked was set, in seconds.
    event HoldingTimeSet(uint32 holdingTime);

    /// @notice The total of assets up to which deposits are taken was set.
    event DepositCapSet(uint128 cap);

    /// @notice Idle tokens were paid out for a trade.
    event Paid(address indexed receiver, uint256 assets);

    /// @notice Only the controller moves the vault's assets.
    error LiquidityVault_NotController(address caller);

    /// @notice The controller is executing an action; try again in another transaction.
    error LiquidityVault_ControllerLocked();

    /// @notice No controller is set yet.
    error LiquidityVault_NoController();

    /// @notice The new controller does not serve this vault, or would leave value behind in other portfolios.
    error LiquidityVault_InvalidController(address controller);

    /// @notice Only the redemption queue redeems shares in escrow.
    error LiquidityVault_NotQueue(address caller);

    /// @notice The new queue does not redeem this vault's shares.
    error LiquidityVault_InvalidQueue(address queue);

    /// @notice Shares wait in the present queue and would be lost.
    error LiquidityVault_QueueInUse(address queue);

    /// @notice The idle tokens do not suffice for the amount, or for a single share.
    error LiquidityVault_InsufficientIdle(uint256 idle);

    /// @notice The strategy took another amount than the one deposited.
    error LiquidityVault_UnexpectedSpend(address strategy, uint256 spent, uint256 assets);

    /// @notice Another amount arrived than was deposited: the token takes a fee.
    error LiquidityVault_UnexpectedReceipt(uint256 received, uint256 assets);

    /// @notice Fresh shares can be held for a week at most.
    error LiquidityVault_InvalidHoldingTime(uint32 holdingTime);

    /// @notice The cap on deposits would not fall.
    error LiquidityVault_CapNotLowered(uint128 cap, uint128 current);

    /// @notice The owner wants to move locked shares, which are locked until `unlockTime`.
    error LiquidityVault_SharesLocked(address owner, uint256 unlockTime);

    /// @notice The transaction contains a deposit; the queue is served in another one.
    error LiquidityVault_FreshDeposits(uint256 assets);

    /// @notice Sets or replaces the controller.
    /// @dev Who: the configurator's role. Emits `ControllerSet`. Reverts with `LiquidityVault_InvalidController` unless
    /// the new one names this vault and works on the same portfolios (in place of another only once that is worth
    /// nothing); with `LiquidityVault_ControllerLocked` while the old one is executing an action.
    function setController(address newController) external;

    /// @notice Sets the redemption queue, or replaces it while nothing waits in it.
    /// @dev Who: the configurator's role. Emits `QueueSet`. Reverts with `LiquidityVault_InvalidQueue` unless the new
    /// one names this vault, and with `LiquidityVault_QueueInUse`. A queue is as trusted as a controller: it may take
    /// the shares of those who call it.
    function setQueue(address newQueue) external;

    /// @notice Sets how long fresh shares are locked; 0 locks none.
    /// @dev Who: the configurator's role. Emits `HoldingTimeSet`. Reverts with `LiquidityVault_InvalidHoldingTime`
    /// above a week. Shares that are locked stay so until their time; those that were minted while others of their
    /// owner were locked follow the change.
    function setHoldingTime(uint32 newHoldingTime) external;

    /// @notice Sets the total of assets up to which deposits are accepted.
    /// @dev Who: the configurator's role. Emits `DepositCapSet`.
    /// @param newCap Assets; 2**128 - 1 for no cap.
    function setDepositCap(uint128 newCap) external;

    /// @notice Lowers that total, at once; 0 closes deposits. Withdrawals go on.
    /// @dev Who: the guardian's role. Emits `DepositCapSet`. Reverts with `LiquidityVault_CapNotLowered`.
    /// @param newCap Assets, fewer than before.
    function lowerDepositCap(uint128 newCap) external;

    /// @notice Deposits idle tokens into an ERC-4626 strategy. No allowance remains.
    /// @dev Who: the controller, which measures shares and judges whether they are worth it. Emits nothing: the
    /// strategy emits `Deposit`, the controller the purpose. Reverts with `LiquidityVault_NotController`,
    /// `LiquidityVault_InsufficientIdle`, `LiquidityVault_UnexpectedSpend`, and as the strategy does.
    /// @param receiver Account that gets the strategy's shares.
    /// @return The state afterwards.
    function supply(IERC4626 strategy, uint256 assets, address receiver) external returns (AllocationState memory);

    /// @notice Pays idle tokens to a venue, for a trade in the same transaction.
    /// @dev Who: the controller. Emits `Paid`. Reverts with `LiquidityVault_NotController` and
    /// `LiquidityVault_InsufficientIdle`.
    /// @return The state afterwards.
    function pay(address receiver, uint256 assets) external returns (AllocationState memory);

    /// @notice Moves shares into the queue. A `spender` who is not the owner uses up an allowance of the owner's.
    /// @dev Who: the queue, for an owner, an operator (as the owner), or a holder of an allowance. Emits ERC-20's
    /// `Transfer`. Reverts with `LiquidityVault_NotQueue`, `LiquidityVault_SharesLocked`, and as ERC-20 does.
    function escrow(address owner, address spender, uint256 shares) external;

    /// @notice Sets the number of shares that wait in the queue.
    /// @dev Who: the queue. Emits `DueSet`. Reverts with `LiquidityVault_NotQueue` and
    /// `LiquidityVault_ControllerLocked`.
    function setDue(uint256 shares) external;

    /// @notice Redeems shares that the queue holds, at the strict price: as many of `maxShares` as idle tokens pay for.
    /// @dev Who: the queue. Emits ERC-4626's `Withdraw`. Reverts with `LiquidityVault_NotQueue`;
    /// `LiquidityVault_InsufficientIdle` when they pay for none; `LiquidityVault_NoController`,
    /// `LiquidityVault_ControllerLocked`; `LiquidityVault_FreshDeposits`; and as the oracle does while a price is
    /// stale.
    /// @return shares Shares burned.
    /// @return assets Assets paid to the queue, rounded down.
    function settle(uint256 maxShares) external returns (uint256 shares, uint256 assets);

    /// @notice The only account that can move the vault's assets; 0 before it is set.
    function controller() external view returns (address);

    /// @notice The redemption queue; 0 before it is set.
    function queue() external view returns (address);

    /// @notice Shares that wait in the queue, rounded up to 10**6. Their value is not available for withdrawals of
    /// others.
    function dueShares() external view returns (uint256);

    /// @notice The time for which fresh shares are locked, in seconds: the minimum; the maximum is twice that, for an
    /// owner who already had locked shares.
    function holdingTime() external view returns (uint32);

    /// @notice Total of assets up to which deposits are accepted; 0 while they are closed, 2**128 - 1 without a cap.
    /// @return Assets.
    function depositCap() external view returns (uint128);

    /// @notice Shares of an account that are locked.
    /// @return shares Number of shares; never more than its balance.
    /// @return until Time at which the last of them are free; 0 if none are locked.
    function lockedShares(address owner) external view returns (uint256 shares, uint256 until);

    /// @notice State that the controller needs before a move, in one call.
    function allocationState() external view returns (AllocationState memory);

    /// @notice L1: the settlement tokens that the vault holds.
    function idle() external view returns (uint256);

    /// @notice Deposits made in this transaction, less withdrawals. The controller leaves them out when it judges
    /// bands, so that a deposit withdrawn again at the end of the transaction cannot widen them.
    function freshDeposits() external view returns (uint256);
}
