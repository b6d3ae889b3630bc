// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {WeightMath} from "@ballast/libraries/WeightMath.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";

import {Feed} from "../doubles/Feed.sol";
import {MoodyVenue} from "../doubles/MoodyVenue.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Token} from "../doubles/Token.sol";
import {Ledger} from "../invariants/Ledger.sol";
import {Test} from "../support/Test.sol";
import {Vm} from "../support/Vm.sol";

struct WeightsWorld {
    NoReturnToken usdt;
    Token weth;
    Token bond;
    Strategy fund;
    Feed usdtFeed;
    Feed wethFeed;
    Feed bondFeed;
    MoodyVenue venue;
    LiquidityVault vault;
    address keeper;
    address outsider;
    address guardian;
    Ledger ledger;
}

/// @title Handler that starts runs of two portfolios and checks the properties of each run that traded
contract RunHandler is Test {
    uint256 private constant ONE = 10_000;
    /// @dev Settlement units of rounding in all trades of a run.
    uint256 private constant ROUNDING = 16;

    /// @notice A run as seen from outside, in values on the scale of the basket.
    struct Seen {
        uint256[] values;
        uint256[] settled;
        uint256 totalBefore;
        uint256 totalBetween;
        uint256 totalAfter;
        uint256 received;
        uint256 paid;
        uint256 tolerance;
    }

    /// @notice A sale or purchase, from the portfolio's event.
    struct Leg {
        bool sold;
        uint256 amount;
        uint256 out;
    }

    WeightsWorld private world;
    Portfolio[2] private portfolios;
    /// @notice Value lost by all runs of a portfolio, in settlement units, less the rounding.
    uint256[2] public lost;
    /// @notice Whether the executor received a gift since its last run.
    bool[2] public gifted;

    constructor(WeightsWorld memory world_, Portfolio[2] memory portfolios_) {
        world = world_;
        portfolios = portfolios_;
    }

    function rebalance(uint256 which, bool force) external {
        which %= 2;
        bytes memory call = abi.encodeCall(Portfolio.rebalance, (force));
        uint16 bound_ = _executor(which).terms().openMaxLossBps;
        if (force) bound_ = _executor(which).terms().maxLossBps;
        _run(which, force ? world.keeper : world.outsider, address(portfolios[which]), call, bound_, _none());
    }

    /// @dev Names any assets in any order, perhaps one twice, with minimum outputs that are sometimes too high.
    function reweigh(uint256 which, uint256 seed, uint256 count, uint256 minOut) external {
        which %= 2;
        IPortfolioWeights.Swap[] memory swaps = new IPortfolioWeights.Swap[](count % 5);
        for (uint256 i = 0; i < swaps.length; ++i) {
            swaps[i].asset = _asset((seed >> 8 * i) % 4);
            swaps[i].minOut = (minOut >> 8 * i) % 4 == 0 ? (minOut >> 32) % 1e20 : 0;
        }
        address judge = portfolios[which].weights();
        bytes memory call = abi.encodeCall(IPortfolioWeights.reweigh, (swaps));
        _run(which, world.keeper, judge, call, _executor(which).terms().maxLossBps, swaps);
    }

    /// @dev Tries a keeper's run as an outsider.
    function outsiderReweighs(uint256 which) external {
        which %= 2;
        vm.prank(world.outsider);
        try IPortfolioWeights(portfolios[which].weights()).reweigh(_none()) {
            world.ledger.check(false, "E43");
        } catch {}
    }

    function giveToExecutor(uint256 which, uint256 amount) external {
        which %= 2;
        world.usdt.mint(address(_executor(which)), bound(amount, 1, 1_000e6));
        gifted[which] = true;
    }

    function _run(
        uint256 which,
        address caller,
        address callee,
        bytes memory call,
        uint256 maxLossBps,
        IPortfolioWeights.Swap[] memory swaps
    ) private {
        Portfolio held = portfolios[which];
        IPortfolioWeights.Scales memory scales;
        try IPortfolioWeights(held.weights()).scales() returns (IPortfolioWeights.Scales memory present) {
            scales = present;
        } catch {
            return;
        }
        uint256 limit = _executor(which).available(LimitKeys.LOSS_ADD);
        uint256[] memory before = _balances(held, scales);
        vm.recordLogs();
        vm.prank(caller);
        (bool succeeded,) = callee.call(call);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (!succeeded || !_traded(logs)) {
            _checkUntouched(before, _balances(held, scales));
            return;
        }
        gifted[which] = false;
        _judge(which, scales, logs, swaps, [maxLossBps, limit]);
        _checkUnnamed(scales, before, _balances(held, scales), logs);
    }

    /// @dev Bounds: maximum loss in basis points, and the level of the loss limit.
    function _judge(
        uint256 which,
        IPortfolioWeights.Scales memory scales,
        Vm.Log[] memory logs,
        IPortfolioWeights.Swap[] memory swaps,
        uint256[2] memory bounds
    ) private {
        Seen memory seen = _see(scales, logs);
        uint256 last = scales.constituents.length;
        seen.settled = _after(which, scales, seen);
        uint256 price = scales.basket.prices[last];
        for (uint256 i = 0; i <= last; ++i) {
            seen.totalAfter += seen.settled[i];
        }
        seen.tolerance += ROUNDING * price;
        uint256 deviation = WeightMath.deviation(seen.values, scales.basket.targets, seen.totalBefore);
        uint256 left = WeightMath.deviation(seen.settled, scales.basket.targets, seen.totalAfter);
        world.ledger.check(WeightMath.improves(deviation, seen.totalBefore, left, seen.totalAfter), "C26");
        _checkSides(scales, seen);
        bool kept = WeightMath.keeps(seen.totalBefore, seen.totalAfter, bounds[0]);
        uint256 loss = Math.saturatingSub(seen.totalBefore, seen.totalAfter) / price;
        world.ledger.check(kept && loss <= bounds[1] + ROUNDING, "C28");
        lost[which] += Math.saturatingSub(loss, ROUNDING);
        _checkLegs(scales, seen, logs, swaps);
        _checkBudget(which, scales, seen);
        world.ledger.count("runs");
    }

    /// @dev C27. An asset changes sides by at most the gain or loss of the venue.
    function _checkSides(IPortfolioWeights.Scales memory scales, Seen memory seen) private {
        uint256[] memory targets = scales.basket.targets;
        for (uint256 i = 0; i < scales.constituents.length; ++i) {
            bool over = ONE * seen.values[i] > targets[i] * seen.totalBefore;
            uint256 target = targets[i] * seen.totalAfter / ONE;
            bool stays = over
                ? seen.settled[i] + seen.tolerance >= target
                : seen.settled[i] <= target + seen.tolerance || seen.settled[i] == seen.values[i];
            world.ledger.check(stays, "C27");
        }
    }

    /// @dev C30 and C32: each trade delivers within its bound and the caller's minimum, and no purchase exceeds its
    /// gap.
    function _checkLegs(
        IPortfolioWeights.Scales memory scales,
        Seen memory seen,
        Vm.Log[] memory logs,
        IPortfolioWeights.Swap[] memory swaps
    ) private {
        for (uint256 i = 0; i < scales.constituents.length; ++i) {
            Leg memory leg = _legOf(logs, scales.constituents[i].asset);
            if (leg.amount == 0) continue;
            world.ledger.check(leg.out >= _minOutOf(swaps, scales.constituents[i].asset), "C30");
            _checkLeg(scales, seen, i, leg);
        }
    }

    function _checkLeg(IPortfolioWeights.Scales memory scales, Seen memory seen, uint256 i, Leg memory leg) private {
        uint256 cash = scales.basket.prices[scales.constituents.length];
        uint256 price = scales.basket.prices[i];
        uint256 gave = leg.amount * (leg.sold ? price : cash);
        uint256 got = (leg.out + ROUNDING) * (leg.sold ? cash : price) + (leg.sold ? 0 : ROUNDING * cash);
        world.ledger.check(got * ONE >= gave * (ONE - scales.constituents[i].maxLossBps), "C30");
        if (leg.sold) return;
        uint256 target = scales.basket.targets[i] * seen.totalBetween / ONE;
        world.ledger.check(gave <= Math.saturatingSub(target, seen.values[i]) + ROUNDING * cash, "C32");
        world.ledger.count("purchases");
    }

    /// @dev C31.
    function _checkBudget(uint256 which, IPortfolioWeights.Scales memory scales, Seen memory seen) private {
        uint256 last = scales.constituents.length;
        uint256 cash = scales.basket.quantities[last];
        world.ledger.check(seen.paid <= seen.received + cash, "C31");
        if (seen.paid == 0 || which == 0) return;
        uint256 target = scales.basket.targets[last] * seen.totalBetween / ONE;
        uint256 price = scales.basket.prices[last];
        world.ledger.check((cash + seen.received - seen.paid + ROUNDING) * price >= target, "C31");
    }

    /// @dev C33: assets without a trade keep their balance.
    function _checkUnnamed(
        IPortfolioWeights.Scales memory scales,
        uint256[] memory before,
        uint256[] memory current,
        Vm.Log[] memory logs
    ) private {
        for (uint256 i = 0; i < scales.constituents.length; ++i) {
            Leg memory leg = _legOf(logs, scales.constituents[i].asset);
            world.ledger.check(leg.amount != 0 || before[i] == current[i], "C33");
        }
    }

    function _checkUntouched(uint256[] memory before, uint256[] memory current) private {
        for (uint256 i = 0; i < before.length; ++i) {
            world.ledger.check(before[i] == current[i], "C33");
        }
    }

    /// @dev Reads the trades from the portfolio's events.
    function _see(IPortfolioWeights.Scales memory scales, Vm.Log[] memory logs)
        private
        view
        returns (Seen memory seen)
    {
        (seen.values, seen.totalBefore) = WeightMath.weigh(scales.basket);
        seen.totalBetween = seen.totalBefore;
        uint256 cash = scales.basket.prices[scales.constituents.length];
        uint256 off = _distance(world.venue.deliveredBps(), ONE);
        for (uint256 i = 0; i < scales.constituents.length; ++i) {
            Leg memory leg = _legOf(logs, scales.constituents[i].asset);
            if (leg.amount == 0) continue;
            uint256 gave = leg.amount * (leg.sold ? scales.basket.prices[i] : cash);
            if (leg.sold) {
                seen.received += leg.out;
                seen.totalBetween = seen.totalBetween + leg.out * cash - gave;
            } else {
                seen.paid += leg.amount;
            }
            seen.tolerance += gave * off / ONE;
        }
    }

    /// @dev Returns the values afterwards at the prices before.
    function _after(uint256 which, IPortfolioWeights.Scales memory scales, Seen memory seen)
        private
        view
        returns (uint256[] memory values)
    {
        uint256 last = scales.constituents.length;
        values = new uint256[](last + 1);
        for (uint256 i = 0; i < last; ++i) {
            uint256 balance = IERC20(scales.constituents[i].asset).balanceOf(address(portfolios[which]));
            bool weighed = scales.constituents[i].maxSale != 0 || scales.constituents[i].maxPayment != 0;
            values[i] = (weighed ? balance : scales.basket.quantities[i]) * scales.basket.prices[i];
        }
        values[last] = (scales.basket.quantities[last] + seen.received - seen.paid) * scales.basket.prices[last];
    }

    function _legOf(Vm.Log[] memory logs, address asset) private pure returns (Leg memory leg) {
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            bool sale = topic == IPortfolio.Sold.selector;
            if (!sale && topic != IPortfolio.Bought.selector) continue;
            if (logs[i].topics[1] != bytes32(uint256(uint160(asset)))) continue;
            leg.sold = sale;
            (leg.amount, leg.out) = abi.decode(logs[i].data, (uint256, uint256));
        }
    }

    function _traded(Vm.Log[] memory logs) private pure returns (bool) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IPortfolioWeights.Rebalanced.selector) return true;
        }
        return false;
    }

    function _balances(Portfolio held, IPortfolioWeights.Scales memory scales)
        private
        view
        returns (uint256[] memory balances)
    {
        uint256 last = scales.constituents.length;
        balances = new uint256[](last + 1);
        for (uint256 i = 0; i < last; ++i) {
            balances[i] = IERC20(scales.constituents[i].asset).balanceOf(address(held));
        }
        balances[last] = world.usdt.balanceOf(held.home());
    }

    /// @dev The last terms for an asset apply.
    function _minOutOf(IPortfolioWeights.Swap[] memory swaps, address asset) private pure returns (uint256 minOut) {
        for (uint256 i = 0; i < swaps.length; ++i) {
            if (swaps[i].asset == asset) minOut = swaps[i].minOut;
        }
    }

    function _executor(uint256 which) private view returns (WeightRebalancer) {
        return WeightRebalancer(IPortfolioWeights(portfolios[which].weights()).rebalancer());
    }

    function _asset(uint256 which) private view returns (address) {
        address[4] memory assets = [address(world.weth), address(world.bond), address(world.fund), address(world.usdt)];
        return assets[which];
    }

    function _none() private pure returns (IPortfolioWeights.Swap[] memory) {
        return new IPortfolioWeights.Swap[](0);
    }

    function _distance(uint256 left, uint256 right) private pure returns (uint256) {
        return left > right ? left - right : right - left;
    }
}

