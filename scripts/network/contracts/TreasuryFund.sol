// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title A fund that its issuer runs
/// @notice An ERC-4626 vault whose yield and losses come from outside: the issuer pays yield in, takes a loss out, and
/// can suspend withdrawals. Serves as treasury-bill fund and as private credit fund.
contract TreasuryFund is ERC4626, Ownable {
    using SafeERC20 for IERC20;

    /// @dev Virtual shares: 10**6 for each unit of the asset, against inflation of the share price.
    uint8 private constant DECIMALS_OFFSET = 6;

    /// @notice Whether withdrawals are suspended.
    bool public withdrawalsPaused;

    event YieldPaid(address indexed from, uint256 assets);
    event LossReported(uint256 assets);
    event WithdrawalsPaused(bool paused);

    constructor(IERC20 asset_, address issuer, string memory name_, string memory symbol_)
        ERC4626(asset_)
        ERC20(name_, symbol_)
        Ownable(issuer)
    {}

    /// @notice Pays yield in: all shares gain. Anyone may.
    function payYield(uint256 assets) external {
        IERC20(asset()).safeTransferFrom(msg.sender, address(this), assets);
        emit YieldPaid(msg.sender, assets);
    }

    /// @notice Writes a loss off: the assets leave to the issuer and all shares lose. Issuer only.
    function reportLoss(uint256 assets) external onlyOwner {
        IERC20(asset()).safeTransfer(msg.sender, assets);
        emit LossReported(assets);
    }

    /// @notice Suspends or resumes withdrawals. Issuer only.
    function setWithdrawalsPaused(bool paused) external onlyOwner {
        withdrawalsPaused = paused;
        emit WithdrawalsPaused(paused);
    }

    /// @inheritdoc ERC4626
    function maxRedeem(address owner_) public view override returns (uint256) {
        return withdrawalsPaused ? 0 : super.maxRedeem(owner_);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return DECIMALS_OFFSET;
    }
}
