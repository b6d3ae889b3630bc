// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAutomationCompatible} from "./external/IAutomationCompatible.sol";

/// @title Calls that are booked and paid for in advance, and executed by anybody when they are due
/// @notice A contract books a call of itself (`IScheduledHandler`) and pays a fee into escrow, in the chain's own coin.
/// Once the time has come, anybody may execute it and is paid from the escrow; the rest returns to the payer.
///
/// Bookings live in records, numbered from 1. A record that was booked as `recurring` can be booked again and again by
/// its handler; each time its generation rises by one. The id of a booking is `number << 32 | generation`, so an id
/// never means two things.
///
/// Money outside escrow is in accounts: one for each owner and spender. The spender is the handler that may book at the
/// owner's expense, within the caps that the owner set; refunds of bookings return there. An account whose owner and
/// spender are the same is a plain balance: an executor's earnings, a handler's own funds. Only the owner can withdraw.
/// The scheduler never pushes money to anybody.
///
/// Terms of payment are immutable after deployment, so those of a booking cannot change. Prices of future bookings can
/// be set.
interface ITransactionScheduler is IAutomationCompatible {
    /// @notice Priority of a booking. A higher one pays more for the same effort. `High`: in its second or not at all;
    /// the others move to a later time where capacity is limited and used up.
    enum Priority {
        High,
        Medium,
        Low
    }

    /// @notice Status of a booking. `Unknown`: never issued. `Scheduled`: waiting. `Executed`: its handler was called,
    /// successfully or not. `Canceled`: by its handler. `Executing`: its handler is being called; it counts as booked.
    /// `Expired`: it was not executed in time.
    enum Status {
        Unknown,
        Scheduled,
        Executed,
        Canceled,
        Executing,
        Expired
    }

    /// @notice Reason why a booking is not possible.
    /// @dev `None`: it is possible. `Paused`: no new bookings. `InvalidTimestamp`: not in the future. `InvalidEffort`:
    /// too little or too much. `DataTooLarge`: more than `MAX_DATA` bytes. `SlotFull`: no capacity at that time, or
    /// soon after. `InvalidMargin`: below one.
    enum Refusal {
        None,
        Paused,
        InvalidTimestamp,
        InvalidEffort,
        DataTooLarge,
        SlotFull,
        InvalidMargin
    }

    /// @notice A booking to be made.
    /// @param timestamp First second in which it may be executed.
    /// @param priority Priority of the booking.
    /// @param effort Gas for the handler.
    /// @param marginBps Multiplier of the fee, at least 10,000.
    /// @param recurring Whether the record is kept, to be booked again.
    /// @param payer Owner of the account that pays and gets the refund. The spender is the caller.
    struct Request {
        uint40 timestamp;
        Priority priority;
        uint24 effort;
        uint16 marginBps;
        bool recurring;
        address payer;
    }

    /// @notice A booking.
    /// @param handler Contract that booked it and will be called.
    /// @param timestamp First second in which it may be executed.
    /// @param effort Gas for the handler.
    /// @param generation How often its record has been booked.
    /// @param payer Owner of the account that gets the refund.
    /// @param fee Amount in escrow for it.
    /// @param priority Priority of the booking.
    /// @param status Status of the booking.
    /// @param recurring Whether the record is kept.
    /// @param hasData Whether it was booked with data, which the executor must supply.
    struct Transaction {
        address handler;
        uint40 timestamp;
        uint24 effort;
        uint32 generation;
        address payer;
        uint72 fee;
        Priority priority;
        Status status;
        bool recurring;
        bool hasData;
    }

    /// @notice Account of an owner for one spender, with the spender's limits.
    /// @param balance Wei.
    /// @param perRun The most for one booking, in gwei; 0 where owner and spender are the same: no limit.
    /// @param perDay The most for a day's bookings less their refunds, in gwei, refilled continuously.
    /// @param spent Used part of `perDay`, in gwei, as of `last`.
    /// @param last When `spent` was last updated.
    struct Account {
        uint88 balance;
        uint40 perRun;
        uint40 perDay;
        uint40 spent;
        uint40 last;
    }

