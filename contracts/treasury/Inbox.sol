// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IInbox} from "../interfaces/IInbox.sol";

/// @title Account for a custodian's withdrawals
contract Inbox is IInbox, AccessManaged {
    using SafeERC20 for IERC20;

    /// @inheritdoc IInbox
    address public immutable treasury;
    /// @inheritdoc IInbox
    address public immutable token;

    /// @inheritdoc IInbox
    address public route;

    constructor(address manager, address treasury_, address token_) AccessManaged(manager) {
        require(treasury_.code.length != 0, Inbox_InvalidTreasury(treasury_));
        require(token_.code.length != 0, Inbox_InvalidToken(token_));
        (treasury, token) = (treasury_, token_);
    }

    /// @inheritdoc IInbox
    // Zero means none.
    // slither-disable-next-line missing-zero-check
    function setRoute(address newRoute) external restricted {
        route = newRoute;
        emit RouteSet(newRoute);
    }

    /// @inheritdoc IInbox
    function release(uint256 amount) external {
        require(msg.sender == route, Inbox_NotRoute(msg.sender));
        emit Released(amount);
        IERC20(token).safeTransfer(treasury, amount);
    }

    /// @inheritdoc IInbox
    function sweep(address stray, uint256 amount) external restricted {
        emit Swept(stray, amount);
        IERC20(stray).safeTransfer(treasury, amount);
    }

    /// @inheritdoc IInbox
    function unbooked() external view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }
}
