// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Token that makes a call during a transfer, blocks accounts and refuses transfers of 0
contract HookToken is ERC20 {
    uint8 private immutable _decimals;

    address public callee;
    bytes public callData;
    bool public called;
    bool public callSucceeded;
    bytes public callAnswer;
    mapping(address account => bool) public isBlocked;

    error HookToken_Blocked(address account);
    error HookToken_Nothing();

    constructor(uint8 decimals_) ERC20("HOOK", "HOOK") {
        _decimals = decimals_;
    }

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    /// @notice Sets a call that the next transfer makes before it moves anything.
    function setHook(address newCallee, bytes calldata newCallData) external {
        (callee, callData, called) = (newCallee, newCallData, false);
    }

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!isBlocked[to], HookToken_Blocked(to));
        require(amount != 0, HookToken_Nothing());
        if (callee != address(0)) {
            (address target, bytes memory data) = (callee, callData);
            (callee, called) = (address(0), true);
            (callSucceeded, callAnswer) = target.call(data);
        }
        super._update(from, to, amount);
    }
}