/// @title Handler of everything else: prices, the venue, gifts, depositors, caps and time
contract MarketHandler is Test {
    WeightsWorld private world;
    Portfolio[2] private portfolios;

    constructor(WeightsWorld memory world_, Portfolio[2] memory portfolios_) {
        world = world_;
        portfolios = portfolios_;
        world_.usdt.approve(address(world_.vault), type(uint256).max);
    }

    function setPrices(uint256 wethPrice, uint256 bondPrice) external {
        world.wethFeed.set(int256(bound(wethPrice, 1_000e8, 9_000e8)));
        world.bondFeed.set(int256(bound(bondPrice, 30e8, 300e8)));
    }

    /// @dev Moves the pool before a run.
    function movePool(uint256 deliveredBps, uint256 spotBps) external {
        world.venue.setMood(bound(deliveredBps, 9_700, 10_050), false, address(0), "");
        world.venue.setSpotBps(bound(spotBps, 9_800, 10_200));
    }

    function movePoolBack() external {
        world.venue.setMood(9_990, false, address(0), "");
        world.venue.setSpotBps(10_000);
    }

    function changeFund(uint256 gain, uint256 lossBps) external {
        if (gain % 2 == 0) world.usdt.mint(address(world.fund), bound(gain, 0, 50_000e6));
        else world.fund.lose(world.fund.totalAssets() * bound(lossBps, 0, 1_000) / 10_000);
    }

    function limitFund(uint256 room, bool paused) external {
        world.fund.setLimit(room % 3 == 0 ? world.fund.totalAssets() + room % 10_000e6 : type(uint256).max);
        world.fund.setWithdrawalsPaused(paused && room % 3 == 1);
    }

    function give(uint256 which, uint256 token, uint256 amount) external {
        address held = address(portfolios[which % 2]);
        if (token % 3 == 0) world.weth.mint(held, bound(amount, 1, 10e18));
        if (token % 3 == 1) world.bond.mint(held, bound(amount, 1, 300e18));
        if (token % 3 == 2) world.usdt.mint(held, bound(amount, 1, 20_000e6));
    }

    function deposit(uint256 assets) external {
        assets = bound(assets, 1e6, 100_000e6);
        world.usdt.mint(address(this), assets);
        world.vault.deposit(assets, address(this));
    }

    function withdraw(uint256 assets) external {
        world.vault.withdraw(bound(assets, 1, world.vault.maxWithdraw(address(this))), address(0xA11CE), address(this));
    }

    /// @dev Prices are seldom stale.
    function wait(uint256 time, bool late) external {
        vm.warp(block.timestamp + bound(time, 1, 2 hours) + (late && time % 5 == 0 ? 1 days : 0));
        if (late && time % 5 == 0) return;
        world.usdtFeed.set(1e8);
        world.wethFeed.set(world.wethFeed.answer());
        world.bondFeed.set(world.bondFeed.answer());
    }
}
