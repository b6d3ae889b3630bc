// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAavePool} from "@network/IAavePool.sol";

/// @title Money market behind ERC-4626
/// @notice Supplies its asset to Aave V3 and holds the aToken, whose balance grows with the interest. Withdrawals are
/// bounded by the cash that borrowers have left in the pool. Nobody administers it.
contract AaveMoneyMarket is ERC4626 {
    using SafeERC20 for IERC20;

    /// @dev Virtual shares: 10**6 for each unit of the asset, against inflation of the share price.
    uint8 private constant DECIMALS_OFFSET = 6;
    /// @dev Positions in Aave's reserve configuration word.
    uint256 private constant ACTIVE = 1 << 56;
    uint256 private constant FROZEN = 1 << 57;
    uint256 private constant PAUSED = 1 << 60;

    /// @notice The Aave pool that is supplied.
    IAavePool public immutable pool;
    /// @notice Aave's receipt for the asset.
    IERC20 public immutable aToken;

    constructor(IERC20 asset_, IAavePool pool_, string memory name_, string memory symbol_)
        ERC4626(asset_)
        ERC20(name_, symbol_)
    {
        pool = pool_;
        aToken = IERC20(pool_.getReserveData(address(asset_)).aTokenAddress);
        asset_.forceApprove(address(pool_), type(uint256).max);
    }

    /// @notice Cash in the pool that can be withdrawn at once; zero while the reserve is paused.
    function availableCash() public view returns (uint256) {
        uint256 configuration = pool.getReserveData(asset()).configuration;
        bool open = configuration & ACTIVE != 0 && configuration & PAUSED == 0;
        return open ? IERC20(asset()).balanceOf(address(aToken)) : 0;
    }

    /// @inheritdoc ERC4626
    function totalAssets() public view override returns (uint256) {
        return aToken.balanceOf(address(this));
    }

    /// @inheritdoc ERC4626
    function maxDeposit(address) public view override returns (uint256) {
        uint256 configuration = pool.getReserveData(asset()).configuration;
        bool open = configuration & ACTIVE != 0 && configuration & (PAUSED | FROZEN) == 0;
        return open ? type(uint256).max : 0;
    }

    /// @inheritdoc ERC4626
    function maxMint(address receiver) public view override returns (uint256) {
        return maxDeposit(receiver);
    }

    /// @inheritdoc ERC4626
    function maxWithdraw(address owner) public view override returns (uint256) {
        return Math.min(_convertToAssets(balanceOf(owner), Math.Rounding.Floor), availableCash());
    }

    /// @inheritdoc ERC4626
    function maxRedeem(address owner) public view override returns (uint256) {
        return Math.min(balanceOf(owner), _convertToShares(availableCash(), Math.Rounding.Floor));
    }

    function _transferIn(address from, uint256 assets) internal override {
        super._transferIn(from, assets);
        // Aave refuses to move nothing, ERC-4626 does not.
        if (assets != 0) pool.supply(asset(), assets, address(this), 0);
    }

    function _transferOut(address to, uint256 assets) internal override {
        if (assets != 0) pool.withdraw(asset(), assets, to);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return DECIMALS_OFFSET;
    }
}
