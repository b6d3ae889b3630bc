// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAsyncVenue} from "../interfaces/IAsyncVenue.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Bps} from "../libraries/Bps.sol";

/// @title What a portfolio holds, on which terms, and what it is worth
/// @dev Terms are kept by asset, in one slot, and venues apart, since not every asset has one; the list holds the
/// order.
abstract contract Holdings is IPortfolio, AccessManaged, ReentrancyGuardTransient {
    /// @notice A holding as it is stored.
    /// @param place Place in the list, counted from 1; 0 is not on it.
    struct Terms {
        Kind kind;
        bool held;
        uint8 place;
        uint8 shareDecimals;
        uint16 targetBps;
        uint16 maxLossBps;
        uint16 capBps;
        uint96 maxRate;
    }

    /// @dev Bounds the gas of `value`, which every deposit into a vault pays for.
    uint256 private constant MAX_HOLDINGS = 16;
    uint8 private constant LEAST_DECIMALS = 6;
    uint8 private constant MOST_DECIMALS = 18;
    /// @dev Decimals of the settlement token that dust has less.
    uint8 private constant DUST_DECIMALS = 2;
    /// @dev Shares above their maximum rate count at that while they matter for no more than one part in so many.
    uint256 private constant DOUBTFUL_PARTS = 1_000;

    /// @inheritdoc IPortfolio
    address public immutable settlement;
    /// @inheritdoc IPortfolio
    address public immutable oracle;
    /// @inheritdoc IPortfolio
    address public immutable home;
    /// @inheritdoc IPortfolio
    uint256 public immutable dust;

    /// @inheritdoc IPortfolio
    uint16 public settlementTargetBps;
    address[] private _assets;
    mapping(address asset => Terms) private _terms;
    mapping(address asset => address venue) private _venues;

    /// @inheritdoc IPortfolio
    bool public transient inRun;

    modifier notBusy() {
        require(!_reentrancyGuardEntered() && !inRun, Portfolio_Busy());
        _;
    }

    // The settlement token is called right here, which zero would not survive.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address settlement_, address oracle_, address home_) AccessManaged(manager) {
        require(oracle_.code.length != 0, Portfolio_InvalidAddress(oracle_));
        uint8 decimals = IERC20Metadata(settlement_).decimals();
        bool sound = decimals >= LEAST_DECIMALS && decimals <= MOST_DECIMALS;
        require(sound, Portfolio_InvalidAddress(settlement_));
        (settlement, oracle) = (settlement_, oracle_);
        home = home_ == address(0) ? address(this) : home_;
        dust = 10 ** (decimals - DUST_DECIMALS);
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
            _terms[previous[i]].place = 0;
        }
        delete _assets;

        uint256 sumBps = 0;
        for (uint256 i = 0; i < count; ++i) {
            _list(newHoldings[i], i + 1);
            sumBps += newHoldings[i].targetBps;
        }
        settlementTargetBps = _restOf(sumBps, count);

        for (uint256 i = 0; i < previous.length; ++i) {
            Terms memory left = _terms[previous[i]];
            if (left.place != 0) continue;
            require(!left.held, Portfolio_HoldingNotEmpty(previous[i], _balance(previous[i])));
            delete _terms[previous[i]];
            delete _venues[previous[i]];
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
    function writeOff(address asset) external restricted nonReentrant {
        _setHeld(asset, false);
        // Else a purchase of one unit would make the whole balance count again, at a moment of the buyer's choice.
        if (_terms[asset].capBps == 0) return;
        _terms[asset].capBps = 0;
        emit CapLowered(asset, 0);
    }

    /// @inheritdoc IPortfolio
    function reinstate(address asset) external restricted nonReentrant {
        _setHeld(asset, true);
    }

    /// @inheritdoc IPortfolio
    function holds(address asset) external view returns (bool) {
        return _terms[asset].place != 0;
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
    function positions() external view notBusy returns (Position[] memory list) {
        uint256 count = _assets.length;
        list = new Position[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = _positionOf(_assets[i], true);
        }
    }

    /// @inheritdoc IPortfolio
    function value() external view notBusy returns (uint256 sum) {
        uint256 count = _assets.length;
        uint256 doubtful = 0;
        address last = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address asset = _assets[i];
            (uint256 worth, uint256 doubt) = _worthOrMost(asset, _terms[asset]);
            sum += worth;
            if (doubt != 0) (doubtful, last) = (doubtful + doubt, asset);
        }
        if (home == address(this)) sum += _balance(settlement);
        // Reverts, and tells why.
        if (doubtful * DOUBTFUL_PARTS > sum) _worthHeld(last, _terms[last]);
    }

    /// @inheritdoc IPortfolio
    function valueOf(address asset) external view notBusy returns (uint256) {
        return _worthHeld(asset, _termsOf(asset));
    }

    /// @inheritdoc IPortfolio
    function exitValueOf(address asset) external view notBusy returns (uint256) {
        Terms memory terms = _termsOf(asset);
        return _exitWorth(asset, terms, _balance(asset)) + _pending(asset, terms);
    }

    /// @inheritdoc IPortfolio
    function measure(address asset) external view notBusy returns (uint256 balance, uint256 worth) {
        Terms memory terms = _termsOf(asset);
        balance = _balance(asset);
        worth = terms.held ? _worth(asset, terms, balance) + _pending(asset, terms) : 0;
    }

    /// @inheritdoc IPortfolio
    function positionOf(address asset) external view notBusy returns (Position memory) {
        return _positionOf(asset, false);
    }

    /// @inheritdoc IPortfolio
    function widestGap(uint256 portfolioValue, uint256 whole)
        external
        view
        notBusy
        returns (Position memory position, uint256 gap)
    {
        uint256 count = _assets.length;
        for (uint256 i = 0; i < count; ++i) {
            Position memory candidate = _positionOf(_assets[i], true);
            uint256 room = _roomIn(candidate, portfolioValue, whole);
            if (room > gap) (position, gap) = (candidate, room);
        }
    }

    /// @inheritdoc IPortfolio
    function holdingOf(address asset) public view returns (Holding memory) {
        Terms memory terms = _termsOf(asset);
        return
            Holding(asset, terms.kind, terms.targetBps, terms.maxLossBps, terms.capBps, _venues[asset], terms.maxRate);
    }

    function _setHeld(address asset, bool held) internal {
        if (_termsOf(asset).held == held) return;
        _terms[asset].held = held;
        emit HeldSet(asset, held);
    }

    /// @dev What stays on the list keeps its mark, but not another venue while something is pending at the old one.
    function _list(Holding calldata holding, uint256 place) internal {
        address asset = holding.asset;
        Terms memory previous = _terms[asset];
        _requireSound(holding, previous);
        _terms[asset] = Terms({
            kind: holding.kind,
            held: previous.held,
            place: uint8(place),
            shareDecimals: holding.kind == Kind.Venue ? 0 : IERC20Metadata(asset).decimals(),
            targetBps: holding.targetBps,
            maxLossBps: holding.maxLossBps,
            capBps: holding.capBps,
            maxRate: holding.maxRate
        });
        _venues[asset] = holding.venue;
        _assets.push(asset);
    }

    /// @dev The terms of an asset on the list.
    function _termsOf(address asset) internal view returns (Terms memory terms) {
        terms = _terms[asset];
        if (terms.place == 0) revert Portfolio_UnknownAsset(asset);
    }

    /// @dev With `believed`, shares must not be worth more than their maximum rate.
    function _positionOf(address asset, bool believed) internal view returns (Position memory position) {
        Terms memory terms = _termsOf(asset);
        position.asset = asset;
        position.kind = terms.kind;
        position.targetBps = terms.targetBps;
        position.maxLossBps = terms.maxLossBps;
        position.capBps = terms.capBps;
        position.venue = _venueOf(asset, terms);
        position.held = terms.held;
        position.balance = _balance(asset);
        if (!terms.held) return position;
        uint256 worth = believed ? _worth(asset, terms, position.balance) : _exitWorth(asset, terms, position.balance);
        position.value = worth + _pending(asset, terms);
    }

    /// @dev What an ERC-4626 holding can take up to its target and its cap; dust is nothing.
    function _roomIn(Position memory position, uint256 portfolioValue, uint256 whole) internal view returns (uint256) {
        if (position.kind != Kind.Erc4626) return 0;
        uint256 most = Math.min(Bps.partUp(portfolioValue, position.targetBps), Bps.partDown(whole, position.capBps));
        uint256 gap = Math.saturatingSub(most, position.value);
        if (gap < dust) return 0;
        return Math.min(gap, IERC4626(position.asset).maxDeposit(address(this)));
    }

    /// @dev Worth of what is held and of what is pending, if the holding counts.
    function _worthHeld(address asset, Terms memory terms) internal view returns (uint256) {
        return terms.held ? _worth(asset, terms, _balance(asset)) + _pending(asset, terms) : 0;
    }

    /// @dev As `_worthHeld`, but shares above their maximum rate count at that. `doubt` is the lesser of what they
    /// count for and what is left out.
    function _worthOrMost(address asset, Terms memory terms) internal view returns (uint256 worth, uint256 doubt) {
        if (terms.kind != Kind.Erc4626 || !terms.held) return (_worthHeld(asset, terms), 0);
        uint256 balance = _balance(asset);
        worth = _exitWorth(asset, terms, balance);
        uint256 most = Math.ceilDiv(balance * terms.maxRate, 10 ** terms.shareDecimals);
        if (worth > most) (worth, doubt) = (most, Math.min(worth - most, most));
    }

    function _pending(address asset, Terms memory terms) internal view returns (uint256) {
        return terms.kind == Kind.Async ? IAsyncVenue(_venues[asset]).pendingValue(asset) : 0;
    }

    /// @dev Fair value of an amount of an asset, in settlement units. Nothing is worth nothing, at any price. Shares at
    /// more than their maximum rate are not believed.
    function _worth(address asset, Terms memory terms, uint256 amount) internal view returns (uint256 worth) {
        worth = _exitWorth(asset, terms, amount);
        // What is pending is valued at the same rate, with or without shares in hand.
        if (terms.kind == Kind.Async) _requireRate(asset, terms, 10 ** terms.shareDecimals);
        else if (terms.kind == Kind.Erc4626 && amount != 0) _requireBelieved(asset, terms, amount, worth);
    }

    function _requireRate(address asset, Terms memory terms, uint256 unit) internal view {
        _requireBelieved(asset, terms, unit, IERC4626(asset).convertToAssets(unit));
    }

    /// @dev So many shares must not be worth more than their maximum rate.
    function _requireBelieved(address asset, Terms memory terms, uint256 amount, uint256 worth) internal pure {
        // Compared without dividing; rounded up by less than a unit.
        uint256 unit = 10 ** terms.shareDecimals;
        uint256 most = amount * terms.maxRate;
        if (worth * unit >= most + unit) revert Portfolio_RateAboveMaximum(asset, worth, Math.ceilDiv(most, unit));
    }

    /// @dev What an amount of an asset would fetch: as `_worth`, however high the rate of a share.
    function _exitWorth(address asset, Terms memory terms, uint256 amount) internal view returns (uint256) {
        // slither-disable-next-line incorrect-equality
        if (amount == 0) return 0;
        if (terms.kind == Kind.Venue) return IPriceOracle(oracle).convert(asset, settlement, amount);
        // What leaving would pay, fees included, is what a share is worth; asynchronous vaults cannot tell that.
        return
            terms.kind == Kind.Erc4626 ? IERC4626(asset).previewRedeem(amount) : IERC4626(asset).convertToAssets(amount);
    }

    function _venueOf(address asset, Terms memory terms) internal view returns (address) {
        return terms.kind == Kind.Erc4626 ? address(0) : _venues[asset];
    }

    function _balance(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    /// @dev A portfolio of its own holds the settlement token at what the others leave; a vault's tier holds none.
    function _restOf(uint256 sumBps, uint256 count) internal view returns (uint16) {
        bool whole = home == address(this) ? sumBps <= Bps.ONE : sumBps == Bps.ONE || count == 0;
        require(whole, Portfolio_InvalidTargets(sumBps));
        return home == address(this) ? uint16(Bps.ONE - sumBps) : 0;
    }

    function _requireSound(Holding calldata holding, Terms memory previous) internal view {
        address asset = holding.asset;
        // Shares of its own home would be valued by asking for their own value.
        bool sound = asset.code.length != 0 && asset != settlement && asset != home && asset != address(this)
            && previous.place == 0 && holding.maxLossBps <= Bps.MAX_LOSS && holding.capBps <= Bps.ONE;
        bool kept = !previous.held || previous.kind == holding.kind;
        if (kept && previous.kind == Kind.Async && previous.held && _venues[asset] != holding.venue) {
            kept = IAsyncVenue(_venues[asset]).pendingValue(asset) == 0;
        }
        require(sound && kept && _servesKind(holding), Portfolio_InvalidHolding(asset));
    }

    function _servesKind(Holding calldata holding) internal view returns (bool) {
        bool hasVenue = holding.venue.code.length != 0;
        if (holding.kind == Kind.Venue) {
            return hasVenue && holding.maxRate == 0 && _hasFeed(holding.asset) && _hasFeed(settlement);
        }
        bool served = holding.kind == Kind.Async ? hasVenue : holding.venue == address(0);
        return served && holding.maxRate != 0 && IERC4626(holding.asset).asset() == settlement;
    }

    function _hasFeed(address token) internal view returns (bool) {
        return IPriceOracle(oracle).feedOf(token).aggregator != address(0);
    }

    // slither-disable-end calls-loop
}
