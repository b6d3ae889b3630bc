// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";

import {NoReturnToken} from "./NoReturnToken.sol";

/// @title Deposits, does something, and withdraws again, in one transaction
/// @notice It mints what a flash loan would lend.
contract FlashDepositor {
    ILiquidityVault public immutable vault;

    constructor(ILiquidityVault vault_) {
        vault = vault_;
    }

    /// @notice What counts as fresh after a deposit, after a withdrawal of less, and after one of more.
    function watch(uint256 deposited, uint256 less, uint256 more) external returns (uint256[3] memory fresh) {
        _deposit(deposited);
        fresh[0] = vault.freshDeposits();
        vault.withdraw(less, address(this), address(this));
        fresh[1] = vault.freshDeposits();
        vault.withdraw(more, address(this), address(this));
        fresh[2] = vault.freshDeposits();
    }

    /// @notice Buys between deposit and withdrawal, if it is a keeper.
    function purchase(uint256 deposited, address token, uint256 amount) external {
        _deposit(deposited);
        IAssetController(vault.controller()).purchaseAsset(token, amount, 0, "");
        vault.withdraw(deposited, address(this), address(this));
    }

    /// @notice Begins a run of weights that anybody may begin.
    function rebalance(uint256 deposited, IRebalanceable portfolio) external {
        _deposit(deposited);
        portfolio.rebalance(false);
    }

    /// @notice Opens a plan, if it is the keeper of it.
    function openPlan(
        uint256 deposited,
        IPlanLedger.Plan calldata plan,
        uint256[3] calldata state,
        IPlanLedger.Signature[] calldata signatures
    ) external {
        _deposit(deposited);
        IAssetController(vault.controller()).openPlan(plan, state, signatures);
    }

    /// @notice Has the queue served with what it deposited.
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
