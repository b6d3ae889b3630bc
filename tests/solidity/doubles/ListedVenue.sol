// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "@ballast/interfaces/ITradeVenue.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title A venue that pays a rate of its own from its stock, does as it is told, and always lies about what it paid
contract ListedVenue is ITradeVenue {
    using SafeERC20 for IERC20;

    uint256 public immutable rateBps;
    /// @notice What it sends back of the input.
    uint256 public refund;
    /// @notice Who gets the output; the receiver if nobody is named.
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