    /// @notice Prices of future bookings.
    /// @param high Multiplier of `High`, in basis points, above `medium`.
    /// @param medium Multiplier of `Medium`, above `low`.
    /// @param low Multiplier of `Low`, at least 10,000.
    /// @param floorPrice Least price of gas, in wei.
    /// @param tip Amount added to the base fee, in wei.
    /// @param inclusionFee Amount added to every fee, in wei.
    struct Prices {
        uint24 high;
        uint24 medium;
        uint24 low;
        uint48 floorPrice;
        uint48 tip;
        uint56 inclusionFee;
    }

    /// @notice Effort that fits into a slot of time.
    /// @param width Seconds of a slot; 0: capacity is not limited.
    /// @param high Effort of `High` per slot, above `medium`.
    /// @param medium Effort of `Medium` per slot, above `low`.
    /// @param low Effort of `Low` per slot.
    struct Capacity {
        uint32 width;
        uint32 high;
        uint32 medium;
        uint32 low;
    }

    /// @notice Terms of payment, fixed at deployment.
    /// @param flat Whether executors get the whole escrow. Otherwise they get the cost of the execution, with a
    /// premium.
    /// @param refundBps Part of the fee that a cancelled booking returns; the rest is the treasury's.
    /// @param tipCap Most above the base fee that is paid per gas, in wei, at any price of the executor.
    /// @param premiumBps Premium on top of the cost, at the first second.
    /// @param latePremiumBps Amount added to it gradually, until the end of the ramp.
    /// @param rampMedium Seconds of the ramp for `Medium`; `High` has none, it pays the whole premium at once.
    /// @param rampLow The same for `Low`.
    /// @param transactionGas Gas of a transaction, independent of its executions.
    /// @param settlementGas Gas of one execution that cannot be measured while it runs.
    /// @param minEffort Least effort of a booking.
    /// @param maxEffort Most effort of a booking: a transaction of 2^24 gas can execute it.
    /// @param lifetime Seconds after its timestamp in which a booking may be executed.
    /// @param expiryReward Wei for the account that clears an expired booking.
    /// @param treasury Owner of the part of cancelled fees that is not returned.
    /// @param l1FeeOracle Oracle of the data fee on a rollup; 0 where data costs nothing.
    struct Terms {
        bool flat;
        uint16 refundBps;
        uint64 tipCap;
        uint16 premiumBps;
        uint16 latePremiumBps;
        uint32 rampMedium;
        uint32 rampLow;
        uint32 transactionGas;
        uint32 settlementGas;
        uint24 minEffort;
        uint24 maxEffort;
        uint32 lifetime;
        uint64 expiryReward;
        address treasury;
        address l1FeeOracle;
    }

    /// @notice A call was booked.
    event Scheduled(
        uint256 indexed id,
        address indexed handler,
        address indexed payer,
        uint40 timestamp,
        Priority priority,
        uint24 effort,
        uint72 fee
    );

    /// @notice A record was booked on its present terms. Handler, payer, priority and effort are those of the last
    /// `Scheduled` or `Reserved`.
    event Rearmed(uint256 indexed id, uint40 timestamp, uint72 fee);

    /// @notice A record was created without a booking, or its terms were changed.
    event Reserved(
        uint256 indexed number, address indexed handler, address indexed payer, Priority priority, uint24 effort
    );

    /// @notice A handler was called.
    /// @param executor Account that is paid.
    /// @param ok Whether the handler succeeded.
    /// @param gasUsed Gas that is paid for.
    /// @param paid Wei for the executor.
    /// @param refunded Wei for the payer's account.
    event Executed(
        uint256 indexed id, address indexed executor, bool ok, uint256 gasUsed, uint256 paid, uint256 refunded
    );

    /// @notice A handler reverted; the execution is paid for nevertheless.
    /// @param reasonHead The first 32 bytes of its reason.
    event ExecutionFailed(uint256 indexed id, bytes32 reasonHead);

    /// @notice A handler cancelled its booking.
    event Canceled(uint256 indexed id, uint256 returned, uint256 kept);

    /// @notice A fee was raised, by a gift or by the handler.
    event FeeRaised(uint256 indexed id, address indexed from, uint72 fee);

    /// @notice A booking that was not executed in time was cleared.
    event Expired(uint256 indexed id, address indexed by, uint256 returned, uint256 reward);

    /// @notice Money came into an account from outside.
    event Deposited(address indexed owner, address indexed spender, uint256 amount);

