// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of CCTP's token messenger, version 2, that Ballast uses
interface ITokenMessengerV2 {
    /// @notice Burns tokens of the caller, which has approved them, and sends a message that mints them elsewhere.
    /// @dev Reverts with "Amount must be nonzero", "Max fee must be less than amount", "Insufficient max fee",
    /// "Mint recipient must be nonzero", "Hook data is empty", "No TokenMessenger for domain", "Local minter is not
    /// set", "Burn amount exceeds per tx limit", "Denylistable: account is on denylist" and "Pausable: paused".
    /// @param mintRecipient Receiver of the tokens on the other chain.
    /// @param destinationCaller Only account that may hand in the message there; zero admits anybody.
    /// @param maxFee Most that is kept there, in the token's units; less than the amount.
    /// @param minFinalityThreshold 1000 for confirmed, 2000 for finalized blocks.
    /// @param hookData Data sent with the message, without meaning for CCTP. Not empty.
    function depositForBurnWithHook(
        uint256 amount,
        uint32 destinationDomain,
        bytes32 mintRecipient,
        address burnToken,
        bytes32 destinationCaller,
        uint256 maxFee,
        uint32 minFinalityThreshold,
        bytes calldata hookData
    ) external;

    /// @notice Least `maxFee` that a burn of `amount` needs. Older deployments lack it.
    function getMinFeeAmount(uint256 amount) external view returns (uint256);

    /// @notice Contract where messages are handed in.
    function localMessageTransmitter() external view returns (address);

    /// @notice Whether an account may neither burn nor sign a transaction that does.
    /// @param account Caller or signer.
    /// @return Whether it is refused.
    function isDenylisted(address account) external view returns (bool);

    /// @notice Messenger of another chain, whose burns are minted here and the other way round.
    /// @param domain CCTP's number of that chain.
    /// @return The messenger as a word; zero when there is none.
    function remoteTokenMessengers(uint32 domain) external view returns (bytes32);

    /// @notice Contract that mints and burns; zero if there is none.
    function localMinter() external view returns (address);
}

/// @title The part of CCTP's token minter, version 2, that Ballast uses
interface ITokenMinterV2 {
    /// @notice Most that one message burns of a token; 0 when it is not supported.
    function burnLimitsPerMessage(address token) external view returns (uint256);

    /// @notice Whether minting and burning are paused.
    /// @return Whether it is.
    function paused() external view returns (bool);
}
