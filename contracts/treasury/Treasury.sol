// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IBridgeRoute} from "../interfaces/IBridgeRoute.sol";
import {IKillSwitch} from "../interfaces/IKillSwitch.sol";
import {IPlanLedger} from "../interfaces/IPlanLedger.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {Bps} from "../libraries/Bps.sol";
import {Decimals} from "../libraries/Decimals.sol";
import {LimitKeys} from "../libraries/LimitKeys.sol";
import {TransferHash} from "../libraries/TransferHash.sol";
import {TreasuryTerms} from "./TreasuryTerms.sol";
import {TreasuryVenues} from "./TreasuryVenues.sol";

/// @title The team's stablecoins on one chain, moved between chains
/// @dev It pushes tokens to a route together with the transfer's terms; no account ever has an allowance between calls.
/// An action without a plan consumes its keeper's limit as well as the route's or the venue's.
contract Treasury is TreasuryVenues, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Decimals of sizes: one unit of every stablecoin counts as one US dollar.
    uint8 private constant SIZE_DECIMALS = 6;

    constructor(address manager, address ledger_, address killSwitch_, Bands memory bands_)
        AccessManaged(manager)
        TreasuryTerms(ledger_, killSwitch_, bands_)
    {}

    /// @inheritdoc ITreasury
    function sendToBridge(Transfer calldata transfer, bytes calldata options)
        external
        payable
        nonReentrant
        returns (bytes32)
    {
        _chargeKeeper(_size(transfer.asset, transfer.amount));
        return _send(transfer, options);
    }

    /// @inheritdoc ITreasury
    function sendApproved(Transfer calldata transfer, bytes calldata options, Ticket calldata ticket)
        external
        payable
        nonReentrant
        returns (bytes32)
    {
        // Every word of it is filled in, here or by the callee.
        // slither-disable-next-line uninitialized-local
        IPlanLedger.Action memory action;
        (action.verb, action.asset) = (uint8(Verb.Send), _asset(transfer.asset).token);
        (action.amount, action.minOut) = (transfer.amount, transfer.minReceived);
        action.dataHash = TransferHash.idOf(transfer);
        _consumeAction(ticket, _authorize(true), action);
        return _send(transfer, options);
    }

    /// @inheritdoc ITreasury
    function receiveFromBridge(Transfer calldata transfer, bytes calldata proof)
        external
        nonReentrant
        returns (uint256)
    {
        return _receive(transfer, proof);
    }

    /// @inheritdoc ITreasury
    function invest(bytes32 id, address venue, uint256 amount, uint256 minShares)
        external
        nonReentrant
        returns (uint256)
    {
        _chargeKeeper(_size(_venue(venue).asset, amount));
        return _invest(Move(id, venue, amount, minShares));
    }

    /// @inheritdoc ITreasury
    function investApproved(bytes32 id, address venue, uint256 amount, uint256 minShares, Ticket calldata ticket)
        external
        nonReentrant
        returns (uint256)
    {
        Move memory move = Move(id, venue, amount, minShares);
        _consumeMove(ticket, Verb.Invest, move);
        return _invest(move);
    }

    /// @inheritdoc ITreasury
    function divest(bytes32 id, address venue, uint256 amount, uint256 maxShares)
        external
        nonReentrant
        returns (uint256)
    {
        _authorize(false);
        _consume(LimitKeys.derisk(msg.sender), _size(_venue(venue).asset, amount));
        return _divest(Move(id, venue, amount, maxShares));
    }

    /// @inheritdoc ITreasury
    function divestApproved(bytes32 id, address venue, uint256 amount, uint256 maxShares, Ticket calldata ticket)
        external
        nonReentrant
        returns (uint256)
    {
        Move memory move = Move(id, venue, amount, maxShares);
        _consumeMove(ticket, Verb.Divest, move);
        return _divest(move);
    }

    /// @inheritdoc ITreasury
    function openPlan(IPlanLedger.Plan calldata plan, IPlanLedger.Signature[] calldata signatures)
        external
        nonReentrant
        returns (bytes32 planHash)
    {
        uint32 planEpoch = _authorize(true);
        uint256 latest = block.timestamp + _bands.maxPlanLife;
        // Plans live for hours; a validator's freedom of some seconds does not matter.
        // slither-disable-next-line timestamp
        require(plan.header.deadline <= latest, Treasury_PlanTooLong(plan.header.deadline, latest));
        uint256 size = _sizeOf(plan.actions);
        planHash = IPlanLedger(ledger).open(plan, IPlanLedger.Caller(msg.sender, planEpoch), signatures);
        uint256 approvals = IPlanLedger(ledger).approvalsOf(address(this), planHash);
        uint256 needed = Math.max(1, approvalsFor(size));
        require(approvals >= needed, Treasury_NotApproved(planHash, approvals, needed));
        emit PlanAccepted(planHash, msg.sender, size);
    }

    /// @inheritdoc ITreasury
    function idOf(Transfer calldata transfer) external pure returns (bytes32) {
        return TransferHash.idOf(transfer);
    }

    /// @inheritdoc ITreasury
    function legsOf(bytes32 id) external view returns (Legs memory) {
        return _legs[id];
    }

    /// @inheritdoc ITreasury
    function venuesOf(bytes32 asset) external view returns (address[] memory) {
        return _venueLists[asset];
    }

    /// @inheritdoc ITreasury
    function isKeeper(address account) public view returns (bool) {
        return this.bucketOf(LimitKeys.derisk(account)).cap != 0 && !IKillSwitch(killSwitch).isRemoved(account);
    }

    // Events report the results of the calls; the lock excludes all others until then.
    // slither-disable-start reentrancy-events,reentrancy-balance

    function _send(Transfer calldata transfer, bytes calldata options) internal returns (bytes32 id) {
        _requireHere(transfer.sourceChain, transfer.sourceTreasury);
        (address route, Lane memory lane) = _laneTo(transfer, transfer.destinationChain, transfer.destinationTreasury);
        IBridgeRoute.Cargo memory cargo = _outbound(transfer, lane);
        _requireBounds(route, lane, cargo);
        id = cargo.id;
        _mark(id, Leg.Sent);
        _consume(LimitKeys.forAsset(route), cargo.amount);
        _push(_asset(transfer.asset).token, route, cargo.amount);
        IBridgeRoute(route).send{value: msg.value}(cargo, options, msg.sender);
        emit TransferSent(id, transfer.asset, transfer.route, msg.sender, transfer);
    }

    /// @dev A token that charges a fee would make the route send amounts that wait there for others.
    function _push(address token, address route, uint256 amount) internal {
        uint256 before = _balance(token, route);
        IERC20(token).safeTransfer(route, amount);
        uint256 moved = _balance(token, route) - before;
        // Exactly the amount: a token that delivers another amount is refused.
        // slither-disable-next-line incorrect-equality
        require(moved == amount, Treasury_OtherAmount(route, moved, amount));
    }

    function _receive(Transfer calldata transfer, bytes calldata proof) internal returns (uint256 received) {
        _requireHere(transfer.destinationChain, transfer.destinationTreasury);
        (address route, Lane memory lane) = _laneTo(transfer, transfer.sourceChain, transfer.sourceTreasury);
        if (!IBridgeRoute(route).provesTransfer()) {
            require(isKeeper(msg.sender), Treasury_NotKeeper(msg.sender));
        }
        IBridgeRoute.Cargo memory cargo = _inbound(transfer, lane);
        _mark(cargo.id, Leg.Received);
        address token = _asset(transfer.asset).token;
        uint256 before = _held(token);
        // The received amount is measured.
        // slither-disable-next-line unused-return
        IBridgeRoute(route).collect(cargo, proof);
        received = _held(token) - before;
        require(received != 0, Treasury_NothingReceived(cargo.id));
        emit TransferReceived(cargo.id, transfer.asset, transfer.route, received);
    }

    // slither-disable-end reentrancy-events,reentrancy-balance

    /// @dev Charges the limit of a keeper that acts without a plan.
    function _chargeKeeper(uint256 size) internal {
        _authorize(true);
        uint256 needed = approvalsFor(size);
        require(needed == 0, Treasury_NeedsPlan(size, needed));
        _consume(LimitKeys.automatic(msg.sender), size);
    }

    function _consumeMove(Ticket calldata ticket, Verb verb, Move memory move) internal {
        // Every word of it is filled in, here or by the callee.
        // slither-disable-next-line uninitialized-local
        IPlanLedger.Action memory action;
        (action.verb, action.asset) = (uint8(verb), move.venue);
        (action.amount, action.minOut, action.dataHash) = (move.amount, move.sharesBound, move.id);
        _consumeAction(ticket, _authorize(verb != Verb.Divest), action);
    }

    /// @dev The other terms of the action are those of the call.
    function _consumeAction(Ticket calldata ticket, uint32 planEpoch, IPlanLedger.Action memory action) internal {
        action.dependsOn = ticket.dependsOn;
        IPlanLedger.Caller memory caller = IPlanLedger.Caller(msg.sender, planEpoch);
        // Approvals were counted when the plan was opened.
        // slither-disable-next-line unused-return
        IPlanLedger(ledger).consume(ticket.header, caller, ticket.leaves, ticket.index, action);
    }

    /// @dev Sum of a plan's sends and investments. Also checks that every action can be executed.
    function _sizeOf(IPlanLedger.Action[] calldata actions) internal view returns (uint256 size) {
        for (uint256 i = 0; i < actions.length; ++i) {
            uint8 verb = actions[i].verb;
            bool known = verb != uint8(Verb.None) && verb <= uint8(Verb.Divest);
            require(known, Treasury_UnknownVerb(i, verb));
            address asset = actions[i].asset;
            bytes32 name = verb == uint8(Verb.Send) ? _nameOf[asset] : _venue(asset).asset;
            uint256 part = _size(name, actions[i].amount);
            if (verb != uint8(Verb.Divest)) size += part;
        }
    }

    function _size(bytes32 asset, uint256 amount) internal view returns (uint256) {
        return Decimals.convertUp(amount, _asset(asset).decimals, SIZE_DECIMALS);
    }

    /// @dev The transfer's route, and its lane to that treasury.
    function _laneTo(Transfer calldata transfer, uint256 chain, address treasury)
        internal
        view
        returns (address route, Lane memory lane)
    {
        route = routeOf[transfer.asset][transfer.route];
        require(route != address(0), Treasury_UnknownRoute(transfer.asset, transfer.route));
        lane = _lanes[route][chain];
        bool known = lane.treasury != address(0) && lane.treasury == treasury;
        require(known, Treasury_UnknownLane(route, chain, treasury));
    }

    /// @dev In units of this chain, the source: the minimum is given in those of the destination.
    function _outbound(Transfer calldata transfer, Lane memory lane)
        internal
        view
        returns (IBridgeRoute.Cargo memory cargo)
    {
        (cargo.id, cargo.chain) = (TransferHash.idOf(transfer), transfer.destinationChain);
        uint8 decimals = _assets[transfer.asset].decimals;
        cargo.amount = transfer.amount;
        cargo.minReceived = Decimals.convertUp(transfer.minReceived, lane.decimals, decimals);
    }

    /// @dev In units of this chain, the destination: the amount is given in those of the source.
    function _inbound(Transfer calldata transfer, Lane memory lane)
        internal
        view
        returns (IBridgeRoute.Cargo memory cargo)
    {
        (cargo.id, cargo.chain) = (TransferHash.idOf(transfer), transfer.sourceChain);
        uint8 decimals = _assets[transfer.asset].decimals;
        cargo.amount = Decimals.convertUp(transfer.amount, lane.decimals, decimals);
        cargo.minReceived = transfer.minReceived;
    }

    function _requireHere(uint256 chain, address treasury) internal view {
        bool here = chain == block.chainid && treasury == address(this);
        require(here, Treasury_NotHere(chain, treasury));
    }

    function _requireBounds(address route, Lane memory lane, IBridgeRoute.Cargo memory cargo) internal pure {
        require(lane.open, Treasury_LaneClosed(route, cargo.chain));
        uint256 amount = cargo.amount;
        bool within = amount != 0 && amount >= lane.least && amount <= lane.most;
        require(within, Treasury_AmountOutOfBounds(amount, lane.least, lane.most));
        uint256 least = amount - Bps.partDown(amount, lane.maxFeeBps);
        bool sound = cargo.minReceived >= least && cargo.minReceived <= amount;
        require(sound, Treasury_InvalidMinimum(cargo.minReceived, least, amount));
    }
}