    /// @notice Money left an account to the outside.
    event Withdrawn(address indexed owner, address indexed spender, address indexed to, uint256 amount);

    /// @notice An owner set the caps of a spender.
    event SpenderSet(address indexed owner, address indexed spender, uint40 perRun, uint40 perDay);

    /// @notice Prices of future bookings were set.
    event PricesSet(Prices prices);

    /// @notice Capacity for future bookings was set.
    event CapacitySet(Capacity capacity);

    /// @notice New bookings are stopped.
    event Paused(address indexed account);

    /// @notice New bookings are admitted again.
    event Unpaused(address indexed account);

    /// @notice The requested booking is not possible.
    error TransactionScheduler_Refused(Refusal refusal);

    /// @notice The amount sent is less than the fee.
    error TransactionScheduler_InsufficientFee(uint256 required, uint256 given);

    /// @notice The account has less than the fee.
    error TransactionScheduler_InsufficientFunds(uint256 required, uint256 available);

    /// @notice The fee is above the caps that the owner set for the spender, for one booking or for the day.
    error TransactionScheduler_AboveCap(uint256 required, uint256 allowed);

    /// @notice The booking is not due yet.
    error TransactionScheduler_NotDue(uint256 timestamp, uint256 dueAt);

    /// @notice The booking has expired, or has not expired yet.
    error TransactionScheduler_Expiry(uint256 timestamp, uint256 expiresAt);

    /// @notice The booking is not waiting.
    error TransactionScheduler_NotScheduled(uint256 id, Status status);

    /// @notice The record already has a booking.
    error TransactionScheduler_AlreadyScheduled(uint256 id);

    /// @notice The caller's gas is not enough to give the handler its effort and to settle.
    error TransactionScheduler_InsufficientGas(uint256 required, uint256 left);

    /// @notice The caller did not make this booking.
    error TransactionScheduler_NotHandler(address caller);

    /// @notice The data is not that of the booking.
    error TransactionScheduler_OtherData();

    /// @notice Lists of different lengths, or more than 256 bookings.
    error TransactionScheduler_InvalidBatch(uint256 ids, uint256 datas);

    /// @notice An execution during another execution.
    error TransactionScheduler_Reentrancy();

    /// @notice The account has less than is to be withdrawn, or more was deposited than fits.
    error TransactionScheduler_InvalidAmount(uint256 amount, uint256 limit);

    /// @notice The receiver rejects the money.
    error TransactionScheduler_TransferFailed(address to);

    /// @notice Prices, capacity, caps or terms are out of range.
    error TransactionScheduler_InvalidParameters();

    /// @notice Books a call of the caller.
    /// @dev Who: any contract, for itself. With value, the whole value is the fee; without, the computed fee is taken
    /// from the account of `request.payer` for the caller. Emits `Scheduled`. Reverts with
    /// `TransactionScheduler_Refused`, `TransactionScheduler_InsufficientFee` (value), and
    /// `TransactionScheduler_InsufficientFunds` and `TransactionScheduler_AboveCap` (account).
    /// @param data Data for the handler; only its hash is stored.
    /// @return id The booking.
    /// @return timestamp When it is due: as requested, or later where capacity is used up.
    function schedule(Request calldata request, bytes calldata data)
        external
        payable
        returns (uint256 id, uint40 timestamp);

    /// @notice Creates a recurring record without booking it.
    /// @dev Who: any contract, for itself. Emits `Reserved`. Reverts with `TransactionScheduler_Refused` for effort out
    /// of bounds.
    /// @param payer Owner of the account that pays and gets the refund. The spender is the caller.
    function reserve(Priority priority, uint24 effort, address payer) external returns (uint256 number);

    /// @notice Changes the terms of a recurring record in which nothing is booked.
    /// @dev Who: the record's handler. Emits `Reserved`. Reverts with `TransactionScheduler_NotHandler`,
    /// `TransactionScheduler_AlreadyScheduled`, also while it is executed, and as `reserve` does.
    function amend(uint256 number, Priority priority, uint24 effort, address payer) external;

