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
/// Money that nobody has in escrow is in accounts: one for each owner and spender. The spender is the handler that may
/// book at the owner's expense, within the caps that the owner set; what bookings leave over returns there. An account
/// whose owner and spender are the same is a plain balance: an executor's earnings, a handler's own funds. Only the
/// owner can withdraw. Nothing is ever pushed to anybody.
///
/// Terms of payment are fixed for good when the scheduler is deployed, so no booking's can change. Prices of future
/// bookings can be set.
interface ITransactionScheduler is IAutomationCompatible {
    /// @notice How urgent a booking is. A higher one pays more for the same effort. `High`: in its second or not at
    /// all; the others move to a later time where capacity is limited and used up.
    enum Priority {
        High,
        Medium,
        Low
    }

    /// @notice Where a booking stands. `Unknown`: never issued. `Scheduled`: waiting. `Executed`: its handler was
    /// called, whether that went well or not. `Canceled`: by its handler. `Executing`: its handler is being called; it
    /// counts as
    /// booked. `Expired`: nobody executed it in time.
    enum Status {
        Unknown,
        Scheduled,
        Executed,
        Canceled,
        Executing,
        Expired
    }

    /// @notice Why a booking is not possible.
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

    /// @notice What is asked for in a booking.
    /// @param timestamp First second in which it may be executed.
    /// @param priority How urgent it is.
    /// @param effort Gas for the handler.
    /// @param marginBps Multiplier of the fee, at least 10,000.
    /// @param recurring Whether the record is kept, to be booked again.
    /// @param payer Owner of the account that pays, and that gets back what is left over. The spender is the caller.
    struct Request {
        uint40 timestamp;
        Priority priority;
        uint24 effort;
        uint16 marginBps;
        bool recurring;
        address payer;
    }

    /// @notice A booking.
    /// @param handler Who booked it and will be called.
    /// @param timestamp First second in which it may be executed.
    /// @param effort Gas for the handler.
    /// @param generation How often its record has been booked.
    /// @param payer Owner of the account that gets back what is left over.
    /// @param fee What is in escrow for it.
    /// @param priority How urgent it is.
    /// @param status Where it stands.
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

    /// @notice What an owner lets a spender use.
    /// @param balance Wei.
    /// @param perRun The most for one booking, in gwei; 0 where owner and spender are the same: no limit.
    /// @param perDay The most for a day's bookings less what came back of them, in gwei, refilled continuously.
    /// @param spent What of `perDay` is used up, in gwei, as of `last`.
    /// @param last When `spent` was last brought up to date.
    struct Account {
        uint88 balance;
        uint40 perRun;
        uint40 perDay;
        uint40 spent;
        uint40 last;
    }

    /// @notice What future bookings cost.
    /// @param high Multiplier of `High`, in basis points, above `medium`.
    /// @param medium Multiplier of `Medium`, above `low`.
    /// @param low Multiplier of `Low`, at least 10,000.
    /// @param floorPrice Least price of gas, in wei.
    /// @param tip What is added to the base fee, in wei.
    /// @param inclusionFee What is added to every fee, in wei.
    struct Prices {
        uint24 high;
        uint24 medium;
        uint24 low;
        uint48 floorPrice;
        uint48 tip;
        uint56 inclusionFee;
    }

    /// @notice How much effort fits into a slot of time.
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
    /// @param flat Whether executors get the whole escrow. Otherwise they get what the execution cost, with a premium.
    /// @param refundBps What a cancelled booking returns of its fee; the rest is the treasury's.
    /// @param tipCap Most above the base fee that is paid per gas, in wei, whatever the executor's price.
    /// @param premiumBps Premium on top of the cost, at the first second.
    /// @param latePremiumBps What is added to it little by little, to the end of the ramp.
    /// @param rampMedium Seconds of the ramp for `Medium`; `High` has none, it pays the whole premium at once.
    /// @param rampLow The same for `Low`.
    /// @param transactionGas Gas that a transaction costs whatever it executes.
    /// @param settlementGas Gas of one execution that cannot be measured while it runs.
    /// @param minEffort Least effort of a booking.
    /// @param maxEffort Most effort of a booking: a transaction of 2^24 gas can execute it.
    /// @param lifetime Seconds after its timestamp in which a booking may be executed.
    /// @param expiryReward Wei for whoever clears a booking away that has expired.
    /// @param treasury Owner of what cancelled bookings do not return.
    /// @param l1FeeOracle What data costs on a rollup; 0 where it costs nothing.
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

