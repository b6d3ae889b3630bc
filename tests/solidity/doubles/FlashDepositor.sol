// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";

import {NoReturnToken} from "./NoReturnToken.sol";

/// @title Contract that deposits, acts and withdraws in one transaction
/// @notice It mints the amount that a flash loan would lend.
contract FlashDepositor {
    ILiquidityVault public immutable vault;

    constructor(ILiquidityVault vault_) {
        vault = vault_;
    }

    /// @notice Returns the fresh deposits after a deposit, after a smaller withdrawal and after a larger one.
    function watch(uint256 deposited, uint256 less, uint256 more) external returns (uint256[3] memory fresh) {
        _deposit(deposited);
        fresh[0] = vault.freshDeposits();
        vault.withdraw(less, address(this), address(this));
        fresh[1] = vault.freshDeposits();
        vault.withdraw(more, address(this), address(this));
        fresh[2] = vault.freshDeposits();
    }

    /// @notice Buys between deposit and withdrawal; must be a keeper.
    function purchase(uint256 deposited, address token, uint256 amount) external {
        _deposit(deposited);
        IAssetController(vault.controller()).purchaseAsset(token, amount, 0, "");
        vault.withdraw(deposited, address(this), address(this));
    }

    /// @notice Starts a run of weights that is open to anyone.
    function rebalance(uint256 deposited, IRebalanceable portfolio) external {
        _deposit(deposited);
        portfolio.rebalance(false);
    }

    /// @notice Opens a plan; must be the plan's keeper.
    function openPlan(
        uint256 deposited,
        IPlanLedger.Plan calldata plan,
        uint256[3] calldata state,
        IPlanLedger.Signature[] calldata signatures
    ) external {
        _deposit(deposited);
        IAssetController(vault.controller()).openPlan(plan, state, signatures);
    }

    /// @notice Fulfils the queue with its deposit.
    function fulfil(uint256 deposited) external {
        _deposit(deposited);
        IRedemptionQueue(vault.queue()).fulfil(type(uint256).max);
    }

    function _deposit(uint256 assets) internal {
        NoReturnToken token = NoReturnToken(IERC4626(vault).asset());
        token.mint(address(this), assets);
        token.approve(address(vault), assets);
        vault.deposit(assets, address(this));
    }
}
