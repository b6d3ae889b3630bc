// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title High-yield bond token
/// @notice A share of a tokenised bond portfolio, 18 decimals, issued and redeemed by its issuer, the owner.
contract BondToken is ERC20, Ownable {
    constructor(address issuer) ERC20("High-Yield Bond", "HYD") Ownable(issuer) {}

    /// @notice Issues `amount` to `to`. Issuer only.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    /// @notice Destroys the caller's own tokens.
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }
}
