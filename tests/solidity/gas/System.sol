// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";
import {PlanLedger} from "@ballast/vault/PlanLedger.sol";

import {PlainStrategies} from "./GasTest.sol";

/// @title Vault in use over the plain strategies: two of them in L2 and one in L3
/// @notice The test contract holds every role.
abstract contract GasSystem is PlainStrategies {
    uint16 private constant HALF = 5_000;
    uint16 private constant MAX_LOSS = 10;
    uint16 private constant WHOLE = 10_000;
    uint96 private constant MAX_RATE = 2e18;
    uint16 private constant MIN_RATE_BPS = 4_000;
    /// @dev Limits of a token with 18 decimals count millionths.
    uint8 private constant EXP = 12;

    PriceOracle internal oracle;
    LiquidityVault internal vault;
    Portfolio internal l2;
    Portfolio internal l3;
    AssetController internal controller;

    function setUp() public virtual override {
        super.setUp();
        vm.warp(1_750_000_000);
        _deploy();
        _configure();
        vm.warp(block.timestamp + 30 days);
        token.approve(address(vault), SUPPLY);
        vault.deposit(FIRST + SECOND + THIRD + IDLE, address(this));
        _supply(0, FIRST);
        _supply(1, SECOND);
        _supply(2, THIRD);
        // No deposit is of this block, and the book is recent.
        vm.warp(block.timestamp + 1 days);
        controller.sync();
        vm.warp(block.timestamp + 10 minutes);
    }

    function _deploy() private {
        // The test contract is the admin, whose role applies to every function without another role.
        address authority = address(new AccessManager(address(this)));
        oracle = new PriceOracle(authority);
        vault = new LiquidityVault(authority, token, "Ballast", "bPLAIN");
        l2 = new Portfolio(authority, address(token), address(oracle), address(vault));
        l3 = new Portfolio(authority, address(token), address(oracle), address(vault));
        address ledger = address(new PlanLedger(authority));
        address killSwitch = address(new KillSwitch(authority));
        controller = new AssetController(
            authority, address(vault), address(l2), address(l3), address(oracle), ledger, killSwitch
        );
    }

    function _configure() private {
        vault.setController(address(controller));
        l2.setOperator(address(controller), true);
        l3.setOperator(address(controller), true);
        IPortfolio.Holding[] memory markets = new IPortfolio.Holding[](2);
        markets[0] = _holding(0, HALF);
        markets[1] = _holding(1, HALF);
        l2.setHoldings(markets);
        IPortfolio.Holding[] memory funds = new IPortfolio.Holding[](1);
        funds[0] = _holding(2, 2 * HALF);
        l3.setHoldings(funds);
        // The strategies hold the same amounts as in the floor's tests, so the bands are wide.
        uint16[14] memory bounds = controller.bounds();
        (bounds[0], bounds[2], bounds[3], bounds[5], bounds[6], bounds[8]) = (100, 10_000, 0, 10_000, 0, 10_000);
        controller.setBounds(bounds);
        controller.raiseLimit(LimitKeys.automatic(address(this)), SUPPLY, 1 days, EXP);
        controller.raiseLimit(LimitKeys.derisk(address(this)), SUPPLY, 1 days, EXP);
        controller.raiseLimit(LimitKeys.LOSS_ADD, SUPPLY, 1 days, EXP);
        controller.raiseLimit(LimitKeys.lossReduce(address(this)), SUPPLY, 1 days, EXP);
    }

    function _holding(uint256 which, uint16 targetBps) private view returns (IPortfolio.Holding memory) {
        return IPortfolio.Holding(
            address(strategies[which]),
            IPortfolio.Kind.Erc4626,
            targetBps,
            MAX_LOSS,
            WHOLE,
            address(0),
            MAX_RATE,
            MIN_RATE_BPS
        );
    }

    /// @dev Buys shares; a new strategy mints one share per asset unit.
    function _supply(uint256 which, uint256 amount) internal {
        controller.purchaseAsset(address(strategies[which]), amount, amount, "");
    }

    function _redeem(uint256 which, uint256 amount) internal {
        controller.redeemAsset(address(strategies[which]), amount, amount, "");
    }
}