    /// @notice A record was booked on the terms it had. Handler, payer, priority and effort are those of the
    /// `Scheduled` or `Reserved` before.
    event Rearmed(uint256 indexed id, uint40 timestamp, uint72 fee);

    /// @notice A record was made without a booking, or its terms were changed.
    event Reserved(
        uint256 indexed number, address indexed handler, address indexed payer, Priority priority, uint24 effort
    );

    /// @notice A handler was called.
    /// @param executor Who is paid.
    /// @param ok Whether the handler ended well.
    /// @param gasUsed Gas that is paid for.
    /// @param paid Wei for the executor.
    /// @param refunded Wei for the payer's account.
    event Executed(
        uint256 indexed id, address indexed executor, bool ok, uint256 gasUsed, uint256 paid, uint256 refunded
    );

    /// @notice A handler reverted; it is paid for all the same.
    /// @param reasonHead The first 32 bytes of its reason.
    event ExecutionFailed(uint256 indexed id, bytes32 reasonHead);

    /// @notice A handler took its booking back.
    event Canceled(uint256 indexed id, uint256 returned, uint256 kept);

    /// @notice A fee was raised, by a gift or by the handler.
    event FeeRaised(uint256 indexed id, address indexed from, uint72 fee);

    /// @notice A booking that nobody executed in time was cleared away.
    event Expired(uint256 indexed id, address indexed by, uint256 returned, uint256 reward);

    /// @notice Money came into an account from outside.
    event Deposited(address indexed owner, address indexed spender, uint256 amount);

    /// @notice Money left an account to the outside.
    event Withdrawn(address indexed owner, address indexed spender, address indexed to, uint256 amount);

    /// @notice An owner set what a spender may use.
    event SpenderSet(address indexed owner, address indexed spender, uint40 perRun, uint40 perDay);

    /// @notice Prices of future bookings were set.
    event PricesSet(Prices prices);

    /// @notice Capacity for future bookings was set.
    event CapacitySet(Capacity capacity);

    /// @notice No new bookings until further notice.
    event Paused(address indexed account);

    /// @notice New bookings again.
    event Unpaused(address indexed account);

    /// @notice A booking is not possible as asked for.
    error TransactionScheduler_Refused(Refusal refusal);

    /// @notice What was paid is less than the fee.
    error TransactionScheduler_InsufficientFee(uint256 required, uint256 given);

    /// @notice The account has less than the fee.
    error TransactionScheduler_InsufficientFunds(uint256 required, uint256 available);

    /// @notice The fee is above what the owner lets the spender use, for one booking or now.
    error TransactionScheduler_AboveCap(uint256 required, uint256 allowed);

    /// @notice The booking is not due yet.
    error TransactionScheduler_NotDue(uint256 timestamp, uint256 dueAt);

    /// @notice The booking has expired, or has not when it should have.
    error TransactionScheduler_Expiry(uint256 timestamp, uint256 expiresAt);

    /// @notice The booking is not waiting.
    error TransactionScheduler_NotScheduled(uint256 id, Status status);

    /// @notice There is a booking in the record already.
    error TransactionScheduler_AlreadyScheduled(uint256 id);

    /// @notice The caller's gas is not enough to give the handler its effort and to settle.
    error TransactionScheduler_InsufficientGas(uint256 required, uint256 left);

    /// @notice The caller did not book this.
    error TransactionScheduler_NotHandler(address caller);

    /// @notice The data is not what was booked.
    error TransactionScheduler_OtherData();

    /// @notice Lists of different lengths, or more than 256 bookings.
    error TransactionScheduler_InvalidBatch(uint256 ids, uint256 datas);

    /// @notice Executing while executing.
    error TransactionScheduler_Reentrancy();

    /// @notice The account has less than is to be withdrawn, or more was deposited than fits.
    error TransactionScheduler_InvalidAmount(uint256 amount, uint256 limit);

    /// @notice The receiver does not take the money.
    error TransactionScheduler_TransferFailed(address to);

    /// @notice Prices, capacity, caps or terms are out of range.
    error TransactionScheduler_InvalidParameters();

    /// @notice Books a call of the caller.
    /// @dev Who: any contract, for itself. With value that is the fee, as a whole; without, the fee as computed is
    /// taken from the account of `request.payer` for the caller. Emits `Scheduled`. Reverts with
    /// `TransactionScheduler_Refused`, `TransactionScheduler_InsufficientFee` (value), and
    /// `TransactionScheduler_InsufficientFunds` and `TransactionScheduler_AboveCap` (account).
    /// @param data What the handler will be given; only its hash is kept.
    /// @return id The booking.
    /// @return timestamp When it is due: as requested, or later where capacity is used up.
    function schedule(Request calldata request, bytes calldata data)
        external
        payable
        returns (uint256 id, uint40 timestamp);

