// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CctpPausable} from "@network/CctpPausable.sol";

/// @title A token that its minters mint and burn
interface IMintable {
    function mint(address to, uint256 amount) external returns (bool);
    function burn(uint256 amount) external;
}

/// @title Mints and burns for CCTP, on the local network
/// @notice Written for Ballast. It behaves like Circle's TokenMinterV2 where a caller can tell. Its owner is also its
/// token controller.
contract CctpMinter is CctpPausable {
    address public localTokenMessenger;
    /// @notice Most that one message burns; 0 when the token is not supported.
    mapping(address token => uint256) public burnLimitsPerMessage;
    mapping(bytes32 remote => address) public remoteTokensToLocalTokens;

    event TokenPairLinked(address localToken, uint32 remoteDomain, bytes32 remoteToken);
    event SetBurnLimitPerMessage(address indexed token, uint256 burnLimitPerMessage);
    event LocalTokenMessengerAdded(address localTokenMessenger);

    modifier onlyLocalTokenMessenger() {
        require(msg.sender == localTokenMessenger, "Caller not local TokenMessenger");
        _;
    }

    constructor(address owner_) CctpPausable(owner_) {}

    /// @notice Sets who may mint and burn, once. Owner only.
    function addLocalTokenMessenger(address newLocalTokenMessenger) external onlyOwner {
        require(newLocalTokenMessenger != address(0), "Invalid TokenMessenger address");
        require(localTokenMessenger == address(0), "Local TokenMessenger already set");
        localTokenMessenger = newLocalTokenMessenger;
        emit LocalTokenMessengerAdded(newLocalTokenMessenger);
    }

    /// @notice Says which token here stands for one elsewhere. Owner only.
    function linkTokenPair(address localToken, uint32 remoteDomain, bytes32 remoteToken) external onlyOwner {
        bytes32 key = keccak256(abi.encodePacked(remoteDomain, remoteToken));
        require(remoteTokensToLocalTokens[key] == address(0), "Unable to link token pair");
        remoteTokensToLocalTokens[key] = localToken;
        emit TokenPairLinked(localToken, remoteDomain, remoteToken);
    }

    /// @notice Sets the most that one message burns. Owner only.
    function setMaxBurnAmountPerMessage(address localToken, uint256 burnLimitPerMessage) external onlyOwner {
        burnLimitsPerMessage[localToken] = burnLimitPerMessage;
        emit SetBurnLimitPerMessage(localToken, burnLimitPerMessage);
    }

    /// @notice Mints to two accounts. Token messenger only.
    function mint(
        uint32 sourceDomain,
        bytes32 burnToken,
        address recipientOne,
        address recipientTwo,
        uint256 amountOne,
        uint256 amountTwo
    ) external whenNotPaused onlyLocalTokenMessenger returns (address mintToken) {
        mintToken = getLocalToken(sourceDomain, burnToken);
        require(mintToken != address(0), "Mint token not supported");
        require(IMintable(mintToken).mint(recipientOne, amountOne), "First mint operation failed");
        if (amountTwo == 0) return mintToken;
        require(IMintable(mintToken).mint(recipientTwo, amountTwo), "Second mint operation failed");
    }

    /// @notice Burns what was sent here. Token messenger only.
    function burn(address burnToken, uint256 burnAmount) external whenNotPaused onlyLocalTokenMessenger {
        uint256 allowed = burnLimitsPerMessage[burnToken];
        require(allowed > 0, "Burn token not supported");
        require(burnAmount <= allowed, "Burn amount exceeds per tx limit");
        IMintable(burnToken).burn(burnAmount);
    }

    function getLocalToken(uint32 remoteDomain, bytes32 remoteToken) public view returns (address) {
        return remoteTokensToLocalTokens[keccak256(abi.encodePacked(remoteDomain, remoteToken))];
    }
}
