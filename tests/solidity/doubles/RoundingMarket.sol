// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Market that rounds by a unit in configured directions, like Aave's tokens
/// @notice A share is worth one unit. It needs a few tokens of its own for payments that are rounded up.
contract RoundingMarket is ERC4626 {
    int256 public minted;
    int256 public burned;
    int256 public paid;

    constructor(address asset_) ERC4626(IERC20(asset_)) ERC20("ROUND", "ROUND") {}

    /// @param seed One unit less, none or one more, for shares minted, shares burned and assets paid.
    function setRounding(uint256 seed) external {
        (minted, burned, paid) = (_unit(seed), _unit(seed / 3), _unit(seed / 9));
    }

    function deposit(uint256 assets, address receiver) public override returns (uint256 shares) {
        shares = _by(assets, minted);
        _deposit(msg.sender, receiver, assets, shares);
    }

    function withdraw(uint256 assets, address receiver, address owner) public override returns (uint256 shares) {
        shares = Math.min(_by(assets, burned), balanceOf(owner));
        _withdraw(msg.sender, receiver, owner, _by(assets, paid), shares);
    }

    function _convertToShares(uint256 assets, Math.Rounding) internal pure override returns (uint256) {
        return assets;
    }

    function _convertToAssets(uint256 shares, Math.Rounding) internal pure override returns (uint256) {
        return shares;
    }

    function _unit(uint256 seed) private pure returns (int256) {
        return int256(seed % 3) - 1;
    }

    function _by(uint256 amount, int256 units) private pure returns (uint256) {
        if (units >= 0) return amount + uint256(units);
        return amount == 0 ? 0 : amount - 1;
    }
}
