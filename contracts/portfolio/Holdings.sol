// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAsyncVenue} from "../interfaces/IAsyncVenue.sol";
import {IHoldingReader} from "../interfaces/IHoldingReader.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Bps} from "../libraries/Bps.sol";
import {HoldingReader} from "./HoldingReader.sol";

/// @title Holdings of a portfolio, with their terms and whether they count
/// @dev Terms are stored by asset, in one slot, and venues separately, since not every asset has one; the list holds
/// the order.
abstract contract Holdings is IPortfolio, AccessManaged, ReentrancyGuardTransient {
    /// @dev Bounds the gas of `value`, which every deposit into a vault pays for.
    uint256 private constant MAX_HOLDINGS = 16;
    uint8 private constant LEAST_DECIMALS = 6;
    uint8 private constant MOST_DECIMALS = 18;
    /// @dev Decimals by which dust is smaller than a settlement token.
    uint8 private constant DUST_DECIMALS = 2;
    /// @dev Place of assets that were on the previous list, while the list is replaced.
    uint8 private constant LEFT_PLACE = type(uint8).max;

    /// @inheritdoc IPortfolio
    address public immutable settlement;
    /// @inheritdoc IPortfolio
    address public immutable oracle;
    /// @inheritdoc IPortfolio
    address public immutable home;
    /// @inheritdoc IPortfolio
    uint256 public immutable dust;
    /// @inheritdoc IPortfolio
    IHoldingReader public immutable reader;

    /// @inheritdoc IPortfolio
    uint16 public settlementTargetBps;
    address[] private _assets;
    mapping(address asset => Terms) private _terms;
    mapping(address asset => address venue) private _venues;
    mapping(address asset => Mark) private _marks;

    /// @inheritdoc IPortfolio
    bool public transient inRun;

    modifier notBusy() {
        require(!_reentrancyGuardEntered() && !inRun, Portfolio_Busy());
        _;
    }

    // The settlement token is called in this constructor, so zero would revert.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address settlement_, address oracle_, address home_) AccessManaged(manager) {
        require(oracle_.code.length != 0, Portfolio_InvalidAddress(oracle_));
        uint8 decimals = IERC20Metadata(settlement_).decimals();
        bool sound = decimals >= LEAST_DECIMALS && decimals <= MOST_DECIMALS;
        require(sound, Portfolio_InvalidAddress(settlement_));
        (settlement, oracle) = (settlement_, oracle_);
        home = home_ == address(0) ? address(this) : home_;
        dust = 10 ** (decimals - DUST_DECIMALS);
        reader = new HoldingReader(settlement, oracle, home, dust);
    }

    // A list has at most MAX_HOLDINGS entries, and a bad one of them must stop the valuation.
    // slither-disable-start calls-loop

    /// @inheritdoc IPortfolio
    function setHoldings(Holding[] calldata newHoldings) external restricted nonReentrant {
        require(!inRun, Portfolio_Busy());
        uint256 count = newHoldings.length;
        require(count <= MAX_HOLDINGS, Portfolio_TooManyHoldings(count, MAX_HOLDINGS));
        address[] memory previous = _assets;
        for (uint256 i = 0; i < previous.length; ++i) {
            _terms[previous[i]].place = LEFT_PLACE;
        }
        delete _assets;

        uint256 sumBps = 0;
        for (uint256 i = 0; i < count; ++i) {
            _list(newHoldings[i], i + 1);
            sumBps += newHoldings[i].targetBps;
        }
        settlementTargetBps = _restOf(sumBps, count);

        for (uint256 i = 0; i < previous.length; ++i) {
            _drop(previous[i]);
        }
        emit HoldingsSet(newHoldings);
    }

    /// @inheritdoc IPortfolio
    function lowerCap(address asset, uint16 capBps) external restricted {
        uint16 current = _termsOf(asset).capBps;
        require(capBps < current, Portfolio_CapNotLowered(asset, capBps, current));
        _terms[asset].capBps = capBps;
        emit CapLowered(asset, capBps);
    }

    /// @inheritdoc IPortfolio
    function markDown(address asset, uint16 keptBps) external restricted nonReentrant {
        require(_isListed(asset), Portfolio_UnknownAsset(asset));
        require(keptBps < Bps.ONE, Portfolio_MarkNotLowered(asset));
        // A holding marked down to zero has an empty mark.
        // slither-disable-next-line uninitialized-local
        Mark memory mark;
        if (keptBps != 0) mark = reader.markDown(asset, keptBps);
        (_terms[asset].marked, _marks[asset]) = (true, mark);
        emit MarkedDown(asset, keptBps, mark);
    }

    /// @inheritdoc IPortfolio
    function liftMark(address asset) external restricted nonReentrant {
        Terms memory terms = _termsOf(asset);
        require(terms.marked, Portfolio_NotMarked(asset));
        reader.requirePrice(asset);
        _terms[asset].marked = false;
        delete _marks[asset];
        emit MarkLifted(asset);
        _setHeld(asset, !_isEmpty(asset, terms));
    }

    /// @inheritdoc IPortfolio
    function holds(address asset) external view returns (bool) {
        return _isListed(asset);
    }

    /// @inheritdoc IPortfolio
    function assets() external view returns (address[] memory) {
        return _assets;
    }

    /// @inheritdoc IPortfolio
    function holdings() external view returns (Holding[] memory list) {
        uint256 count = _assets.length;
        list = new Holding[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = holdingOf(_assets[i]);
        }
    }

    /// @inheritdoc IPortfolio
    function termsOf(address asset) external view returns (Terms memory terms, address venue, Mark memory mark) {
        (terms, venue) = (_terms[asset], _venues[asset]);
        if (terms.marked) mark = _marks[asset];
    }

    // Each of these ends where the reader's answer is returned, and does nothing after it.
    // slither-disable-start incorrect-return

    /// @inheritdoc IPortfolio
    function positions() external view notBusy returns (Position[] memory list) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function positionOf(address) external view notBusy returns (Position memory position) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function gapOf(address, uint256, uint256) external view notBusy returns (uint256 gap) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function value() external view notBusy returns (uint256 sum) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function entryValue() external view notBusy returns (uint256 sum) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function redemptionValue() external view notBusy returns (uint256 sum) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function entryOpen() external view notBusy returns (bool open, address closedBy) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function valueOf(address) external view notBusy returns (uint256 worth) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function exitValueOf(address) external view notBusy returns (uint256 worth) {
        _letReaderAnswer();
    }

    /// @inheritdoc IPortfolio
    function measure(address) external view notBusy returns (uint256 balance, uint256 worth) {
        _letReaderAnswer();
    }

    // slither-disable-end incorrect-return

    /// @inheritdoc IPortfolio
    function holdingOf(address asset) public view returns (Holding memory) {
        Terms memory terms = _termsOf(asset);
        return Holding(
            asset,
            terms.kind,
            terms.targetBps,
            terms.maxLossBps,
            terms.capBps,
            _venues[asset],
            terms.maxRate,
            terms.minRateBps
        );
    }

    function _setHeld(address asset, bool held) internal {
        // Flags, which do not depend on a time or price.
        // slither-disable-next-line incorrect-equality
        if (_termsOf(asset).held == held) return;
        _terms[asset].held = held;
        emit HeldSet(asset, held);
    }

    /// @dev An asset that stays on the list keeps its mark and whether it counts, but cannot change its venue while
    /// something is pending at the old one. Values read when it was listed are not read again.
    function _list(Holding calldata holding, uint256 place) internal {
        address asset = holding.asset;
        Terms memory previous = _terms[asset];
        bool stays = previous.place == LEFT_PLACE && previous.kind == holding.kind;
        _requireSound(holding, previous, stays);
        _terms[asset] = Terms({
            kind: holding.kind,
            held: previous.held,
            place: uint8(place),
            shareDecimals: stays || holding.kind == Kind.Venue
                ? previous.shareDecimals
                : IERC20Metadata(asset).decimals(),
            targetBps: holding.targetBps,
            maxLossBps: holding.maxLossBps,
            capBps: holding.capBps,
            maxRate: holding.maxRate,
            minRateBps: holding.minRateBps,
            marked: previous.marked
        });
        _venues[asset] = holding.venue;
        _assets.push(asset);
    }

    /// @dev Removes an asset from the list, unless it is on the new one too. Its mark stays.
    function _drop(address asset) internal {
        Terms memory terms = _terms[asset];
        if (terms.place != LEFT_PLACE) return;
        if (terms.held && !(terms.marked && _marks[asset].most == 0)) {
            // slither-disable-next-line unused-return
            (, uint256 balance) = reader.balanceOf(asset);
            revert Portfolio_HoldingNotEmpty(asset, balance);
        }
        delete _terms[asset];
        delete _venues[asset];
        _terms[asset].marked = terms.marked;
    }

    /// @dev The terms of an asset on the list.
    function _termsOf(address asset) internal view returns (Terms memory terms) {
        terms = _terms[asset];
        if (terms.place == 0) revert Portfolio_UnknownAsset(asset);
    }

    /// @dev True also for an asset that was marked down and has left the list.
    function _isMarked(address asset) internal view returns (bool) {
        return _terms[asset].marked;
    }

    function _isListed(address asset) internal view returns (bool) {
        return _terms[asset].place != 0;
    }

    /// @dev Whether nothing is left, by balance and book; false where the asset does not answer.
    function _isEmpty(address asset, Terms memory terms) internal view returns (bool) {
        (bool good, uint256 balance) = reader.balanceOf(asset);
        // slither-disable-next-line incorrect-equality
        return good && balance == 0 && _hasNoRequests(asset, terms);
    }

    /// @dev Whether nothing is requested, by the venue's book.
    function _hasNoRequests(address asset, Terms memory terms) internal view returns (bool) {
        if (terms.kind != Kind.Async) return true;
        (uint256 sent, uint256 shares) = IAsyncVenue(_venues[asset]).requested(asset);
        // slither-disable-next-line incorrect-equality
        return sent == 0 && shares == 0;
    }

    function _venueOf(address asset, Terms memory terms) internal view returns (address) {
        return terms.kind == Kind.Erc4626 ? address(0) : _venues[asset];
    }

    function _balance(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    /// @dev A portfolio that stands alone holds the remainder as settlement tokens; a vault's tier holds none.
    function _restOf(uint256 sumBps, uint256 count) internal view returns (uint16) {
        bool whole = home == address(this) ? sumBps <= Bps.ONE : sumBps == Bps.ONE || count == 0;
        require(whole, Portfolio_InvalidTargets(sumBps));
        return home == address(this) ? uint16(Bps.ONE - sumBps) : 0;
    }

    /// @param stays Whether it was on the list before, as the same kind.
    function _requireSound(Holding calldata holding, Terms memory previous, bool stays) internal view {
        address asset = holding.asset;
        // Valuing the home's own shares would need their own value.
        bool sound = asset != settlement && asset != home && asset != address(this)
            && (previous.place == 0 || previous.place == LEFT_PLACE) && (stays || asset.code.length != 0)
            && holding.maxLossBps <= Bps.MAX_LOSS && holding.capBps <= Bps.ONE && holding.minRateBps <= Bps.ONE;
        bool kept = !previous.held || stays;
        if (kept && previous.held && previous.kind == Kind.Async && _venues[asset] != holding.venue) {
            kept = reader.isSettled(asset);
        }
        require(sound && kept && _servesKind(holding, stays), Portfolio_InvalidHolding(asset));
    }

    function _servesKind(Holding calldata holding, bool stays) internal view returns (bool) {
        bool hasVenue = holding.venue.code.length != 0;
        if (holding.kind == Kind.Venue) {
            bool dead = stays && _terms[holding.asset].marked;
            bool priced = dead || _hasFeed(holding.asset) && _hasFeed(settlement);
            return hasVenue && holding.maxRate == 0 && holding.minRateBps == 0 && priced;
        }
        bool served = holding.kind == Kind.Async ? hasVenue : holding.venue == address(0);
        served = served && holding.maxRate != 0 && holding.minRateBps != 0;
        return served && (stays || IERC4626(holding.asset).asset() == settlement);
    }

    /// @dev Passes the call on to the reader, and returns its answer. Ends the call.
    function _letReaderAnswer() private view {
        address target = address(reader);
        assembly ("memory-safe") {
            let place := mload(0x40)
            calldatacopy(place, 0, calldatasize())
            let done := staticcall(gas(), target, place, calldatasize(), 0, 0)
            returndatacopy(place, 0, returndatasize())
            if iszero(done) { revert(place, returndatasize()) }
            return(place, returndatasize())
        }
    }

    function _hasFeed(address token) internal view returns (bool) {
        return IPriceOracle(oracle).feedOf(token).aggregator != address(0);
    }

    // slither-disable-end calls-loop
}
