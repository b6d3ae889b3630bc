// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Holdings} from "@ballast/portfolio/Holdings.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";
import {RateLimits} from "@ballast/security/RateLimits.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";
import {PlanLedger} from "@ballast/vault/PlanLedger.sol";
import {RedemptionQueue} from "@ballast/vault/RedemptionQueue.sol";
import {TierBook} from "@ballast/vault/TierBook.sol";

import {FairVenue} from "../doubles/FairVenue.sol";
import {Feed} from "../doubles/Feed.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Token} from "../doubles/Token.sol";
import {Test} from "./Test.sol";

/// @title The whole vault with all related contracts, connected and permitted as on a chain
/// @notice L2: two money markets, half each. L3: WETH 40 %, bonds 30 %, a fund 30 %. Alice has deposited a million. The
/// test contract is admin and configurator.
abstract contract System is Test {
    uint256 internal constant USD = 1e6;
    uint256 internal constant DEPOSIT = 1_000_000 * USD;
    /// @dev A limit that stops nothing in these tests.
    uint256 internal constant AMPLE = 1_000_000_000 * USD;
    /// @dev A maximum rate that stops nothing in these tests: 100 settlement tokens for a share.
    uint96 internal constant ANY_RATE = 100e6;
    /// @dev A minimum rate that stops nothing in these tests: a hundredth of a settlement token for a share.
    uint16 internal constant LEAST_RATE = 1;
    uint32 internal constant HEARTBEAT = 1 days;
    uint64 internal constant CONFIGURATOR = 1;
    uint64 internal constant GUARDIAN = 2;
    int256 internal constant WETH_PRICE = 3_000e8;
    int256 internal constant BOND_PRICE = 100e8;
    /// @dev Arbitrary start time, after the first day of the Unix epoch.
    uint256 internal constant START = 1_750_000_000;

    address internal immutable alice = address(0xA11CE);
    address internal immutable keeper = address(0x6EE9E4);
    address internal immutable guardian = address(0x64A4D);
    address internal immutable outsider = address(0xBAD);

    AccessManager internal manager;
    NoReturnToken internal usdt;
    Token internal weth;
    Token internal bond;
    Feed internal usdtFeed;
    Feed internal wethFeed;
    Feed internal bondFeed;
    PriceOracle internal oracle;
    LiquidityVault internal vault;
    RedemptionQueue internal queue;
    Portfolio internal l2;
    Portfolio internal l3;
    PlanLedger internal planLedger;
    KillSwitch internal killSwitch;
    AssetController internal controller;
    FairVenue internal venue;
    Strategy internal marketA;
    Strategy internal marketB;
    Strategy internal fund;

    function setUp() public virtual {
        // Limits start empty, and these fill in a second.
        vm.warp(START - 1);
        manager = new AccessManager(address(this));
        manager.grantRole(CONFIGURATOR, address(this), 0);
        manager.grantRole(GUARDIAN, guardian, 0);
        _deployTokens();
        _deployContracts();
        _restrict();
        _setHoldings();
        _allow(keeper);
        controller.raiseLimit(LimitKeys.LOSS_ADD, AMPLE, 1, 0);
        controller.raiseLimit(LimitKeys.LOSS_REDUCE, AMPLE, 1, 0);
        controller.raiseLimit(LimitKeys.LOSS_OVERDUE, AMPLE, 1, 0);
        controller.raiseLimit(LimitKeys.SINGLE_APPROVED, AMPLE, 1, 0);
        vm.warp(START);
        _deposit(alice, DEPOSIT);
    }

    function _deployTokens() internal {
        usdt = new NoReturnToken();
        weth = new Token("WETH", 18);
        bond = new Token("BOND", 18);
        usdtFeed = new Feed(8, 1e8);
        wethFeed = new Feed(8, WETH_PRICE);
        bondFeed = new Feed(8, BOND_PRICE);
        marketA = new Strategy(address(usdt), "MA");
        marketB = new Strategy(address(usdt), "MB");
        fund = new Strategy(address(usdt), "FUND");
    }

    function _deployContracts() internal {
        address authority = address(manager);
        oracle = new PriceOracle(authority);
        planLedger = new PlanLedger(authority);
        killSwitch = new KillSwitch(authority);
        vault = new LiquidityVault(authority, IERC20(address(usdt)), "Ballast USDT", "bUSDT");
        queue = new RedemptionQueue(authority, address(vault));
        l2 = new Portfolio(authority, address(usdt), address(oracle), address(vault));
        l3 = new Portfolio(authority, address(usdt), address(oracle), address(vault));
        controller = _newController(address(l2), address(l3));
        venue = new FairVenue(address(oracle));
    }

    function _restrict() internal {
        _permit(address(oracle), PriceOracle.setFeed.selector, CONFIGURATOR);
        _permit(address(oracle), PriceOracle.removeFeed.selector, CONFIGURATOR);
        _permit(address(oracle), PriceOracle.setSequencerFeed.selector, CONFIGURATOR);
        _permit(address(vault), LiquidityVault.setController.selector, CONFIGURATOR);
        _permit(address(vault), LiquidityVault.setQueue.selector, CONFIGURATOR);
        _permit(address(vault), LiquidityVault.setHoldingTime.selector, CONFIGURATOR);
        _permit(address(vault), LiquidityVault.setDepositCap.selector, CONFIGURATOR);
        _permit(address(vault), LiquidityVault.lowerDepositCap.selector, GUARDIAN);
        _permit(address(killSwitch), KillSwitch.pause.selector, GUARDIAN);
        _permit(address(killSwitch), KillSwitch.removeKeeper.selector, GUARDIAN);
        _permit(address(killSwitch), KillSwitch.unpause.selector, CONFIGURATOR);
        _permit(address(killSwitch), KillSwitch.restoreKeeper.selector, CONFIGURATOR);
        _permit(address(queue), RedemptionQueue.setNotice.selector, CONFIGURATOR);
        _permit(address(queue), RedemptionQueue.setMinimumShares.selector, CONFIGURATOR);
        _permit(address(l2), Holdings.setHoldings.selector, CONFIGURATOR);
        _permit(address(l2), Portfolio.setOperator.selector, CONFIGURATOR);
        _permit(address(l3), Holdings.setHoldings.selector, CONFIGURATOR);
        _permit(address(l3), Portfolio.setOperator.selector, CONFIGURATOR);
        _permit(address(l2), Holdings.lowerCap.selector, GUARDIAN);
        _permit(address(l3), Holdings.lowerCap.selector, GUARDIAN);
        _permit(address(l2), Holdings.markDown.selector, GUARDIAN);
        _permit(address(l3), Holdings.markDown.selector, GUARDIAN);
        _permit(address(l2), Holdings.liftMark.selector, CONFIGURATOR);
        _permit(address(l3), Holdings.liftMark.selector, CONFIGURATOR);
        _permit(address(l2), Portfolio.setSkimReceiver.selector, CONFIGURATOR);
        _permit(address(l3), Portfolio.setSkimReceiver.selector, CONFIGURATOR);
        _permit(address(planLedger), PlanLedger.raiseApprover.selector, CONFIGURATOR);
        _permit(address(planLedger), PlanLedger.lowerApprover.selector, GUARDIAN);
        _restrictController(address(controller));
    }

    function _restrictController(address target) internal {
        _permit(target, RateLimits.raiseLimit.selector, CONFIGURATOR);
        _permit(target, RateLimits.lowerLimit.selector, GUARDIAN);
        _permit(target, TierBook.setBounds.selector, CONFIGURATOR);
        _permit(target, TierBook.tightenBounds.selector, GUARDIAN);
        _permit(target, TierBook.unpause.selector, CONFIGURATOR);
        _permit(target, TierBook.pause.selector, GUARDIAN);
        _permit(target, AssetController.cancelPlan.selector, GUARDIAN);
        _permit(target, AssetController.voidNonce.selector, GUARDIAN);
        _permit(target, AssetController.raiseDualApproval.selector, CONFIGURATOR);
        _permit(target, AssetController.lowerDualApproval.selector, GUARDIAN);
    }

    function _newController(address tier2, address tier3) internal returns (AssetController) {
        return new AssetController(
            address(manager), address(vault), tier2, tier3, address(oracle), address(planLedger), address(killSwitch)
        );
    }

    /// @dev Makes a keeper. Its limits are available one second later.
    function _allow(address account) internal {
        controller.raiseLimit(LimitKeys.automatic(account), AMPLE, 1, 0);
        controller.raiseLimit(LimitKeys.derisk(account), AMPLE, 1, 0);
        controller.raiseLimit(LimitKeys.lossReduce(account), AMPLE, 1, 0);
    }

    /// @dev Makes a keeper and waits the second until its limits are available.
    function _allowNow(address account) internal {
        _allow(account);
        vm.warp(block.timestamp + 1);
    }

    function _setHoldings() internal {
        oracle.setFeed(address(usdt), address(usdtFeed), HEARTBEAT, 0.95e8, 1.05e8);
        oracle.setFeed(address(weth), address(wethFeed), HEARTBEAT, 100e8, 100_000e8);
        oracle.setFeed(address(bond), address(bondFeed), HEARTBEAT, 10e8, 1_000e8);
        vault.setController(address(controller));
        vault.setQueue(address(queue));
        l2.setOperator(address(controller), true);
        l3.setOperator(address(controller), true);
        l2.setHoldings(_markets());
        l3.setHoldings(_yields(address(venue)));
    }

    function _markets() internal view returns (IPortfolio.Holding[] memory list) {
        list = new IPortfolio.Holding[](2);
        list[0] = _strategy(address(marketA), 5_000);
        list[1] = _strategy(address(marketB), 5_000);
    }

    function _yields(address tradedAt) internal view returns (IPortfolio.Holding[] memory list) {
        list = new IPortfolio.Holding[](3);
        list[0] = _traded(address(weth), 4_000, tradedAt);
        list[1] = _traded(address(bond), 3_000, tradedAt);
        list[2] = _strategy(address(fund), 3_000);
    }

    function _strategy(address asset, uint16 targetBps) internal pure returns (IPortfolio.Holding memory) {
        return
            IPortfolio.Holding(asset, IPortfolio.Kind.Erc4626, targetBps, 10, 10_000, address(0), ANY_RATE, LEAST_RATE);
    }

    function _traded(address asset, uint16 targetBps, address tradedAt)
        internal
        pure
        returns (IPortfolio.Holding memory)
    {
        return IPortfolio.Holding(asset, IPortfolio.Kind.Venue, targetBps, 200, 10_000, tradedAt, 0, 0);
    }

    /// @dev 10 % cash, 30 % in the markets, 60 % in L3 at target weights.
    function _invest() internal {
        vm.startPrank(keeper);
        controller.purchaseAsset(address(marketA), 150_000 * USD, 0, "");
        controller.purchaseAsset(address(marketB), 150_000 * USD, 0, "");
        controller.purchaseAsset(address(weth), 240_000 * USD, 0, "");
        controller.purchaseAsset(address(bond), 180_000 * USD, 0, "");
        controller.purchaseAsset(address(fund), 180_000 * USD, 0, "");
        vm.stopPrank();
    }

    function _markDown(Portfolio holder, address asset, uint16 keptBps) internal {
        vm.prank(guardian);
        holder.markDown(asset, keptBps);
    }

    function _deposit(address account, uint256 assets) internal returns (uint256 shares) {
        usdt.mint(account, assets);
        vm.startPrank(account);
        usdt.approve(address(vault), assets);
        shares = vault.deposit(assets, account);
        vm.stopPrank();
    }

    function _permit(address target, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    /// @dev Opens every band, for tests of something else.
    function _openBands() internal {
        for (uint256 i = 0; i < 9; i += 3) {
            _setBound(IAssetController.Bound(i), 0);
            _setBound(IAssetController.Bound(i + 2), 10_000);
        }
    }

    function _setBound(IAssetController.Bound which, uint16 value) internal {
        uint16[14] memory bounds = controller.bounds();
        bounds[uint256(which)] = value;
        controller.setBounds(bounds);
    }

    function _bound(IAssetController.Bound which) internal view returns (uint256) {
        return controller.bounds()[uint256(which)];
    }

    function _error(bytes4 selector, address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, account);
    }
}
