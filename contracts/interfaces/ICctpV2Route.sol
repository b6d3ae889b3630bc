// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "./IBridgeRoute.sol";

/// @title USDC by Circle's CCTP, version 2
/// @notice It burns USDC here, with the transfer's id as hook data and the route on the other chain as the only account
/// that may mint. There the route itself hands in the attested message, so that the minted amount is measured in the
/// same call and credited to that id. Options are `abi.encode(uint32 threshold, uint256 maxFee)`; the proof is
/// `abi.encode(bytes message, bytes attestation)`.
interface ICctpV2Route is IBridgeRoute {
    /// @notice The counterpart on another chain.
    /// @param domain CCTP's number of that chain.
    /// @param route The route there.
    /// @param token The token there.
    struct Peer {
        uint32 domain;
        address route;
        address token;
    }

    /// @notice Why Circle's contracts on this chain would refuse to burn for another chain, or to mint from it.
    enum Obstacle {
        None,
        TransmitterPaused,
        NoMinter,
        MinterPaused,
        NoRemoteMessenger,
        RouteDenied,
        KeeperDenied
    }

    /// @notice A counterpart was set.
    event PeerSet(uint256 indexed chain, uint32 domain, address route, address token);

    /// @notice The most that a transfer may pay was set.
    event MaxFeeSet(uint16 maxFeeBps);

    /// @notice A second message of a transfer that had been received went to the treasury.
    /// @param id The transfer's.
    /// @param chain Chain that the message came from.
    /// @param received Amount that was minted.
    event Rescued(bytes32 indexed id, uint256 indexed chain, uint256 received);

    /// @notice The threshold is neither 1000 (fast) nor 2000 (standard).
    error CctpV2Route_InvalidThreshold(uint32 threshold);

    /// @notice The fee is above its bound, or would leave less than must arrive.
    error CctpV2Route_ExcessiveFee(uint256 maxFee, uint256 allowed);

    /// @notice The bound is above 1 %, or is to be lowered and is not lower than the present one.
    error CctpV2Route_InvalidMaxFee(uint16 maxFeeBps);

    /// @notice The message was not sent by this route's counterpart for this transfer: `field` is the first difference.
    error CctpV2Route_OtherMessage(Field field);

    /// @notice Nothing was minted.
    error CctpV2Route_NothingMinted(bytes32 id);

    /// @notice The transfer has not been received yet, so its message goes through the treasury.
    /// @param id The transfer's.
    error CctpV2Route_NotReceived(bytes32 id);

    /// @notice Part of a message that is compared.
    enum Field {
        Length,
        SourceDomain,
        Recipient,
        BurnToken,
        MintRecipient,
        Sender,
        Transfer
    }

    /// @notice Sets the counterpart on another chain, once; another one needs another route.
    /// @dev Who: the configurator's role. Emits `PeerSet`. Reverts with `BridgeRoute_InvalidPeer`.
    function setPeer(uint256 chain, Peer calldata peer) external;

    /// @notice Sets the most that `maxFee` may be, in basis points of the amount, at most 100.
    /// @dev Who: the configurator's role. Emits `MaxFeeSet`. Reverts with `CctpV2Route_InvalidMaxFee`.
    function setMaxFee(uint16 newMaxFeeBps) external;

    /// @notice Lowers the most that `maxFee` may be.
    /// @dev Who: the guardian's role. Emits `MaxFeeSet`. Reverts with `CctpV2Route_InvalidMaxFee`.
    function lowerMaxFee(uint16 newMaxFeeBps) external;

    /// @notice Mints a message of a transfer that has been received already, to the treasury. Only this route can hand
    /// it in, and the treasury receives each transfer once; without this function a second message that Circle attests
    /// under the same id could never be minted.
    /// @dev Who: the configurator's role. Emits `Rescued`. Reverts with `CctpV2Route_OtherMessage`,
    /// `CctpV2Route_NotReceived`, `CctpV2Route_NothingMinted`, `BridgeRoute_UnknownChain` and Circle's errors.
    /// @param proof As `collect` takes it.
    /// @return received Amount that was minted.
    function rescue(bytes calldata proof) external returns (uint256 received);

    /// @notice Why Circle's contracts here would refuse a burn for another chain, or a mint from it; the two denials
    /// concern burns alone.
    /// @param chain The other chain.
    /// @param keeper Account that would sign the burn.
    /// @return The first obstacle found.
    function obstacleOf(uint256 chain, address keeper) external view returns (Obstacle);

    /// @notice The counterpart on a chain; all zero when there is none.
    function peerOf(uint256 chain) external view returns (Peer memory);

    /// @notice Most that `maxFee` may be, in basis points of the amount.
    function maxFeeBps() external view returns (uint16);

    /// @notice CCTP's token messenger on this chain.
    function messenger() external view returns (address);

    /// @notice CCTP's message transmitter on this chain.
    function transmitter() external view returns (address);
}