    /// @notice Makes a recurring record without booking it.
    /// @dev Who: any contract, for itself. Emits `Reserved`. Reverts with `TransactionScheduler_Refused` for effort out
    /// of bounds.
    /// @param payer Owner of the account that pays, and that gets back what is left over. The spender is the caller.
    function reserve(Priority priority, uint24 effort, address payer) external returns (uint256 number);

    /// @notice Changes the terms of a recurring record in which nothing is booked.
    /// @dev Who: the record's handler. Emits `Reserved`. Reverts with `TransactionScheduler_NotHandler`,
    /// `TransactionScheduler_AlreadyScheduled`, also while it is executed, and as `reserve` does.
    function amend(uint256 number, Priority priority, uint24 effort, address payer) external;

    /// @notice Books a recurring record on the terms it has: while its handler is called for it, or when nothing is
    /// booked in it. What is booked in it and has expired is cleared away, without a reward.
    /// @dev Who: the record's handler. Pays as `schedule` does. Emits `Rearmed`, and `Expired`. Reverts as `schedule`
    /// does, with `TransactionScheduler_NotHandler`, and with `TransactionScheduler_AlreadyScheduled` where it is
    /// booked, or was rearmed during this execution already.
    /// @return id The booking, of the next generation.
    /// @return booked When it is due: as asked for, or later where capacity is used up.
    function rearm(uint256 number, uint40 timestamp, uint16 marginBps)
        external
        payable
        returns (uint256 id, uint40 booked);

    /// @notice Executes a booking that is due: calls its handler with exactly its effort as gas, and pays the executor.
    /// @dev Who: anybody. A handler that reverts changes nothing of that. Emits `Executed`, and `ExecutionFailed` where
    /// it reverted. Reverts with `TransactionScheduler_NotScheduled`, `TransactionScheduler_NotDue`,
    /// `TransactionScheduler_Expiry`, `TransactionScheduler_OtherData`, `TransactionScheduler_InsufficientGas`,
    /// `TransactionScheduler_Reentrancy`; nothing has happened then.
    /// @param data What was given when it was booked.
    /// @param rewardTo Whose account is credited; 0 is the caller's.
    /// @return ok Whether the handler ended well.
    function execute(uint256 id, bytes calldata data, address rewardTo) external returns (bool ok);

    /// @notice Executes a booking without data, for the caller's account: the same with less to send.
    /// @dev Who: anybody. Emits and reverts as `execute` does.
    /// @return ok Whether the handler ended well.
    function executePlain(uint256 id) external returns (bool ok);

    /// @notice Executes several. What is not due, not there or not given its data is left out, and so is what there is
    /// not gas enough for, with all that follows.
    /// @dev Who: anybody. Emits as `execute` does. Reverts with `TransactionScheduler_InvalidBatch`,
    /// `TransactionScheduler_Reentrancy`.
    /// @param datas Data of each; an empty list where none has any.
    /// @return executed Which were executed, the first in the lowest bit.
    function executeBatch(uint256[] calldata ids, bytes[] calldata datas, address rewardTo)
        external
        returns (uint256 executed);

    /// @notice Takes a booking back.
    /// @dev Who: its handler. Emits `Canceled`. Reverts with `TransactionScheduler_NotHandler`,
    /// `TransactionScheduler_NotScheduled`, also while it is executed.
    /// @return returned Wei for the payer's account.
    function cancel(uint256 id) external returns (uint256 returned);

    /// @notice Adds to a booking's fee. What is left over goes to its payer.
    /// @dev Who: anybody. Emits `FeeRaised`. Reverts with `TransactionScheduler_NotScheduled`.
    function topUp(uint256 id) external payable;

    /// @notice Raises a booking's fee to what it would be now, from the account that paid. Lower it never gets.
    /// @dev Who: its handler. The whole fee is within the cap of a run. Emits `FeeRaised`. Reverts as `schedule` does
    /// where it pays, with
    /// `TransactionScheduler_NotHandler` and `TransactionScheduler_NotScheduled`.
    /// @return fee What is in escrow now.
    function raiseFee(uint256 id, uint16 marginBps) external returns (uint72 fee);

