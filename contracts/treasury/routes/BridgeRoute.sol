// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IBridgeRoute} from "../../interfaces/IBridgeRoute.sol";

/// @title Common part of all routes
/// @dev Tokens are pushed here before a send, so the treasury gives no allowance. Everything that leaves goes to the
/// treasury, or to the bridge for a counterpart.
abstract contract BridgeRoute is IBridgeRoute, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @inheritdoc IBridgeRoute
    address public immutable treasury;
    /// @inheritdoc IBridgeRoute
    address public immutable token;

    constructor(address manager, address treasury_, address token_) AccessManaged(manager) {
        require(treasury_.code.length != 0, BridgeRoute_InvalidAddress(treasury_));
        require(token_.code.length != 0, BridgeRoute_InvalidAddress(token_));
        (treasury, token) = (treasury_, token_);
    }

    /// @inheritdoc IBridgeRoute
    function send(Cargo calldata cargo, bytes calldata options, address payer) external payable nonReentrant {
        _requireTreasury();
        uint256 balance = _balance();
        uint256 needed = cargo.amount + _waiting();
        require(balance >= needed, BridgeRoute_Remainder(balance, needed));
        (bytes32 reference_, uint256 fee) = _send(cargo, options);
        // Exactly the amount: a bridge that takes another amount is refused.
        // slither-disable-next-line incorrect-equality
        require(_balance() == balance - cargo.amount, BridgeRoute_Remainder(_balance(), balance - cargo.amount));
        // The event reports the result of the calls; the treasury's lock and this one exclude all others until then.
        // slither-disable-next-line reentrancy-events
        emit Dispatched(cargo.id, cargo.chain, cargo.amount, cargo.minReceived, reference_);
        _refund(payer, msg.value - fee);
    }

    /// @inheritdoc IBridgeRoute
    function collect(Cargo calldata cargo, bytes calldata proof) external nonReentrant returns (uint256 received) {
        _requireTreasury();
        received = _collect(cargo, proof);
        // slither-disable-next-line reentrancy-events
        emit Collected(cargo.id, cargo.chain, received);
    }

    /// @inheritdoc IBridgeRoute
    function sweep(uint256 amount) external restricted {
        uint256 needed = _waiting() + amount;
        require(_balance() >= needed, BridgeRoute_Remainder(_balance(), needed));
        _beforeSweep(amount);
        emit Swept(amount);
        IERC20(token).safeTransfer(treasury, amount);
    }

    /// @dev Hands the tokens to the bridge; the coins that it took are the fee.
    function _send(Cargo calldata cargo, bytes calldata options)
        internal
        virtual
        returns (bytes32 reference_, uint256 fee);

    /// @dev Gives the treasury the amount that has arrived for the transfer.
    function _collect(Cargo calldata cargo, bytes calldata proof) internal virtual returns (uint256 received);

    /// @dev Amounts that have arrived for transfers and are not collected.
    function _waiting() internal view virtual returns (uint256) {
        return 0;
    }

    /// @dev Refuses a sweep of tokens that may still belong to a transfer.
    function _beforeSweep(uint256 amount) internal virtual {}

    // The payer sent these coins along, and gets back at most those.
    // slither-disable-next-line arbitrary-send-eth
    function _refund(address payer, uint256 rest) private {
        if (rest == 0) return;
        // slither-disable-next-line low-level-calls
        (bool done,) = payer.call{value: rest}("");
        require(done, BridgeRoute_RefundFailed(payer, rest));
    }

    function _balance() internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function _requireTreasury() private view {
        require(msg.sender == treasury, BridgeRoute_NotTreasury(msg.sender));
    }
}
