// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Route of one treasury asset to and from other chains
/// @notice A route serves one treasury. It knows its counterpart on every chain, fixed by the configurator, and no
/// other: it sends only to the counterpart, and gives collected amounts to the treasury. Between calls it holds only
/// amounts that have arrived and wait to be collected. Amounts are in the units of this chain's token.
interface IBridgeRoute {
    /// @notice Instruction of the treasury to a route.
    /// @param id Id of the transfer.
    /// @param chain Chain id of the destination, or of the source when collecting.
    /// @param amount Amount that leaves, or the maximum that arrives.
    /// @param minReceived Least that must arrive.
    struct Cargo {
        bytes32 id;
        uint256 chain;
        uint256 amount;
        uint256 minReceived;
    }

    /// @notice Present cost and bounds of a send.
    /// @param nativeFee Coins to be sent along.
    /// @param tokenFee Least that is taken from the amount, as far as the chain knows.
    /// @param least Least amount that the route carries.
    /// @param most Most that it carries at once.
    struct Quote {
        uint256 nativeFee;
        uint256 tokenFee;
        uint256 least;
        uint256 most;
    }

    /// @notice Tokens left for another chain. `reference_` is the bridge's own id, if it exists already.
    event Dispatched(
        bytes32 indexed id, uint256 indexed chain, uint256 amount, uint256 minReceived, bytes32 reference_
    );

    /// @notice Tokens of a transfer went to the treasury.
    event Collected(bytes32 indexed id, uint256 indexed chain, uint256 received);

    /// @notice Tokens that belonged to no transfer went to the treasury.
    event Swept(uint256 amount);

    /// @notice The caller is not the treasury.
    error BridgeRoute_NotTreasury(address caller);

    /// @notice The constructor's contract has no code, or is of another token.
    error BridgeRoute_InvalidAddress(address account);

    /// @notice The route has no counterpart on that chain.
    error BridgeRoute_UnknownChain(uint256 chain);

    /// @notice The counterpart is incomplete, or its chain or its number is taken.
    error BridgeRoute_InvalidPeer(uint256 chain);

    /// @notice The tokens were not pushed before, they are needed for what waits to be collected, or the bridge left
    /// some behind.
    error BridgeRoute_Remainder(uint256 balance, uint256 expected);

    /// @notice The coins sent along do not cover the fee.
    error BridgeRoute_MissingFee(uint256 sent, uint256 fee);

    /// @notice The unspent native tokens could not be returned.
    error BridgeRoute_RefundFailed(address payer, uint256 amount);

    /// @notice Sends the tokens that were pushed here before.
    /// @dev Who: the treasury. Emits `Dispatched`. Reverts with `BridgeRoute_NotTreasury`, `BridgeRoute_UnknownChain`,
    /// `BridgeRoute_Remainder`, `BridgeRoute_MissingFee`, `BridgeRoute_RefundFailed`, and with the route's own errors.
    /// @param options What the keeper may choose, in the route's encoding and within its bounds.
    /// @param payer Account that gets back coins that the fee does not use.
    function send(Cargo calldata cargo, bytes calldata options, address payer) external payable;

    /// @notice Gives the treasury the amount that has arrived for a transfer.
    /// @dev Who: the treasury. Emits `Collected`. Reverts with `BridgeRoute_NotTreasury`, `BridgeRoute_UnknownChain`,
    /// and with the route's own errors when nothing proves the arrival.
    /// @param proof In the route's encoding.
    function collect(Cargo calldata cargo, bytes calldata proof) external returns (uint256 received);

    /// @notice Gives the treasury tokens of the route that belong to no transfer.
    /// @dev Who: the configurator's role. Emits `Swept`. Reverts with `BridgeRoute_Remainder`, and with the route's own
    /// errors while they may still belong to one.
    function sweep(uint256 amount) external;

    /// @notice Amounts that `send` would need now, and its cost.
    function quote(Cargo calldata cargo, bytes calldata options) external view returns (Quote memory);

    /// @notice Whether an arrival is proven for the exact transfer. If not, a keeper names the transfer, and the chain
    /// proves only the amount.
    function provesTransfer() external view returns (bool);

    /// @notice The treasury that the route serves.
    function treasury() external view returns (address);

    /// @notice The token that the route carries.
    function token() external view returns (address);
}
