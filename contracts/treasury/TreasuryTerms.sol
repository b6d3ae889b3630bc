// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IBridgeRoute} from "../interfaces/IBridgeRoute.sol";
import {IKillSwitch} from "../interfaces/IKillSwitch.sol";
import {IPlanLedger} from "../interfaces/IPlanLedger.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {Bps} from "../libraries/Bps.sol";
import {RateLimits} from "../security/RateLimits.sol";

/// @title Assets, routes, lanes and venues of the treasury
/// @dev Assets and routes are added permanently, and a lane keeps its treasury: transfers in transit name them.
abstract contract TreasuryTerms is ITreasury, RateLimits {
    using SafeERC20 for IERC20;

    uint8 private constant LEAST_DECIMALS = 6;
    uint8 private constant MOST_DECIMALS = 18;
    uint16 private constant MAX_LANE_FEE = 500;
    /// @dev Bounds the gas of the views.
    uint256 private constant MAX_VENUES = 8;
    uint32 private constant MAX_PLAN_LIFE = 7 days;

    /// @inheritdoc ITreasury
    address public immutable ledger;
    /// @inheritdoc ITreasury
    address public immutable killSwitch;

    /// @inheritdoc ITreasury
    bool public pausedHere;
    /// @dev Pauses of this treasury alone.
    uint32 private _pauses;
    Bands internal _bands;
    mapping(bytes32 name => Asset) internal _assets;
    mapping(address token => bytes32 name) internal _nameOf;
    mapping(address venue => Venue) internal _venues;
    // Lists are pushed to through a storage pointer.
    // slither-disable-next-line uninitialized-state
    mapping(bytes32 asset => address[]) internal _venueLists;
    /// @inheritdoc ITreasury
    mapping(bytes32 asset => mapping(bytes32 name => address)) public routeOf;
    mapping(address route => mapping(uint256 chain => Lane)) internal _lanes;

    // Zero has no code.
    // slither-disable-next-line missing-zero-check
    constructor(address ledger_, address killSwitch_, Bands memory bands_) {
        require(ledger_.code.length != 0, Treasury_InvalidLedger(ledger_));
        require(killSwitch_.code.length != 0, Treasury_InvalidKillSwitch(killSwitch_));
        (ledger, killSwitch) = (ledger_, killSwitch_);
        _setBands(bands_);
    }

    /// @inheritdoc ITreasury
    function addAsset(bytes32 name, address token) external restricted {
        bool free = name != 0 && _assets[name].token == address(0) && _nameOf[token] == 0;
        require(free && token.code.length != 0, Treasury_InvalidAsset(name, token));
        uint8 decimals = IERC20Metadata(token).decimals();
        require(decimals >= LEAST_DECIMALS && decimals <= MOST_DECIMALS, Treasury_InvalidAsset(name, token));
        _assets[name] = Asset(token, decimals);
        _nameOf[token] = name;
        emit AssetAdded(name, token, decimals);
    }

    /// @inheritdoc ITreasury
    function addRoute(bytes32 asset, bytes32 name, address route) external restricted {
        address token = _asset(asset).token;
        require(name != 0 && routeOf[asset][name] == address(0), Treasury_InvalidRoute(name, route));
        bool fits = IBridgeRoute(route).treasury() == address(this) && IBridgeRoute(route).token() == token;
        require(fits, Treasury_InvalidRoute(name, route));
        routeOf[asset][name] = route;
        emit RouteAdded(asset, name, route);
    }

    /// @inheritdoc ITreasury
    function setLane(address route, uint256 chain, Lane calldata lane) external restricted {
        Lane memory old = _lanes[route][chain];
        bool sound = lane.treasury != address(0) && chain != 0 && chain != block.chainid
            && lane.decimals >= LEAST_DECIMALS && lane.decimals <= MOST_DECIMALS && lane.maxFeeBps <= MAX_LANE_FEE
            && lane.least <= lane.most;
        bool same = old.treasury == address(0) || (old.treasury == lane.treasury && old.decimals == lane.decimals);
        require(sound && same, Treasury_InvalidLane(route, chain));
        _setLane(route, chain, lane);
    }

    /// @inheritdoc ITreasury
    function closeLane(address route, uint256 chain) external restricted {
        Lane memory lane = _lanes[route][chain];
        require(lane.treasury != address(0), Treasury_InvalidLane(route, chain));
        lane.open = false;
        _setLane(route, chain, lane);
    }

    /// @inheritdoc ITreasury
    function setVenue(address venue, Venue calldata terms) external restricted {
        address token = _asset(terms.asset).token;
        bytes32 old = _venues[venue].asset;
        bool sound = terms.maxLossBps <= Bps.MAX_LOSS && (old == 0 || old == terms.asset);
        require(sound && IERC4626(venue).asset() == token, Treasury_InvalidVenue(venue));
        if (old == 0) {
            address[] storage list = _venueLists[terms.asset];
            require(list.length < MAX_VENUES, Treasury_InvalidVenue(venue));
            list.push(venue);
        }
        _setVenue(venue, terms);
    }

    /// @inheritdoc ITreasury
    function closeVenue(address venue) external restricted {
        Venue memory terms = _venue(venue);
        terms.open = false;
        _setVenue(venue, terms);
    }

    /// @inheritdoc ITreasury
    function removeVenue(address venue) external restricted {
        address[] storage list = _venueLists[_venue(venue).asset];
        uint256 place = 0;
        // It is on the list, by its stored terms.
        while (list[place] != venue) ++place;
        list[place] = list[list.length - 1];
        list.pop();
        delete _venues[venue];
        emit VenueRemoved(venue);
    }

    /// @inheritdoc ITreasury
    function setBands(Bands calldata newBands) external restricted {
        _setBands(newBands);
    }

    /// @inheritdoc ITreasury
    function lowerBands(Bands calldata newBands) external restricted {
        Bands memory old = _bands;
        bool lower = newBands.singleAbove <= old.singleAbove && newBands.dualAbove <= old.dualAbove
            && newBands.maxPlanLife <= old.maxPlanLife;
        require(lower, Treasury_InvalidBands());
        _setBands(newBands);
    }

    /// @inheritdoc ITreasury
    function cancelPlan(bytes32 planHash) external restricted {
        IPlanLedger(ledger).cancel(planHash);
    }

    /// @inheritdoc ITreasury
    function voidNonce(address keeper, uint256 nonce) external restricted {
        IPlanLedger(ledger).voidNonce(keeper, nonce);
    }

    /// @inheritdoc ITreasury
    function pause() external restricted {
        require(!pausedHere, Treasury_Paused());
        (pausedHere, _pauses) = (true, _pauses + 1);
        emit Paused(msg.sender, epoch());
    }

    /// @inheritdoc ITreasury
    function unpause() external restricted {
        require(pausedHere, Treasury_NotPaused());
        pausedHere = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc ITreasury
    function release(address token, address to, uint256 amount) external restricted {
        emit Released(token, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc ITreasury
    function assetOf(bytes32 name) external view returns (Asset memory) {
        return _assets[name];
    }

    /// @inheritdoc ITreasury
    function laneOf(address route, uint256 chain) external view returns (Lane memory) {
        return _lanes[route][chain];
    }

    /// @inheritdoc ITreasury
    function venueOf(address venue) external view returns (Venue memory) {
        return _venues[venue];
    }

    /// @inheritdoc ITreasury
    function bands() external view returns (Bands memory) {
        return _bands;
    }

    /// @inheritdoc ITreasury
    function approvalsFor(uint256 size) public view returns (uint256) {
        if (size > _bands.dualAbove) return 2;
        return size > _bands.singleAbove ? 1 : 0;
    }

    /// @inheritdoc ITreasury
    function paused() public view returns (bool) {
        return pausedHere || IKillSwitch(killSwitch).paused();
    }

    /// @inheritdoc ITreasury
    function epoch() public view returns (uint32) {
        return _pauses + IKillSwitch(killSwitch).epoch();
    }

    function _setLane(address route, uint256 chain, Lane memory lane) internal {
        _lanes[route][chain] = lane;
        emit LaneSet(route, chain, lane);
    }

    function _setVenue(address venue, Venue memory terms) internal {
        _venues[venue] = terms;
        emit VenueSet(venue, terms);
    }

    function _setBands(Bands memory newBands) internal {
        bool sound = newBands.singleAbove <= newBands.dualAbove && newBands.maxPlanLife <= MAX_PLAN_LIFE;
        require(sound, Treasury_InvalidBands());
        _bands = newBands;
        emit BandsSet(newBands);
    }

    function _asset(bytes32 name) internal view returns (Asset memory asset) {
        asset = _assets[name];
        require(asset.token != address(0), Treasury_UnknownAsset(name));
    }

    function _venue(address venue) internal view returns (Venue memory terms) {
        terms = _venues[venue];
        require(terms.asset != 0, Treasury_UnknownVenue(venue));
    }

    /// @dev Checks the kill switch and the pause for the caller, read once for each action. Actions that add risk are
    /// stopped by either pause; those that reduce it only by the removal of the keeper.
    function _authorize(bool addsRisk) internal view returns (uint32 planEpoch) {
        (bool stopped, bool removed, uint32 pauses) = IKillSwitch(killSwitch).stateOf(msg.sender);
        require(!removed, Treasury_KeeperRemoved(msg.sender));
        require(!addsRisk || !(stopped || pausedHere), Treasury_Paused());
        return pauses + _pauses;
    }
}
