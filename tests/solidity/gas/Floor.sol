// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Minimal custody and logic in one contract with an owner and no checks, as a lower bound of gas
contract Floor {
    address private immutable _owner = msg.sender;
    IERC20 private immutable _asset;

    modifier onlyOwner() {
        require(msg.sender == _owner);
        _;
    }

    constructor(IERC20 asset_) {
        _asset = asset_;
    }

    function supply(IERC4626 strategy, uint256 amount) external onlyOwner {
        _supply(strategy, amount);
    }

    function free(IERC4626 strategy, uint256 amount) external onlyOwner {
        strategy.withdraw(amount, address(this), address(this));
    }

    function move(IERC4626 from, IERC4626 to, uint256 amount) external onlyOwner {
        from.withdraw(amount, address(this), address(this));
        _supply(to, amount);
    }

    function pull(IERC4626[] calldata strategies, uint256[] calldata amounts) external onlyOwner {
        for (uint256 i = 0; i < strategies.length; ++i) {
            strategies[i].withdraw(amounts[i], address(this), address(this));
        }
    }

    function _supply(IERC4626 strategy, uint256 amount) private {
        _asset.approve(address(strategy), amount);
        strategy.deposit(amount, address(this));
    }
}