    /// @notice Clears a booking away that nobody executed in time. The fee returns to its payer, less a fixed reward.
    /// @dev Who: anybody. Emits `Expired`. Reverts with `TransactionScheduler_NotScheduled`,
    /// `TransactionScheduler_Expiry`.
    function expire(uint256 id) external;

    /// @notice Puts money into an account.
    /// @dev Who: anybody. Emits `Deposited`. Reverts with `TransactionScheduler_InvalidAmount` where it does not fit.
    function deposit(address owner, address spender) external payable;

    /// @notice Takes money out of the caller's account for `spender`.
    /// @dev Who: the owner; pausing does not stop it. Emits `Withdrawn`. Reverts with
    /// `TransactionScheduler_InvalidAmount`, `TransactionScheduler_TransferFailed`.
    function withdraw(address spender, address to, uint256 amount) external;

    /// @notice Sets what a spender may use of the caller's account for it. Both 0 lets it use nothing, or everything
    /// where it is the caller.
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

    /// @notice Stops new bookings. What is booked is executed, cancelled and paid as ever.
    /// @dev Who: the guardian's role. Emits `Paused`.
    function pause() external;

    /// @notice Lets new bookings be made.
    /// @dev Who: the configurator's role. Emits `Unpaused`.
    function unpause() external;

    /// @notice Which of a range of records are due: `checkData` is the first number, how many, and who is paid,
    /// encoded; or empty: the first 100, and whoever performs.
    /// @dev `performData` is a list of ids and who is paid. Bookings with data are not found this way.
    /// @inheritdoc IAutomationCompatible
    function checkUpkeep(bytes calldata checkData) external returns (bool upkeepNeeded, bytes memory performData);

    /// @notice What a booking would cost now, when it would be due, and why it is not possible. Never reverts.
    /// @dev The fee is exactly what `schedule` requires in the same block; a margin comes on top.
    function estimate(uint40 timestamp, Priority priority, uint24 effort, uint256 dataLength)
        external
        view
        returns (uint72 fee, uint40 slot, Refusal refusal);

    /// @notice What a booking would cost now, without looking whether it is possible.
    function calculateFee(Priority priority, uint24 effort, uint256 dataLength) external view returns (uint72 fee);

    /// @notice What executing a booking now, alone, at the present base fee with the highest tip, would pay for a
    /// handler that uses all of its effort; 0 where it is not due.
    function payoutOf(uint256 id) external view returns (uint256);

    /// @notice What executing a booking now would pay for a handler that uses `handlerGas`, at `gasPrice`, in a batch
    /// of `count`; 0 where it is not due.
    function payoutFor(uint256 id, uint256 handlerGas, uint256 gasPrice, uint256 count) external view returns (uint256);

    /// @notice Where a booking stands. Once ended it never changes.
    function statusOf(uint256 id) external view returns (Status);

    /// @notice A booking; of one that has ended, what is still known.
    function transactionOf(uint256 id) external view returns (Transaction memory);

    /// @notice The present booking of a record, ended or not, and what it is. 0 where nothing was booked yet.
    function bookingOf(uint256 number) external view returns (uint256 id, Transaction memory booking);

    /// @notice What `rearm` would take for a record now, without a look at whether it is possible.
    function rearmFee(uint256 number, uint16 marginBps) external view returns (uint72 fee);

    /// @notice Whether something is booked in a record: waiting and not expired, or being executed.
    function isBooked(uint256 number) external view returns (bool);

    /// @notice Bookings that wait, of the records from `first` on, looking at `count` of them.
    /// @return ids The bookings, in order of their numbers.
    /// @return next Where to go on; 0 at the end.
    function pending(uint256 first, uint256 count) external view returns (uint256[] memory ids, uint256 next);

    /// @notice Number of records made so far, which is the highest number.
    function records() external view returns (uint256);

    /// @notice The booking whose handler is being called; 0 when there is none.
    function executing() external view returns (uint256 id);

    /// @notice What an owner lets a spender use, brought up to date.
    function accountOf(address owner, address spender) external view returns (Account memory);

    /// @notice What a spender could use for one booking now: balance and caps.
    function availableTo(address owner, address spender) external view returns (uint256);

    /// @notice What future bookings cost.
    function prices() external view returns (Prices memory);

    /// @notice How much effort fits into a slot of time.
    function capacity() external view returns (Capacity memory);

    /// @notice Whether new bookings are stopped.
    function paused() external view returns (bool);

    /// @notice Terms of payment.
    function terms() external view returns (Terms memory);
}