    /// @notice Books a recurring record on its present terms: during the call of its handler, or when nothing is booked
    /// in it. An expired booking in it is cleared, without a reward.
    /// @dev Who: the record's handler. Pays as `schedule` does. Emits `Rearmed`, and `Expired`. Reverts as `schedule`
    /// does, with `TransactionScheduler_NotHandler`, and with `TransactionScheduler_AlreadyScheduled` where it is
    /// booked, or was rearmed during this execution already.
    /// @return id The booking, of the next generation.
    /// @return booked When it is due: as requested, or later where capacity is used up.
    function rearm(uint256 number, uint40 timestamp, uint16 marginBps)
        external
        payable
        returns (uint256 id, uint40 booked);

    /// @notice Executes a booking that is due: calls its handler with exactly its effort as gas, and pays the executor.
    /// @dev Who: anybody. This also applies if the handler reverts. Emits `Executed`, and `ExecutionFailed` where it
    /// reverted. Reverts with `TransactionScheduler_NotScheduled`, `TransactionScheduler_NotDue`,
    /// `TransactionScheduler_Expiry`, `TransactionScheduler_OtherData`, `TransactionScheduler_InsufficientGas`,
    /// `TransactionScheduler_Reentrancy`.
    /// @param data Data of the booking.
    /// @param rewardTo Owner of the account that is credited; 0 for the caller.
    /// @return ok Whether the handler succeeded.
    function execute(uint256 id, bytes calldata data, address rewardTo) external returns (bool ok);

    /// @notice Executes a booking without data, for the caller's account: the same with less calldata.
    /// @dev Who: anybody. Emits and reverts as `execute` does.
    /// @return ok Whether the handler succeeded.
    function executePlain(uint256 id) external returns (bool ok);

    /// @notice Executes several bookings. Bookings that are not due, do not exist or lack their data are left out, and
    /// so is the first one without enough gas, with all that follow.
    /// @dev Who: anybody. Emits as `execute` does. Reverts with `TransactionScheduler_InvalidBatch`,
    /// `TransactionScheduler_Reentrancy`.
    /// @param datas Data of each; an empty list if none has data.
    /// @return executed Bits of the executed bookings, the first in the lowest bit.
    function executeBatch(uint256[] calldata ids, bytes[] calldata datas, address rewardTo)
        external
        returns (uint256 executed);

    /// @notice Cancels a booking.
    /// @dev Who: its handler. Emits `Canceled`. Reverts with `TransactionScheduler_NotHandler`,
    /// `TransactionScheduler_NotScheduled`, also while it is executed.
    /// @return returned Wei for the payer's account.
    function cancel(uint256 id) external returns (uint256 returned);

    /// @notice Adds to a booking's fee. The refund goes to its payer.
    /// @dev Who: anybody. Emits `FeeRaised`. Reverts with `TransactionScheduler_NotScheduled`.
    function topUp(uint256 id) external payable;

    /// @notice Raises a booking's fee to the present fee, from the account that paid. It never lowers the fee.
    /// @dev Who: its handler. The whole fee is within the cap of a run. Emits `FeeRaised`. Reverts as `schedule` does
    /// where it pays, with
    /// `TransactionScheduler_NotHandler` and `TransactionScheduler_NotScheduled`.
    /// @return fee Amount in escrow now.
    function raiseFee(uint256 id, uint16 marginBps) external returns (uint72 fee);

    /// @notice Clears a booking that was not executed in time. The fee returns to its payer, less a fixed reward.
    /// @dev Who: anybody. Emits `Expired`. Reverts with `TransactionScheduler_NotScheduled`,
    /// `TransactionScheduler_Expiry`.
    function expire(uint256 id) external;

    /// @notice Deposits money into an account.
    /// @dev Who: anybody. Emits `Deposited`. Reverts with `TransactionScheduler_InvalidAmount` where it does not fit.
    function deposit(address owner, address spender) external payable;

    /// @notice Withdraws money from the caller's account for `spender`.
    /// @dev Who: the owner; pausing does not stop it. Emits `Withdrawn`. Reverts with
    /// `TransactionScheduler_InvalidAmount`, `TransactionScheduler_TransferFailed`.
    function withdraw(address spender, address to, uint256 amount) external;

    /// @notice Sets the caps of a spender of the caller's account. Both 0: the spender may use nothing, or everything
    /// if it is the caller.
    /// @dev Who: the owner. Emits `SpenderSet`. Reverts with `TransactionScheduler_InvalidParameters` where only one is
    /// 0.
    /// @param perRun The most for one booking, in gwei.
    /// @param perDay The most for a day, in gwei: over `t` seconds at most `perDay * (1 + t / 86400)`.
    function setSpender(address spender, uint40 perRun, uint40 perDay) external;

