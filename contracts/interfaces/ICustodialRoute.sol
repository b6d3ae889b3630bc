// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "./IBridgeRoute.sol";

/// @title Route of an asset through an exchange or another custodian
/// @notice Tokens go to the custodian's deposit address, and return on the other chain into an inbox, which is on the
/// custodian's list of withdrawal addresses. The chain shows the amount, and a keeper names the transfer. The proof is
/// `abi.encode(bytes32 evidence, uint256 amount)`; the evidence is the hash of the transaction hash and log index of
/// the arrival, and valid once. Options are empty.
interface ICustodialRoute is IBridgeRoute {
    /// @notice The deposit address was set.
    event DepositAddressSet(address depositAddress);

    /// @notice A chain to and from which the custodian carries was admitted.
    event ChainAdmitted(uint256 indexed chain);

    /// @notice An arrival was booked with its evidence.
    event EvidenceUsed(bytes32 indexed id, bytes32 indexed evidence, uint256 amount);

    /// @notice There is no deposit address.
    error CustodialRoute_NoDepositAddress();

    /// @notice The evidence is zero, or was used.
    error CustodialRoute_EvidenceUsed(bytes32 evidence);

    /// @notice The amount is outside the bounds of the transfer.
    error CustodialRoute_OtherAmount(uint256 amount, uint256 least, uint256 most);

    /// @notice The inbox holds less than the amount.
    error CustodialRoute_NotThere(uint256 amount, uint256 unbooked);

    /// @notice Sets where the custodian takes deposits on this chain; zero for none.
    /// @dev Who: the configurator's role. Emits `DepositAddressSet`.
    function setDepositAddress(address newDepositAddress) external;

    /// @notice Removes the deposit address: nothing more is sent.
    /// @dev Who: the guardian's role. Emits `DepositAddressSet`. Reverts with `CustodialRoute_NoDepositAddress`.
    function removeDepositAddress() external;

    /// @notice Admits a chain to and from which the custodian carries.
    /// @dev Who: the configurator's role. Emits `ChainAdmitted`. Reverts with `BridgeRoute_InvalidPeer`.
    function admitChain(uint256 chain) external;

    /// @notice The custodian's deposit address on this chain.
    function depositAddress() external view returns (address);

    /// @notice The inbox for the custodian's withdrawals on this chain.
    function inbox() external view returns (address);

    /// @notice Whether the custodian carries to and from a chain.
    function isAdmitted(uint256 chain) external view returns (bool);

    /// @notice Whether a piece of evidence was used.
    function isUsed(bytes32 evidence) external view returns (bool);
}
