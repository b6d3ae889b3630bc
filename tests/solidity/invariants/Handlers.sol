// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {Bps} from "@ballast/libraries/Bps.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";

import {Feed} from "../doubles/Feed.sol";
import {MoodyVenue} from "../doubles/MoodyVenue.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Token} from "../doubles/Token.sol";
import {Test} from "../support/Test.sol";
import {Ledger} from "./Ledger.sol";

struct World {
    NoReturnToken usdt;
    Token weth;
    Token bond;
    Feed wethFeed;
    Feed bondFeed;
    Feed usdtFeed;
    PriceOracle oracle;
    LiquidityVault vault;
    Portfolio l2;
    Portfolio l3;
    AssetController controller;
    KillSwitch killSwitch;
    MoodyVenue venue;
    Strategy marketA;
    Strategy marketB;
    Strategy fund;
    Ledger ledger;
}

abstract contract Handler is Test {
    World internal world;

    constructor(World memory world_) {
        world = world_;
    }

    function _asset(uint256 seed) internal view returns (address) {
        address[5] memory assets = [
            address(world.weth),
            address(world.bond),
            address(world.marketA),
            address(world.marketB),
            address(world.fund)
        ];
        return assets[seed % assets.length];
    }
}

/// @title Handler of three people who deposit and withdraw
contract DepositorHandler is Handler {
    uint256 private constant MOST = 500_000e6;
    /// @dev Number of shares at which the price is compared, large enough to hide a unit of rounding.
    uint256 private constant MANY_SHARES = 1e12 * 1e12;

    address[3] private depositors = [address(0xA11CE), address(0xB0B), address(0xCA401)];

    constructor(World memory world_) Handler(world_) {}

    function deposit(uint256 who, uint256 assets) external {
        (address depositor, uint256 price) = (depositors[who % 3], _price());
        assets = bound(assets, 1, MOST);
        world.usdt.mint(depositor, assets);
        vm.startPrank(depositor);
        world.usdt.approve(address(world.vault), 0);
        world.usdt.approve(address(world.vault), assets);
        uint256 expected = world.vault.previewDeposit(assets);
        world.ledger.check(world.vault.deposit(assets, depositor) >= expected, "V8");
        vm.stopPrank();
        world.ledger.check(_price() >= price, "V8");
        world.ledger.count("deposit");
    }

    function withdraw(uint256 who, uint256 assets) external {
        (address depositor, uint256 price) = (depositors[who % 3], _price());
        uint256 most = world.vault.maxWithdraw(depositor);
        if (most == 0) return;
        vm.prank(depositor);
        world.vault.withdraw(bound(assets, 1, most), depositor, depositor);
        world.ledger.check(_price() >= price, "V8");
        world.ledger.count("withdraw");
    }

    function redeem(uint256 who, uint256 shares) external {
        (address depositor, uint256 price) = (depositors[who % 3], _price());
        uint256 most = world.vault.maxRedeem(depositor);
        if (most == 0) return;
        vm.prank(depositor);
        world.vault.redeem(bound(shares, 1, most), depositor, depositor);
        world.ledger.check(_price() >= price, "V8");
        world.ledger.count("redeem");
    }

    function _price() internal view returns (uint256) {
        return world.vault.convertToAssets(MANY_SHARES);
    }
}