    /// @notice Sets the prices of future bookings.
    /// @dev Who: the configurator's role. Emits `PricesSet`. Reverts with `TransactionScheduler_InvalidParameters`
    /// unless the multipliers rise with the priority, from 10,000.
    function setPrices(Prices calldata newPrices) external;

    /// @notice Sets the capacity for future bookings.
    /// @dev Who: the configurator's role. Emits `CapacitySet`. Reverts with `TransactionScheduler_InvalidParameters`
    /// unless the capacities rise with the priority.
    function setCapacity(Capacity calldata newCapacity) external;

    /// @notice Stops new bookings. Existing ones are executed, cancelled and paid as before.
    /// @dev Who: the guardian's role. Emits `Paused`.
    function pause() external;

    /// @notice Admits new bookings again.
    /// @dev Who: the configurator's role. Emits `Unpaused`.
    function unpause() external;

    /// @notice The due records of a range: `checkData` is the first number, how many, and the account to pay, encoded;
    /// or empty: the first 100, and the caller of `performUpkeep`.
    /// @dev `performData` is a list of ids and the account to pay. Bookings with data are not found this way.
    /// @inheritdoc IAutomationCompatible
    function checkUpkeep(bytes calldata checkData) external returns (bool upkeepNeeded, bytes memory performData);

    /// @notice Present fee of a booking, the time when it would be due, and why it is not possible. Never reverts.
    /// @dev The fee is exactly the one that `schedule` requires in the same block; a margin is added to it.
    function estimate(uint40 timestamp, Priority priority, uint24 effort, uint256 dataLength)
        external
        view
        returns (uint72 fee, uint40 slot, Refusal refusal);

    /// @notice Present fee of a booking, without checking whether it is possible.
    function calculateFee(Priority priority, uint24 effort, uint256 dataLength) external view returns (uint72 fee);

    /// @notice Pay for executing a booking now, alone, at the present base fee with the highest tip, if the handler
    /// uses all of its effort; 0 where it is not due.
    function payoutOf(uint256 id) external view returns (uint256);

    /// @notice Pay for executing a booking now, if the handler uses `handlerGas`, at `gasPrice`, in a batch of `count`;
    /// 0 where it is not due.
    function payoutFor(uint256 id, uint256 handlerGas, uint256 gasPrice, uint256 count) external view returns (uint256);

    /// @notice Status of a booking. Once ended it never changes.
    function statusOf(uint256 id) external view returns (Status);

    /// @notice A booking; the known part of one that has ended.
    function transactionOf(uint256 id) external view returns (Transaction memory);

    /// @notice The present booking of a record, ended or not, with its id. 0 if none was ever booked.
    function bookingOf(uint256 number) external view returns (uint256 id, Transaction memory booking);

    /// @notice Fee that `rearm` would take for a record now, without checking whether it is possible.
    function rearmFee(uint256 number, uint16 marginBps) external view returns (uint72 fee);

    /// @notice Whether a record has a booking that waits and is not expired, or is being executed.
    function isBooked(uint256 number) external view returns (bool);

    /// @notice Waiting bookings of at most `count` records from `first` on.
    /// @return ids The bookings, in order of their numbers.
    /// @return next Where to continue; 0 at the end.
    function pending(uint256 first, uint256 count) external view returns (uint256[] memory ids, uint256 next);

    /// @notice Number of records made so far, which is the highest number.
    function records() external view returns (uint256);

    /// @notice The booking whose handler is being called; 0 when there is none.
    function executing() external view returns (uint256 id);

    /// @notice The account of an owner for a spender, updated to the present.
    function accountOf(address owner, address spender) external view returns (Account memory);

    /// @notice Amount that a spender could use for one booking now: balance and caps.
    function availableTo(address owner, address spender) external view returns (uint256);

    /// @notice Prices of future bookings.
    function prices() external view returns (Prices memory);

    /// @notice Effort that fits into a slot of time.
    function capacity() external view returns (Capacity memory);

    /// @notice Whether new bookings are stopped.
    function paused() external view returns (bool);

    /// @notice Terms of payment.
    function terms() external view returns (Terms memory);
}
