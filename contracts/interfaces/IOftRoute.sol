// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "./IBridgeRoute.sol";
import {ILayerZeroComposer} from "./external/ILayerZeroComposer.sol";

/// @title USDT, or any other token, as a LayerZero V2 omnichain fungible token
/// @notice Tokens go to the route on the other chain, with the transfer's id as composed message. The endpoint there
/// calls `lzCompose`, which books them for that id, and `collect` gives them to the treasury. Options and proof are
/// empty. Gas for both calls on the other chain is fixed with the counterpart.
interface IOftRoute is IBridgeRoute, ILayerZeroComposer {
    /// @notice The counterpart on another chain.
    /// @param eid LayerZero's number of that chain.
    /// @param receiveGas Gas for the arrival of the tokens there.
    /// @param composeGas Gas for `lzCompose` there.
    /// @param route The route there.
    struct Peer {
        uint32 eid;
        uint32 receiveGas;
        uint32 composeGas;
        address route;
    }

    /// @notice A sweep that was announced; all zero when there is none.
    /// @param amount Most that may be swept.
    /// @param from Time from which it is allowed, unless a message is composed before.
    struct Sweep {
        uint256 amount;
        uint256 from;
    }

    /// @notice A counterpart was set, or its gas changed.
    event PeerSet(uint256 indexed chain, uint32 eid, uint32 receiveGas, uint32 composeGas, address route);

    /// @notice The most that a message may cost was set, in coins.
    event MaxNativeFeeSet(uint256 maxNativeFee);

    /// @notice Tokens of a transfer have arrived, with a LayerZero message.
    event Arrived(bytes32 indexed id, uint256 indexed chain, bytes32 indexed guid, uint256 amount);

    /// @notice A sweep is allowed from a time on, unless a message is composed before.
    /// @param amount Most that may be swept.
    /// @param from The time.
    event SweepAnnounced(uint256 amount, uint256 from);

    /// @notice The caller is not the endpoint.
    error OftRoute_NotEndpoint(address caller);

    /// @notice The message was composed by another contract than the token's.
    error OftRoute_NotOft(address from);

    /// @notice The tokens were not sent by this route's counterpart.
    error OftRoute_NotPeer(uint32 eid, bytes32 sender);

    /// @notice The composed message is not the id of a transfer.
    error OftRoute_InvalidMessage(uint256 length);

    /// @notice The amount cannot be sent completely: it has more decimals than the token's shared decimals.
    error OftRoute_Dust(uint256 amount, uint256 sent);

    /// @notice The message would cost more than the bound.
    error OftRoute_ExcessiveFee(uint256 fee, uint256 allowed);

    /// @notice The bound is to be lowered and is not lower than the present one.
    error OftRoute_InvalidMaxFee(uint256 maxNativeFee);

    /// @notice Nothing has arrived from that chain for the transfer, or it was collected.
    error OftRoute_NothingArrived(bytes32 id, uint256 chain);

    /// @notice No sweep of this amount is announced, a message was composed since, or its time has not come.
    /// @param amount Amount that was to be swept.
    /// @param announced Announced amount.
    /// @param from The time; 0 when no sweep is announced.
    error OftRoute_SweepNotDue(uint256 amount, uint256 announced, uint256 from);

    /// @notice Announces a `sweep`, which is allowed seven days later. The endpoint credits tokens before it executes
    /// the message that names their transfer, and nothing on chain shows how many such messages are open: tokens
    /// without an owner now may belong to a transfer. Every message that is composed in between voids the announcement.
    /// @dev Who: the configurator's role. Emits `SweepAnnounced`. Reverts with `BridgeRoute_Remainder` where the
    /// balance does not cover the amount and all that waits to be collected.
    /// @param amount Most that may be swept.
    function announceSweep(uint256 amount) external;

    /// @notice Sets the counterpart on another chain. Once set, only its gas can change.
    /// @dev Who: the configurator's role. Emits `PeerSet`. Reverts with `BridgeRoute_InvalidPeer`.
    function setPeer(uint256 chain, Peer calldata peer) external;

    /// @notice Sets the most that a message may cost, in coins.
    /// @dev Who: the configurator's role. Emits `MaxNativeFeeSet`.
    function setMaxNativeFee(uint256 newMaxNativeFee) external;

    /// @notice Lowers the most that a message may cost.
    /// @dev Who: the guardian's role. Emits `MaxNativeFeeSet`. Reverts with `OftRoute_InvalidMaxFee`.
    function lowerMaxNativeFee(uint256 newMaxNativeFee) external;

    /// @notice The counterpart on a chain; all zero when there is none.
    function peerOf(uint256 chain) external view returns (Peer memory);

    /// @notice Amount that has arrived for a transfer from a chain and waits to be collected.
    function arrivalOf(bytes32 id, uint256 chain) external view returns (uint256);

    /// @notice The sweep that is announced; all zero when there is none.
    /// @return Amount and time.
    function announcedSweep() external view returns (Sweep memory);

    /// @notice Sum of all amounts that wait to be collected.
    function waiting() external view returns (uint256);

    /// @notice Most that a message may cost, in coins.
    function maxNativeFee() external view returns (uint256);

    /// @notice The token's contract of LayerZero: the token itself, or its adapter.
    function oft() external view returns (address);

    /// @notice LayerZero's endpoint on this chain.
    function endpoint() external view returns (address);
}