/// @title Handler of a keeper that takes every permitted action
contract KeeperHandler is Handler {
    struct Before {
        uint256 total;
        uint256 supply;
        uint256 idle;
    }

    address internal immutable keeper;

    constructor(World memory world_, address keeper_) Handler(world_) {
        keeper = keeper_;
    }

    function purchaseAsset(uint256 seed, uint256 amount, uint256 minOut) external {
        address asset = _asset(seed);
        Before memory before = _look();
        amount = bound(amount, 1, before.idle + 1);
        vm.prank(keeper);
        world.controller.purchaseAsset(asset, amount, minOut % 2, "");
        _judge(before, amount);
        _judgeBands(world.controller.tierOf(asset));
        world.ledger.check(!world.controller.paused(), "V10");
        world.ledger.count("purchase");
    }

    function redeemAsset(uint256 seed, uint256 amount) external {
        address asset = _asset(seed);
        Before memory before = _look();
        Portfolio holder = world.controller.tierOf(asset) == 1 ? world.l2 : world.l3;
        uint256 held = Token(asset).balanceOf(address(holder));
        if (held == 0) return;
        amount = bound(amount, 1, held);
        uint256 worth = holder.valueOf(asset) * amount / held + 1;
        vm.prank(keeper);
        world.controller.redeemAsset(asset, amount, 0, "");
        _judge(before, worth);
        world.ledger.check(world.vault.idle() >= before.idle, "V5");
        world.ledger.count("redeem asset");
    }

    function allocateToLayer(uint8 tier, uint256 amount) external {
        tier = tier % 3;
        Before memory before = _look();
        uint256 most = tier == 0 ? world.l2.value() : before.idle;
        amount = bound(amount, 1, most + 1);
        vm.prank(keeper);
        uint256 moved = world.controller.allocateToLayer(tier, amount);
        _judge(before, moved);
        world.ledger.check(moved <= amount, "V12");
        if (tier != 0) {
            _judgeBands(tier);
            world.ledger.check(!world.controller.paused(), "V10");
        }
        world.ledger.count("allocate");
    }

    function rebalanceBuffer() external {
        Before memory before = _look();
        vm.prank(keeper);
        int256 moved = world.controller.rebalanceBuffer();
        _judge(before, moved < 0 ? uint256(-moved) : uint256(moved));
        if (moved < 0) {
            _judgeBands(1);
            world.ledger.check(!world.controller.paused(), "V10");
        }
        world.ledger.count("buffer");
    }

    function waterfall(uint256 needed, uint8 maxTier) external {
        Before memory before = _look();
        needed = bound(needed, 1, before.total + 1);
        vm.prank(keeper);
        uint256 available = world.controller.executeWaterfallLiquidation(needed, maxTier % 3);
        uint256 pulled = available - before.idle;
        _judge(before, pulled + pulled / 50);
        world.ledger.check(available == world.vault.idle(), "V12");
        // A generous venue may return more than requested: at most a tenth here.
        world.ledger.check(available <= before.idle || available <= needed + needed / 10, "V12");
        world.ledger.count("waterfall");
    }

    function takeFromCustody(uint256 seed, uint256 amount) external {
        vm.startPrank(keeper);
        _mustFail(address(world.vault), abi.encodeCall(world.vault.pay, (keeper, amount)));
        _mustFail(address(world.vault), abi.encodeCall(world.vault.supply, (IERC4626(_asset(seed)), amount, keeper)));
        _mustFail(address(world.l3), abi.encodeCall(world.l3.sell, (_asset(seed), amount, 0, "")));
        _mustFail(address(world.l2), abi.encodeCall(world.l2.withdraw, (_asset(seed), amount)));
        _mustFail(
            address(world.controller), abi.encodeCall(world.controller.drawFrom, (1, _asset(seed), amount, bytes32(0)))
        );
        _mustFail(
            address(world.controller), abi.encodeCall(world.controller.supplyTo, (1, _asset(seed), amount, amount))
        );
        _mustFail(address(world.controller), abi.encodeCall(world.controller.drawOverdue, (amount)));
        IAssetController.Run memory run;
        IPlanLedger.Action memory action = IPlanLedger.Action(2, _asset(seed), amount, 0, keccak256(""), 0);
        _mustFail(address(world.controller), abi.encodeCall(world.controller.runStep, (run, 2, action, "")));
        vm.stopPrank();
    }

    function _mustFail(address target, bytes memory data) internal {
        (bool done,) = target.call(data);
        world.ledger.check(!done, "V9");
    }

    function _look() internal view returns (Before memory) {
        return Before(world.vault.totalAssets(), world.vault.totalSupply(), world.vault.idle());
    }

    /// @dev V2, V6, V10: the loss is at most the bound, at unchanged prices.
    function _judge(Before memory before, uint256 amount) internal {
        world.ledger.check(world.vault.totalSupply() == before.supply, "V2");
        uint256 current = world.vault.totalAssets();
        uint256 allowed = Bps.partUp(amount, world.controller.bounds()[uint256(IAssetController.Bound.MaxLoss)]);
        // One unit of rounding for each of at most five holdings.
        world.ledger.check(current + allowed + 5 >= before.total, "V6");
    }

    function _judgeBands(uint8 tier) internal {
        (uint256[3] memory values,) = world.controller.bookValues();
        uint16[14] memory bounds = world.controller.bounds();
        uint256 total = values[0] + values[1] + values[2];
        world.ledger.check(values[0] * Bps.ONE >= total * bounds[0], "V7");
        world.ledger.check(values[tier] * Bps.ONE <= total * bounds[tier * 3 + 2], "V7");
    }
}

