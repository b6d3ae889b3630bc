// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {IL1FeeOracle} from "../interfaces/external/IL1FeeOracle.sol";
import {BookingWords} from "../libraries/BookingWords.sol";
import {Bps} from "../libraries/Bps.sol";
import {SetupWords} from "../libraries/SetupWords.sol";

/// @title Fees of bookings, and payments for their execution
/// @dev The terms of executors' pay are immutable. The prices of future bookings are one slot, with everything else
/// that each booking reads.
abstract contract SchedulerTerms is ITransactionScheduler, AccessManaged {
    using BookingWords for uint256;
    using SetupWords for uint256;

    /// @dev Most bytes of data.
    uint256 internal constant MAX_DATA = 1_024;
    /// @dev Gas of a byte of data that is not zero.
    uint256 internal constant GAS_PER_BYTE = 16;
    /// @dev Bytes of a transaction that executes one booking, besides its data, for a rollup's data fee.
    uint256 private constant TRANSACTION_BYTES = 250;
    /// @dev Bytes that each further booking of a batch adds: its id.
    uint256 private constant BOOKING_BYTES = 32;
    /// @dev Gas for settling, besides the part that a handler's call leaves.
    uint256 internal constant RESERVE = 80_000;
    /// @dev Gas of a transaction before its first execution begins: its base cost, and its call's data.
    uint256 private constant ENTRY_GAS = 27_000;
    /// @dev Most gas of a transaction (EIP-7825).
    uint256 private constant TRANSACTION_GAS_CAP = 1 << 24;

    uint256 private _setup;

    bool private immutable _flat;
    uint16 private immutable _refundBps;
    uint64 private immutable _tipCap;
    uint16 private immutable _premiumBps;
    uint16 private immutable _latePremiumBps;
    uint32 private immutable _rampMedium;
    uint32 private immutable _rampLow;
    uint32 internal immutable _transactionGas;
    uint32 internal immutable _settlementGas;
    uint24 private immutable _minEffort;
    uint24 private immutable _maxEffort;
    uint32 internal immutable _lifetime;
    uint64 internal immutable _expiryReward;
    address internal immutable _treasury;
    address private immutable _l1FeeOracle;

    constructor(Terms memory given) {
        bool sound = given.refundBps <= Bps.ONE && given.premiumBps <= Bps.ONE && given.latePremiumBps <= Bps.ONE
            && given.minEffort <= given.maxEffort && given.lifetime != 0 && given.treasury != address(0)
            && _gasFor(given.maxEffort) + Math.max(ENTRY_GAS, given.transactionGas) <= TRANSACTION_GAS_CAP;
        require(sound, TransactionScheduler_InvalidParameters());
        (_flat, _refundBps, _tipCap) = (given.flat, given.refundBps, given.tipCap);
        (_premiumBps, _latePremiumBps) = (given.premiumBps, given.latePremiumBps);
        (_rampMedium, _rampLow) = (given.rampMedium, given.rampLow);
        (_transactionGas, _settlementGas) = (given.transactionGas, given.settlementGas);
        (_minEffort, _maxEffort) = (given.minEffort, given.maxEffort);
        (_lifetime, _expiryReward) = (given.lifetime, given.expiryReward);
        (_treasury, _l1FeeOracle) = (given.treasury, given.l1FeeOracle);
    }

    /// @inheritdoc ITransactionScheduler
    function setPrices(Prices calldata newPrices) external restricted {
        _setPrices(newPrices);
    }

    /// @inheritdoc ITransactionScheduler
    function pause() external restricted {
        _setup = _setup.withPaused(true);
        emit Paused(msg.sender);
    }

    /// @inheritdoc ITransactionScheduler
    function unpause() external restricted {
        _setup = _setup.withPaused(false);
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc ITransactionScheduler
    function calculateFee(Priority priority, uint24 effort, uint256 dataLength) external view returns (uint72) {
        return _feeOf(_setup, priority, effort, dataLength);
    }

    /// @inheritdoc ITransactionScheduler
    function prices() external view returns (Prices memory) {
        return _setup.pricesOf();
    }

    /// @inheritdoc ITransactionScheduler
    function paused() external view returns (bool) {
        return _setup.isPaused();
    }

    /// @inheritdoc ITransactionScheduler
    function records() public view returns (uint256) {
        return _setup.recordsOf();
    }

    /// @inheritdoc ITransactionScheduler
    function terms() external view returns (Terms memory told) {
        (told.flat, told.refundBps, told.tipCap) = (_flat, _refundBps, _tipCap);
        (told.premiumBps, told.latePremiumBps) = (_premiumBps, _latePremiumBps);
        (told.rampMedium, told.rampLow) = (_rampMedium, _rampLow);
        (told.transactionGas, told.settlementGas) = (_transactionGas, _settlementGas);
        (told.minEffort, told.maxEffort) = (_minEffort, _maxEffort);
        (told.lifetime, told.expiryReward) = (_lifetime, _expiryReward);
        (told.treasury, told.l1FeeOracle) = (_treasury, _l1FeeOracle);
    }

    function _setPrices(Prices memory given) internal {
        bool sound = given.low >= Bps.ONE && given.medium > given.low && given.high > given.medium;
        require(sound, TransactionScheduler_InvalidParameters());
        _setup = _setup.withPrices(given);
        emit PricesSet(given);
    }

    /// @dev A new record's number.
    function _nextRecord() internal returns (uint256) {
        uint256 setup = _setup.withRecord();
        _setup = setup;
        return setup.recordsOf();
    }

    function _setLimited(bool limited) internal {
        _setup = _setup.withLimited(limited);
    }

    function _readSetup() internal view returns (uint256) {
        return _setup;
    }

    /// @dev The fee without a margin. A fee that does not fit is capped at the maximum.
    function _feeOf(uint256 setup, Priority priority, uint256 effort, uint256 dataLength)
        internal
        view
        returns (uint72)
    {
        uint256 fee;
        unchecked {
            uint256 gas = uint256(_transactionGas) + _settlementGas + effort + GAS_PER_BYTE * dataLength;
            fee = (setup.costOf(gas, priority, block.basefee) + Bps.ONE - 1) / Bps.ONE + setup.inclusionFeeOf();
        }
        if (_l1FeeOracle != address(0)) fee += _dataFee(dataLength, 1);
        return fee < type(uint72).max ? uint72(fee) : type(uint72).max;
    }

    /// @dev The fee with a margin, rounded up.
    function _feeWithMargin(uint256 setup, Priority priority, uint256 effort, uint256 dataLength, uint256 marginBps)
        internal
        view
        returns (uint256 fee)
    {
        unchecked {
            fee = (_feeOf(setup, priority, effort, dataLength) * marginBps + Bps.ONE - 1) / Bps.ONE;
        }
        if (fee > type(uint72).max) fee = type(uint72).max;
    }

    /// @dev At most the fee, and at most a function of the base fee and of the gas really used.
    /// @param count Number of bookings that share the transaction, and so its data fee on a rollup.
    function _payout(
        BookingWords.Booking memory booking,
        uint256 gasUsed,
        uint256 dataLength,
        uint256 gasPrice,
        uint256 count
    ) internal view returns (uint256 paid) {
        uint256 fee = booking.second.fee();
        if (_flat) return fee;
        unchecked {
            uint256 price = block.basefee + _tipCap;
            if (gasPrice < price) price = gasPrice;
            paid = gasUsed * price;
            if (_l1FeeOracle != address(0)) paid += _dataFee(dataLength, count);
            paid = paid * _premiumOf(booking.first) / Bps.ONE;
        }
        // The premium grows with time, as in an auction: the executor chooses when, and the fee is the maximum.
        // slither-disable-next-line timestamp
        if (paid > fee) paid = fee;
    }

    /// @dev Part of a fee that is returned when its booking is cancelled.
    function _returnOf(uint256 fee) internal view returns (uint256) {
        return fee * _refundBps / Bps.ONE;
    }

    /// @dev Whether effort is within bounds.
    function _isEffort(uint256 effort) internal view returns (bool) {
        return effort >= _minEffort && effort <= _maxEffort;
    }

    function _highestPrice() internal view returns (uint256) {
        return block.basefee + _tipCap;
    }

    /// @dev Cost plus premium as a factor, for a booking that is due.
    function _premiumOf(uint256 first) private view returns (uint256 premium) {
        unchecked {
            premium = Bps.ONE + _premiumBps;
            Priority priority = first.priority();
            uint256 ramp = priority == Priority.Medium ? _rampMedium : _rampLow;
            uint256 late = block.timestamp - first.timestamp();
            // As above.
            // slither-disable-next-line timestamp
            if (priority == Priority.High || late >= ramp) return premium + _latePremiumBps;
            premium += _latePremiumBps * late / ramp;
        }
    }

    /// @dev Gas that must be left for a handler to get its effort: a call gets at most 63 parts in 64 of the remaining
    /// gas.
    function _gasFor(uint256 effort) internal pure returns (uint256) {
        unchecked {
            return effort + effort / 63 + RESERVE;
        }
    }

    /// @dev One booking's part of a rollup's data fee for a transaction with `count` bookings, all with as much data as
    /// this one. The rollup's own contract, fixed at deployment, returns a number.
    function _dataFee(uint256 dataLength, uint256 count) private view returns (uint256) {
        uint256 size = TRANSACTION_BYTES + BOOKING_BYTES * (count - 1) + dataLength * count;
        // slither-disable-next-line calls-loop
        return Math.ceilDiv(IL1FeeOracle(_l1FeeOracle).getL1FeeUpperBound(size), count);
    }
}
