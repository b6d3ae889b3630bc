// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Bps} from "../libraries/Bps.sol";
import {LimitKeys} from "../libraries/LimitKeys.sol";
import {TreasuryTerms} from "./TreasuryTerms.sol";

/// @title Investments of the treasury
/// @dev Balance differences count, not answers. The legs are marked before the venue is called, and a lock excludes all
/// others.
abstract contract TreasuryVenues is TreasuryTerms {
    using SafeERC20 for IERC20;

    /// @notice One move into a venue or out of it.
    struct Move {
        bytes32 id;
        address venue;
        uint256 amount;
        uint256 sharesBound;
    }

    mapping(bytes32 id => Legs) internal _legs;

    /// @dev Marks a leg of a transfer, which must not have happened before.
    function _mark(bytes32 id, Leg leg) internal {
        Legs storage legs = _legs[id];
        uint40 time = uint40(block.timestamp);
        uint40 before;
        if (leg == Leg.Sent) (before, legs.sent) = (legs.sent, time);
        else if (leg == Leg.Received) (before, legs.received) = (legs.received, time);
        else if (leg == Leg.Invested) (before, legs.invested) = (legs.invested, time);
        else (before, legs.divested) = (legs.divested, time);
        require(before == 0, Treasury_LegDone(id, leg));
    }

    // Events report the results of the calls; the lock excludes all others until then.
    // slither-disable-start reentrancy-events,reentrancy-balance

    function _invest(Move memory move) internal returns (uint256 shares) {
        require(move.amount != 0, Treasury_ZeroAmount());
        Venue memory terms = _venue(move.venue);
        require(terms.open, Treasury_VenueClosed(move.venue));
        _mark(move.id, Leg.Invested);
        _consume(LimitKeys.forAsset(move.venue), move.amount);
        shares = _deposit(_asset(terms.asset).token, move);
        require(shares >= move.sharesBound, Treasury_OtherShares(move.venue, shares, move.sharesBound));
        uint256 value = IERC4626(move.venue).previewRedeem(shares);
        _requireLoss(move, Math.saturatingSub(move.amount, value), terms.maxLossBps);
        emit Invested(move.id, move.venue, msg.sender, move.amount, shares);
    }

    function _divest(Move memory move) internal returns (uint256 shares) {
        require(move.amount != 0, Treasury_ZeroAmount());
        Venue memory terms = _venue(move.venue);
        _mark(move.id, Leg.Divested);
        uint256 received;
        uint256 lost;
        (received, shares, lost) = _withdraw(_asset(terms.asset).token, move);
        require(shares <= move.sharesBound, Treasury_OtherShares(move.venue, shares, move.sharesBound));
        _requireLoss(move, lost, terms.maxLossBps);
        emit Divested(move.id, move.venue, msg.sender, received, shares);
    }

    /// @dev The whole amount must leave, and no allowance may remain.
    function _deposit(address token, Move memory move) internal returns (uint256 shares) {
        uint256 before = _held(token);
        uint256 held = _held(move.venue);
        IERC20(token).forceApprove(move.venue, move.amount);
        // The result is measured.
        // slither-disable-next-line unused-return
        IERC4626(move.venue).deposit(move.amount, address(this));
        IERC20(token).forceApprove(move.venue, 0);
        uint256 moved = before - _held(token);
        // Exactly the amount: a deposit that takes another amount is refused.
        // slither-disable-next-line incorrect-equality
        require(moved == move.amount, Treasury_OtherAmount(move.venue, moved, move.amount));
        shares = _held(move.venue) - held;
    }

    /// @dev The previous value of the shares must be there afterwards, as shares or tokens, except for the loss.
    function _withdraw(address token, Move memory move)
        internal
        returns (uint256 received, uint256 shares, uint256 lost)
    {
        IERC4626 venue = IERC4626(move.venue);
        uint256 before = _held(token);
        uint256 held = _held(move.venue);
        uint256 value = venue.convertToAssets(held);
        // The result is measured.
        // slither-disable-next-line unused-return
        venue.withdraw(move.amount, address(this), address(this));
        received = _held(token) - before;
        require(received >= move.amount, Treasury_OtherAmount(move.venue, received, move.amount));
        uint256 left = _held(move.venue);
        shares = held - left;
        lost = Math.saturatingSub(value, venue.convertToAssets(left) + received);
    }

    // slither-disable-end reentrancy-events,reentrancy-balance

    /// @dev Balance of this treasury, of a token or of a venue's shares.
    function _held(address token) internal view returns (uint256) {
        return _balance(token, address(this));
    }

    function _balance(address token, address account) internal view returns (uint256) {
        return IERC20(token).balanceOf(account);
    }

    /// @dev Two base units are rounding.
    function _requireLoss(Move memory move, uint256 lost, uint16 maxLossBps) internal pure {
        uint256 allowed = Bps.partDown(move.amount, maxLossBps) + 2;
        require(lost <= allowed, Treasury_ExcessiveLoss(move.venue, lost, allowed));
    }
}