/// @title Handler of everything else: guardian, outsiders, venue, strategies, prices and gifts
contract WorldHandler is Handler {
    address private immutable guardian;
    address private immutable configurator;
    address private constant OUTSIDER = address(0xBAD);
    int256 private constant MOST_BPS = 500;

    constructor(World memory world_, address guardian_, address configurator_) Handler(world_) {
        (guardian, configurator) = (guardian_, configurator_);
    }

    function pause(uint256 seed) external {
        // Usually unpaused; otherwise most calls would do nothing.
        if (world.controller.paused()) {
            vm.prank(configurator);
            world.controller.unpause();
        } else if (seed % 8 == 0) {
            vm.prank(guardian);
            world.controller.pause();
        }
    }

    function venueMood(uint256 delivered, bool toItself, uint256 call) external {
        delivered = bound(delivered, 9_850, 10_100);
        (address callee, bytes memory data) = _call(call);
        world.venue.setMood(delivered, toItself && call % 4 == 0, callee, data);
    }

    function strategyMood(uint256 seed, uint8 mood) external {
        Strategy strategy = Strategy(_asset(2 + seed % 3));
        if (mood % 3 == 0) strategy.setMood(Strategy.Mood.Honest, 0);
        else strategy.setMood(Strategy.Mood(mood % 6), seed % 20);
        strategy.setWithdrawalsPaused(mood % 7 == 0);
    }

    function movePrice(uint256 which, int256 bps) external {
        bps = int256(bound(uint256(bps), 0, uint256(2 * MOST_BPS))) - MOST_BPS;
        Feed feed = which % 2 == 0 ? world.wethFeed : world.bondFeed;
        int256 answer = feed.answer() * (10_000 + bps) / 10_000;
        (int256 least, int256 most) =
            which % 2 == 0 ? (int256(1_000e8), int256(9_000e8)) : (int256(50e8), int256(200e8));
        feed.set(answer < least ? least : answer > most ? most : answer);
    }

    function passTime(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 days));
        // Usually the feeds are updated.
        if (time % 8 == 0) return;
        world.wethFeed.set(world.wethFeed.answer());
        world.bondFeed.set(world.bondFeed.answer());
        world.usdtFeed.set(world.usdtFeed.answer());
    }

    function gift(uint256 seed, uint256 amount) external {
        amount = bound(amount, 1, 1_000e6);
        world.usdt.mint(seed % 2 == 0 ? address(world.vault) : _asset(2 + seed % 3), amount);
    }

    function strategyResult(uint256 seed, uint256 amount, bool gain) external {
        Strategy strategy = Strategy(_asset(2 + seed % 3));
        uint256 most = strategy.totalAssets() / 50;
        if (most == 0) return;
        amount = bound(amount, 1, most);
        if (gain) world.usdt.mint(address(strategy), amount);
        else strategy.lose(amount);
    }

    function outsider(uint256 call) external {
        (address callee, bytes memory data) = _call(call);
        if (callee == address(0)) return;
        uint256 idle = world.vault.idle();
        vm.prank(OUTSIDER);
        (bool done,) = callee.call(data);
        // Anyone may call the buffer's rebalance while L1 is inside its band; it then moves nothing.
        bool leftAlone = bytes4(data) == AssetController.rebalanceBuffer.selector && world.vault.idle() == idle;
        world.ledger.check(!done || leftAlone, "V9");
    }

    /// @dev Returns a call that an account without rights might make, from outside or during a trade.
    function _call(uint256 seed) internal view returns (address, bytes memory) {
        uint256 which = seed % 9;
        address self = which % 2 == 0 ? address(world.venue) : OUTSIDER;
        if (which == 0) return (address(0), "");
        if (which == 1) return (address(world.vault), abi.encodeCall(world.vault.pay, (self, 1e6)));
        if (which == 2) return (address(world.vault), abi.encodeCall(world.vault.setController, (self)));
        if (which == 3) {
            return (address(world.vault), abi.encodeCall(world.vault.redeem, (1e12, self, address(0xA11CE))));
        }
        if (which == 4) return (address(world.l3), abi.encodeCall(world.l3.sell, (address(world.weth), 1e15, 0, "")));
        if (which == 5) return (address(world.l3), abi.encodeCall(world.l3.setOperator, (self, true)));
        if (which == 6) return (address(world.killSwitch), abi.encodeCall(world.killSwitch.removeKeeper, (self)));
        if (which == 7) return (address(world.controller), abi.encodeCall(world.controller.rebalanceBuffer, ()));
        return (address(world.oracle), abi.encodeCall(world.oracle.removeFeed, (address(world.weth))));
    }
}
