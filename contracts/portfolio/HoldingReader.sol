// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAsyncVenue} from "../interfaces/IAsyncVenue.sol";
import {IHoldingReader} from "../interfaces/IHoldingReader.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {BoundedCall} from "../libraries/BoundedCall.sol";
import {Bps} from "../libraries/Bps.sol";

/// @title Reads the values of one portfolio's holdings
/// @dev A separate contract only because the portfolio, which deploys it, has no room. Holdings that do not count, and
/// those marked down to zero, are not called by a view of all holdings.
contract HoldingReader is IHoldingReader {
    /// @notice A holding, as the portfolio stores it.
    struct Subject {
        address asset;
        address venue;
        IPortfolio.Terms terms;
        IPortfolio.Mark mark;
    }

    /// @notice Values found for a holding, in settlement units.
    /// @param good Whether it answered.
    /// @param low Whether shares, and their pending requests, pay less than their least rate.
    /// @param balance In the asset's base units.
    /// @param exit Payment of a full exit, pending requests included, at any rate.
    /// @param worth Counted value: as `exit`, with ERC-4626 shares at their maximum rate at most.
    /// @param doubt The lesser of the value left out by that maximum and of the counted value; the maximum number where
    /// an asynchronous vault's rate is above its maximum.
    struct Reading {
        bool good;
        bool low;
        uint256 balance;
        uint256 exit;
        uint256 worth;
        uint256 doubt;
    }

    /// @dev Gas of one call: several times what a vault of ten markets needs to preview a redemption.
    uint256 private constant QUESTION_GAS = 1_000_000;
    /// @dev Gas of the call for the pending value, for which the venue calls the issuer several times.
    uint256 private constant PENDING_GAS = 2_000_000;
    /// @dev Scale of the rates of marks.
    uint256 private constant MARK_SCALE = 1e36;
    /// @dev Most base units that a mark counts, so that no product overflows.
    uint256 private constant MOST_UNITS = type(uint120).max;
    uint256 private constant MOST_WORTH = type(uint128).max;
    /// @dev Shares above their maximum rate count at that rate while they are at most one part in this many of the
    /// total.
    uint256 private constant DOUBTFUL_PARTS = 1_000;

    IPortfolio private immutable _portfolio;
    address private immutable _settlement;
    address private immutable _oracle;
    bool private immutable _standsAlone;
    uint256 private immutable _dust;

    modifier onlyPortfolio() {
        require(msg.sender == address(_portfolio), HoldingReader_NotPortfolio(msg.sender));
        _;
    }

    // The portfolio has checked all of them.
    // slither-disable-next-line missing-zero-check
    constructor(address settlement, address oracle, address home, uint256 dust) {
        (_portfolio, _settlement, _oracle) = (IPortfolio(msg.sender), settlement, oracle);
        (_standsAlone, _dust) = (home == msg.sender, dust);
    }

    // A list has few entries, and each call is bounded.
    // slither-disable-start calls-loop

    /// @notice As `IPortfolio.positions`.
    function positions() external view onlyPortfolio returns (IPortfolio.Position[] memory list) {
        address[] memory assets = _portfolio.assets();
        list = new IPortfolio.Position[](assets.length);
        for (uint256 i = 0; i < assets.length; ++i) {
            list[i] = _positionOf(_subjectOf(assets[i]));
        }
    }

    /// @notice As `IPortfolio.positionOf`.
    function positionOf(address asset) external view onlyPortfolio returns (IPortfolio.Position memory position) {
        Subject memory subject = _listed(asset);
        Reading memory reading = _read(subject, true);
        position = _outlineOf(subject, reading.low);
        position.value = reading.exit;
    }

    /// @notice As `IPortfolio.gapOf`.
    function gapOf(address asset, uint256 portfolioValue, uint256 whole) external view onlyPortfolio returns (uint256) {
        Subject memory subject = _listed(asset);
        if (subject.terms.kind != IPortfolio.Kind.Erc4626 || subject.terms.marked) return 0;
        IPortfolio.Position memory position = _positionOf(subject);
        return position.known ? _roomIn(position, portfolioValue, whole) : 0;
    }

    /// @notice As `IPortfolio.value`.
    function value() external view onlyPortfolio returns (uint256 sum) {
        (sum,,) = _total(true);
    }

    /// @notice As `IPortfolio.redemptionValue`.
    function redemptionValue() external view onlyPortfolio returns (uint256) {
        (uint256 sum,, address low) = _total(true);
        require(low == address(0), IPortfolio.Portfolio_RateBelowMinimum(low));
        return sum;
    }

    /// @notice As `IPortfolio.entryValue`.
    function entryValue() external view onlyPortfolio returns (uint256) {
        (uint256 sum, address closedBy,) = _total(true);
        require(closedBy == address(0), IPortfolio.Portfolio_EntryClosed(closedBy));
        return sum;
    }

    /// @notice As `IPortfolio.entryOpen`.
    function entryOpen() external view onlyPortfolio returns (bool open, address closedBy) {
        (, closedBy,) = _total(false);
        open = closedBy == address(0);
    }

    /// @notice As `IPortfolio.valueOf`.
    function valueOf(address asset) external view onlyPortfolio returns (uint256) {
        Reading memory reading = _read(_listed(asset), true);
        _requireBelieved(asset, reading);
        return reading.worth;
    }

    /// @notice As `IPortfolio.measure`.
    function measure(address asset) external view onlyPortfolio returns (uint256 balance, uint256 worth) {
        Reading memory reading = _read(_listed(asset), true);
        _requireBelieved(asset, reading);
        require(!reading.low, IPortfolio.Portfolio_RateBelowMinimum(asset));
        (, balance) = _balance(asset, true);
        worth = reading.worth;
    }

    /// @notice As `IPortfolio.exitValueOf`.
    function exitValueOf(address asset) external view onlyPortfolio returns (uint256 worth) {
        (, uint256 balance) = _balance(asset, true);
        (, worth) = _exitOf(_listed(asset), balance, true);
    }

    /// @inheritdoc IHoldingReader
    function exitWorth(address asset, uint256 amount) external view onlyPortfolio returns (uint256 worth) {
        (, worth) = _exitWorth(_subjectOf(asset), amount, true);
    }

    /// @inheritdoc IHoldingReader
    function exitOf(address asset, uint256 amount) external view onlyPortfolio returns (uint256 worth) {
        (, worth) = _exitOf(_subjectOf(asset), amount, true);
    }

    /// @inheritdoc IHoldingReader
    function countedOf(address asset) external view onlyPortfolio returns (uint256) {
        return _read(_subjectOf(asset), true).worth;
    }

    /// @inheritdoc IHoldingReader
    function bought(address asset, uint256 received, uint256 pending)
        external
        view
        onlyPortfolio
        returns (uint256 got)
    {
        Subject memory subject = _subjectOf(asset);
        (, got) = _exitWorth(subject, received, true);
        if (subject.terms.kind == IPortfolio.Kind.Venue) return got;
        (uint256 units, uint256 worth) = (received, got);
        // Pending requests are valued at the rate of a whole share, whatever was received.
        if (subject.terms.kind == IPortfolio.Kind.Async) {
            units = _unitOf(subject);
            (, worth) = _exitWorth(subject, units, true);
        }
        uint256 most = _mostOf(subject, units);
        require(worth <= most, IPortfolio.Portfolio_RateAboveMaximum(asset, worth, most));
        require(worth >= _leastOf(subject, units, 0), IPortfolio.Portfolio_RateBelowMinimum(asset));
        (, uint256 waiting) = _exitOf(subject, 0, true);
        got += Math.saturatingSub(waiting, pending);
    }

    /// @inheritdoc IHoldingReader
    function markDown(address asset, uint16 keptBps) external view onlyPortfolio returns (IPortfolio.Mark memory next) {
        Subject memory subject = _subjectOf(asset);
        (bool good, uint256 balance) = _balance(asset, false);
        uint256 units = Math.max(Math.min(balance, MOST_UNITS), _unitOf(subject));
        // The value stays 0 if it cannot be read, and the earlier mark's is kept below.
        // slither-disable-start uninitialized-local
        uint256 worth;
        uint256 whole;
        // slither-disable-end uninitialized-local
        if (good) (good, worth) = _exitWorth(subject, units, false);
        if (good) (good, whole) = _exitOf(subject, balance, false);
        require(good || subject.terms.marked, IPortfolio.Portfolio_MarkNeedsPrice(asset));
        if (subject.terms.kind != IPortfolio.Kind.Venue) worth = Math.min(worth, _mostOf(subject, units));
        next = IPortfolio.Mark(Math.mulDiv(worth, MARK_SCALE, units), uint128(Math.min(whole, MOST_WORTH)), keptBps);
        // A copy, since an assigned struct would share its memory.
        if (!good) (next.rate, next.most) = (subject.mark.rate, subject.mark.most);
        next.rate = Bps.partDown(next.rate, keptBps);
        next.most = uint128(Bps.partDown(next.most, keptBps));
        if (subject.terms.marked) _lower(asset, next, subject.mark);
    }

    /// @inheritdoc IHoldingReader
    function requirePrice(address asset) external view onlyPortfolio {
        _requireBelieved(asset, _readFresh(_subjectOf(asset), true));
    }

    /// @inheritdoc IHoldingReader
    function isSettled(address asset) external view onlyPortfolio returns (bool) {
        Subject memory subject = _subjectOf(asset);
        (bool good, uint256 pending) = _exitOf(subject, 0, false);
        (uint256 assets, uint256 shares) = _requested(subject);
        // Zero is exact here.
        // slither-disable-next-line incorrect-equality
        return good && pending == 0 && assets == 0 && shares == 0;
    }

    /// @inheritdoc IHoldingReader
    function balanceOf(address token) external view onlyPortfolio returns (bool, uint256) {
        return _balance(token, false);
    }

    /// @dev Sum of the counted values, the last holding that closes deposits, and the last one that pays too little.
    function _total(bool strict) private view returns (uint256 sum, address closedBy, address low) {
        address[] memory assets = _portfolio.assets();
        uint256 doubtful = 0;
        address last = address(0);
        for (uint256 i = 0; i < assets.length; ++i) {
            Subject memory subject = _subjectOf(assets[i]);
            Reading memory reading = _read(subject, strict);
            if (subject.terms.marked || !reading.good || reading.low) closedBy = assets[i];
            if (reading.low) low = assets[i];
            sum += reading.worth;
            if (reading.doubt != 0) (doubtful, last) = (doubtful + reading.doubt, assets[i]);
        }
        if (_standsAlone) sum += IERC20(_settlement).balanceOf(address(_portfolio));
        if (doubtful * DOUBTFUL_PARTS <= sum) return (sum, closedBy, low);
        if (strict) _requireBelieved(last, _read(_subjectOf(last), true));
        closedBy = last;
    }

    /// @dev Counted value of a holding for withdrawals: nothing where it is not held, and the lower value where it is
    /// marked down.
    function _read(Subject memory subject, bool strict) private view returns (Reading memory reading) {
        reading.good = true;
        if (!subject.terms.held) return reading;
        if (!subject.terms.marked) return _readFresh(subject, strict);
        reading.worth = _readMarked(subject);
        reading.exit = reading.worth;
    }

    /// @dev As `_read`, whether it is held or not, and without regard to its mark.
    function _readFresh(Subject memory subject, bool strict) private view returns (Reading memory reading) {
        (reading.good, reading.balance) = _balance(subject.asset, strict);
        if (reading.good) (reading.good, reading.exit) = _exitOf(subject, reading.balance, strict);
        reading.worth = reading.exit;
        reading.low = _isLow(subject, reading);
        if (!reading.good || subject.terms.kind == IPortfolio.Kind.Venue) return reading;
        if (subject.terms.kind == IPortfolio.Kind.Async) {
            // Pending requests are valued at the same rate, with or without shares in the portfolio.
            uint256 rate;
            (reading.good, rate) = _exitWorth(subject, _unitOf(subject), strict);
            if (rate > subject.terms.maxRate) reading.doubt = MOST_WORTH;
            return reading;
        }
        uint256 most = _mostOf(subject, reading.balance);
        if (reading.exit > most) (reading.worth, reading.doubt) = (most, Math.min(reading.exit - most, most));
    }

    /// @dev The lower of a holding's marked value and its present value, if that can be read.
    function _readMarked(Subject memory subject) private view returns (uint256 worth) {
        if (subject.mark.most == 0) return 0;
        (bool good, uint256 balance) = _balance(subject.asset, false);
        if (!good) return 0;
        (uint256 assets, uint256 shares) = _requested(subject);
        uint256 units = Math.min(Math.saturatingAdd(balance, shares), MOST_UNITS);
        worth = Math.mulDiv(units, subject.mark.rate, MARK_SCALE) + Bps.partDown(assets, subject.mark.keptBps);
        worth = Math.min(worth, subject.mark.most);
        uint256 fresh;
        (good, fresh) = _exitOf(subject, balance, false);
        if (good && fresh < worth) worth = fresh;
    }

    /// @dev Compares with the value of shares, held and requested, and of waiting assets at the least rate. A holding
    /// that counts but reports no balance at all is too low as well: nothing starts to count without a balance.
    function _isLow(Subject memory subject, Reading memory reading) private view returns (bool) {
        (uint256 assets, uint256 shares) = _requested(subject);
        uint256 units = reading.balance + Math.min(shares, MOST_WORTH);
        // slither-disable-next-line incorrect-equality
        if (units == 0 && assets == 0) return true;
        return reading.exit < _leastOf(subject, units, assets);
    }

    function _positionOf(Subject memory subject) private view returns (IPortfolio.Position memory position) {
        Reading memory reading = _read(subject, false);
        position = _outlineOf(subject, reading.good && reading.low);
        position.known = reading.good && reading.doubt == 0;
        if (position.known) position.value = reading.worth;
    }

    /// @dev Terms and balance of a holding. It is not called where it is marked down to zero.
    function _outlineOf(Subject memory subject, bool low) private view returns (IPortfolio.Position memory position) {
        IPortfolio.Terms memory terms = subject.terms;
        (position.asset, position.kind, position.venue) = (subject.asset, terms.kind, subject.venue);
        (position.targetBps, position.maxLossBps) = (terms.targetBps, terms.maxLossBps);
        (position.held, position.marked, position.known, position.low) = (terms.held, terms.marked, true, low);
        if (!terms.marked && !low) position.capBps = terms.capBps;
        if (!terms.marked || subject.mark.most != 0) (, position.balance) = _balance(subject.asset, false);
    }

    /// @dev Amount that an ERC-4626 holding can take up to its target and its cap; dust counts as nothing.
    function _roomIn(IPortfolio.Position memory position, uint256 portfolioValue, uint256 whole)
        private
        view
        returns (uint256)
    {
        uint256 most = Math.min(Bps.partUp(portfolioValue, position.targetBps), Bps.partDown(whole, position.capBps));
        uint256 gap = Math.saturatingSub(most, position.value);
        if (gap < _dust) return 0;
        bytes memory question = abi.encodeCall(IERC4626.maxDeposit, (address(_portfolio)));
        // A vault that does not answer has no room. An unlimited vault returns the maximum number.
        // slither-disable-next-line unused-return
        (, uint256 room) = BoundedCall.tryRead(position.asset, question, QUESTION_GAS);
        return Math.min(gap, room);
    }

    /// @dev Payment of a full exit from a holding, pending requests included.
    function _exitOf(Subject memory subject, uint256 balance, bool strict)
        private
        view
        returns (bool good, uint256 worth)
    {
        (good, worth) = _exitWorth(subject, balance, strict);
        if (!good || subject.terms.kind != IPortfolio.Kind.Async) return (good, worth);
        bytes memory question = abi.encodeCall(IAsyncVenue.pendingValue, (subject.asset));
        uint256 pending;
        (good, pending) = _ask(subject.venue, question, PENDING_GAS, strict);
        worth += pending;
    }

    function _exitWorth(Subject memory subject, uint256 amount, bool strict) private view returns (bool, uint256) {
        // slither-disable-next-line incorrect-equality
        if (amount == 0) return (true, 0);
        bytes memory question;
        if (subject.terms.kind == IPortfolio.Kind.Venue) {
            question = abi.encodeCall(IPriceOracle.convert, (subject.asset, _settlement, amount));
            return _ask(_oracle, question, QUESTION_GAS, strict);
        }
        // The value of a share is the payment of an exit, fees included; asynchronous vaults cannot report that.
        question = subject.terms.kind == IPortfolio.Kind.Erc4626
            ? abi.encodeCall(IERC4626.previewRedeem, (amount))
            : abi.encodeCall(IERC4626.convertToAssets, (amount));
        return _ask(subject.asset, question, QUESTION_GAS, strict);
    }

    /// @dev Requested and unclaimed amounts, by the venue's own book.
    function _requested(Subject memory subject) private view returns (uint256 assets, uint256 shares) {
        if (subject.terms.kind != IPortfolio.Kind.Async) return (0, 0);
        return IAsyncVenue(subject.venue).requested(subject.asset);
    }

    function _balance(address token, bool strict) private view returns (bool, uint256) {
        return _ask(token, abi.encodeCall(IERC20.balanceOf, (address(_portfolio))), QUESTION_GAS, strict);
    }

    function _listed(address asset) private view returns (Subject memory subject) {
        subject = _subjectOf(asset);
        require(subject.terms.place != 0, IPortfolio.Portfolio_UnknownAsset(asset));
    }

    function _subjectOf(address asset) private view returns (Subject memory subject) {
        subject.asset = asset;
        (subject.terms, subject.venue, subject.mark) = _portfolio.termsOf(asset);
    }

    // slither-disable-end calls-loop

    function _ask(address target, bytes memory question, uint256 gasLimit, bool strict)
        private
        view
        returns (bool good, uint256 answer)
    {
        if (strict) (good, answer) = (true, BoundedCall.read(target, question, gasLimit));
        else (good, answer) = BoundedCall.tryRead(target, question, gasLimit);
        if (answer <= MOST_WORTH) return (good, answer);
        require(!strict, BoundedCall.BoundedCall_NoAnswer(target));
        return (false, 0);
    }

    /// @dev Keeps the lesser of the next mark and the present one.
    function _lower(address asset, IPortfolio.Mark memory next, IPortfolio.Mark memory present) private pure {
        bool lowered = present.most != 0 && next.rate < present.rate;
        require(lowered, IPortfolio.Portfolio_MarkNotLowered(asset));
        if (present.most < next.most) next.most = present.most;
        if (present.keptBps < next.keptBps) next.keptBps = present.keptBps;
    }

    /// @dev Refuses shares above their maximum rate.
    function _requireBelieved(address asset, Reading memory reading) private pure {
        bool believed = reading.doubt == 0;
        require(believed, IPortfolio.Portfolio_RateAboveMaximum(asset, reading.exit, reading.worth));
    }

    /// @dev Value of shares at their maximum rate, rounded up.
    function _mostOf(Subject memory subject, uint256 amount) private pure returns (uint256) {
        return Math.ceilDiv(amount * subject.terms.maxRate, _unitOf(subject));
    }

    /// @dev Least payment for shares and waiting assets, less the units that an honest strategy loses to rounding: a
    /// tiny amount is never too low.
    function _leastOf(Subject memory subject, uint256 amount, uint256 assets) private pure returns (uint256) {
        uint256 most = amount * subject.terms.maxRate / _unitOf(subject) + assets;
        return Math.saturatingSub(Bps.partDown(most, subject.terms.minRateBps), Bps.ROUNDING);
    }

    /// @dev A whole share; a base unit of an asset that trades in a venue.
    function _unitOf(Subject memory subject) private pure returns (uint256) {
        return 10 ** subject.terms.shareDecimals;
    }
}
