// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "@ballast/interfaces/ITradeVenue.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Configurable venue that pays its own rate from its stock and always misreports the payment
contract ListedVenue is ITradeVenue {
    using SafeERC20 for IERC20;

    uint256 public immutable rateBps;
    /// @notice Part of the input that it returns.
    uint256 public refund;
    /// @notice Account that receives the output; the receiver if it is zero.
    address public payee;
    address public callee;
    bytes public callData;
    bool public succeeded;
    bytes public answer;
    bytes public lastData;
    uint256 public lastMinOut;
    uint256 public trades;

    constructor(uint256 rateBps_) {
        rateBps = rateBps_;
    }

    function setRefund(uint256 newRefund) external {
        refund = newRefund;
    }

    function setPayee(address newPayee) external {
        payee = newPayee;
    }

    function setCall(address newCallee, bytes calldata newCallData) external {
        (callee, callData) = (newCallee, newCallData);
    }

    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata data
    ) external returns (uint256) {
        (lastMinOut, lastData) = (minOut, data);
        ++trades;
        if (callee != address(0)) (succeeded, answer) = callee.call(callData);
        if (refund != 0) IERC20(tokenIn).safeTransfer(msg.sender, refund);
        IERC20(tokenOut).safeTransfer(payee == address(0) ? receiver : payee, amountIn * rateBps / 10_000);
        return type(uint256).max;
    }

    function spot(address, address, uint256 amountIn) external view returns (uint256) {
        return amountIn * rateBps / 10_000;
    }
}
