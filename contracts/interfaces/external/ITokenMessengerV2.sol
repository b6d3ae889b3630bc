// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Ballast uses of CCTP's token messenger, version 2
interface ITokenMessengerV2 {
    /// @notice Burns tokens of the caller, which has approved them, and sends a message that mints them elsewhere.
    /// @dev Reverts with "Amount must be nonzero", "Max fee must be less than amount", "Insufficient max fee",
    /// "Mint recipient must be nonzero", "Hook data is empty", "No TokenMessenger for domain", "Local minter is not
    /// set", "Burn amount exceeds per tx limit", "Denylistable: account is on denylist" and "Pausable: paused".
    /// @param mintRecipient Who gets the tokens there.
    /// @param destinationCaller Who alone may hand the message in there; zero admits anybody.
    /// @param maxFee Most that is kept there, in the token's units; less than the amount.
    /// @param minFinalityThreshold 1000 for confirmed, 2000 for finalized blocks.
    /// @param hookData Goes with the message, and means nothing to CCTP. Not empty.
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

    /// @notice Where messages are handed in.
    function localMessageTransmitter() external view returns (address);

    /// @notice Whether an account may neither burn nor sign a transaction that does.
    /// @param account Caller or signer.
    /// @return Whether it is refused.
    function isDenylisted(address account) external view returns (bool);

    /// @notice Messenger of another chain, whose burns are minted here and the other way round.
    /// @param domain CCTP's number of that chain.
    /// @return The messenger as a word; zero when there is none.
    function remoteTokenMessengers(uint32 domain) external view returns (bytes32);

    /// @notice Who mints and burns; zero when nobody does.
    function localMinter() external view returns (address);
}

/// @title What Ballast uses of CCTP's token minter, version 2
interface ITokenMinterV2 {
    /// @notice Most that one message burns of a token; 0 when it is not supported.
    function burnLimitsPerMessage(address token) external view returns (uint256);

    /// @notice Whether nothing is minted or burnt for now.
    /// @return Whether it is so.
    function paused() external view returns (bool);
}
