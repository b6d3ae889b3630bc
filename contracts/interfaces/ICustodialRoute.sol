// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "./IBridgeRoute.sol";

/// @title An asset through an exchange or another custodian
/// @notice Tokens go to the custodian's deposit address, and come back on the other chain into an inbox, which the
/// custodian's list of withdrawal addresses names. The chain sees how much is there, and a keeper says for which
/// transfer. The proof is `abi.encode(bytes32 evidence, uint256 amount)`; the evidence is the hash of transaction hash
/// and log index of the arrival, and good once. Options are empty.
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

    /// @notice Less or more than the transfer admits.
    error CustodialRoute_OtherAmount(uint256 amount, uint256 least, uint256 most);

    /// @notice There is not so much in the inbox.
    error CustodialRoute_NotThere(uint256 amount, uint256 unbooked);

    /// @notice Sets where the custodian takes deposits on this chain; zero for none.
    /// @dev Who: the configurator's role. Emits `DepositAddressSet`.
    function setDepositAddress(address newDepositAddress) external;

    /// @notice Takes the deposit address away: nothing is sent any more.
    /// @dev Who: the guardian's role. Emits `DepositAddressSet`. Reverts with `CustodialRoute_NoDepositAddress`.
    function removeDepositAddress() external;

    /// @notice Admits a chain to and from which the custodian carries.
    /// @dev Who: the configurator's role. Emits `ChainAdmitted`. Reverts with `BridgeRoute_InvalidPeer`.
    function admitChain(uint256 chain) external;

    /// @notice Where the custodian takes deposits on this chain.
    function depositAddress() external view returns (address);

    /// @notice Where the custodian sends withdrawals on this chain.
    function inbox() external view returns (address);

    /// @notice Whether the custodian carries to and from a chain.
    function isAdmitted(uint256 chain) external view returns (bool);

    /// @notice Whether an evidence was used.
    function isUsed(bytes32 evidence) external view returns (bool);
}
