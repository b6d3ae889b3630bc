// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAutoVenue} from "../interfaces/IAutoVenue.sol";
import {ITradeVenue} from "../interfaces/ITradeVenue.sol";

/// @title Trades in one of a short list of venues, which the caller names
/// @dev The venue is not trusted. It gets only the input, and balances show the result; the caller judges the result,
/// by the minimum it requests and its own floor.
contract AutoVenue is IAutoVenue, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice A trade to be forwarded.
    struct Order {
        address venue;
        address tokenIn;
        address tokenOut;
        uint256 amountIn;
        uint256 minOut;
        address receiver;
        bytes data;
    }

    uint256 private constant MAX_VENUES = 8;

    /// @inheritdoc IAutoVenue
    mapping(address account => bool) public isTrader;
    mapping(address tokenIn => mapping(address tokenOut => address[] venues)) private _venues;

    constructor(address manager) AccessManaged(manager) {}

    /// @inheritdoc IAutoVenue
    function setVenues(address tokenIn, address tokenOut, address[] calldata venues) external restricted {
        require(tokenIn != tokenOut, AutoVenue_InvalidPair(tokenIn, tokenOut));
        require(venues.length <= MAX_VENUES, AutoVenue_TooManyVenues(venues.length));
        delete _venues[tokenIn][tokenOut];
        address[] storage listed = _venues[tokenIn][tokenOut];
        for (uint256 i = 0; i < venues.length; ++i) {
            address venue = venues[i];
            bool sound = venue.code.length != 0 && venue != address(this) && _indexOf(listed, venue) == i;
            require(sound, AutoVenue_InvalidVenue(venue));
            listed.push(venue);
        }
        emit VenuesSet(tokenIn, tokenOut, venues);
    }

    /// @inheritdoc IAutoVenue
    function removeVenue(address tokenIn, address tokenOut, address venue) external restricted {
        address[] storage listed = _venues[tokenIn][tokenOut];
        uint256 index = _requireListed(tokenIn, tokenOut, venue);
        // The order stays: it determines the default venue.
        for (uint256 next = index + 1; next < listed.length; ++next) {
            listed[next - 1] = listed[next];
        }
        listed.pop();
        emit VenuesSet(tokenIn, tokenOut, listed);
    }

    /// @inheritdoc IAutoVenue
    function setTrader(address trader, bool allowed) external restricted {
        isTrader[trader] = allowed;
        emit TraderSet(trader, allowed);
    }

    // Balances before and after the call must be compared, and the event reports the difference; the lock excludes all
    // others meanwhile. A gift can make an equality fail only from inside the same trade.
    // slither-disable-start reentrancy-balance,reentrancy-events,incorrect-equality

    /// @inheritdoc ITradeVenue
    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata data
    ) external nonReentrant returns (uint256 out) {
        require(isTrader[msg.sender], AutoVenue_NotTrader(msg.sender));
        require(amountIn != 0, AutoVenue_InvalidAmount(amountIn));
        Order memory order = Order(address(0), tokenIn, tokenOut, amountIn, minOut, receiver, "");
        (order.venue, order.data) = _chosen(tokenIn, tokenOut, data);
        out = _forward(order);
    }

    /// @inheritdoc IAutoVenue
    function venuesOf(address tokenIn, address tokenOut) external view returns (address[] memory) {
        return _venues[tokenIn][tokenOut];
    }

    /// @inheritdoc ITradeVenue
    function spot(address tokenIn, address tokenOut, uint256 amountIn) external view returns (uint256) {
        return ITradeVenue(_first(tokenIn, tokenOut)).spot(tokenIn, tokenOut, amountIn);
    }

    /// @dev Passes the input on, trades it, and measures the result.
    function _forward(Order memory order) internal returns (uint256 out) {
        uint256 offered = _balance(order.tokenIn);
        require(offered >= order.amountIn, AutoVenue_MissingInput(order.tokenIn, offered, order.amountIn));
        uint256 stray = _balance(order.tokenOut);
        uint256 before = IERC20(order.tokenOut).balanceOf(order.receiver);
        IERC20(order.tokenIn).safeTransfer(order.venue, order.amountIn);
        _trade(order);
        _requireBalance(order.tokenIn, offered - order.amountIn);
        _requireBalance(order.tokenOut, stray);
        out = Math.saturatingSub(IERC20(order.tokenOut).balanceOf(order.receiver), before);
        require(out >= order.minOut, AutoVenue_InsufficientOutput(order.tokenOut, out, order.minOut));
        emit Traded(order.venue, order.tokenIn, order.tokenOut, order.amountIn, out, order.receiver);
    }

    function _trade(Order memory order) internal {
        // The venue's answer is not used.
        // slither-disable-next-line unused-return
        ITradeVenue(order.venue)
            .trade(order.tokenIn, order.tokenOut, order.amountIn, order.minOut, order.receiver, order.data);
    }

    /// @dev The balance must be the same as before the trade.
    function _requireBalance(address token, uint256 expected) internal view {
        uint256 balance = _balance(token);
        require(balance == expected, AutoVenue_Leftover(token, balance, expected));
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,incorrect-equality

    /// @dev The venue that `data` names and its terms, or the first of the list without terms.
    function _chosen(address tokenIn, address tokenOut, bytes calldata data)
        internal
        view
        returns (address venue, bytes memory terms)
    {
        if (data.length == 0) return (_first(tokenIn, tokenOut), "");
        (venue, terms) = abi.decode(data, (address, bytes));
        _requireListed(tokenIn, tokenOut, venue);
    }

    function _first(address tokenIn, address tokenOut) internal view returns (address) {
        address[] storage listed = _venues[tokenIn][tokenOut];
        require(listed.length != 0, AutoVenue_NoVenue(tokenIn, tokenOut));
        return listed[0];
    }

    function _requireListed(address tokenIn, address tokenOut, address venue) internal view returns (uint256 index) {
        address[] storage listed = _venues[tokenIn][tokenOut];
        index = _indexOf(listed, venue);
        require(index < listed.length, AutoVenue_VenueNotListed(tokenIn, tokenOut, venue));
    }

    function _balance(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    /// @dev Index of a venue in a list; the list's length when it is not there.
    function _indexOf(address[] storage listed, address venue) internal view returns (uint256 index) {
        while (index < listed.length && listed[index] != venue) ++index;
    }
}
