// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {PortfolioWeights} from "@ballast/portfolio/PortfolioWeights.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";

import {FairVenue} from "../doubles/FairVenue.sol";
import {Feed} from "../doubles/Feed.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Token} from "../doubles/Token.sol";
import {Test} from "../support/Test.sol";
import {Vm} from "../support/Vm.sol";
import {WeighedPortfolio} from "./WeighedPortfolio.sol";

/// @title Portfolio of three venue assets and the settlement token, as in the weight document, and its executor
/// @notice BTC 50,000, ETH 3,000, BNB 500; targets 30 % each and 10 % settlement tokens. It holds 0.6 BTC, 3 ETH, 20
/// BNB and 11,000 settlement tokens, 60,000 in total. The test contract is configurator and guardian.
abstract contract WeightsTest is Test {
    uint256 internal constant USD = 1e6;
    uint256 internal constant WHOLE = 10_000;
    uint32 internal constant HEARTBEAT = 1 days;
    uint256 internal constant START = 1_750_000_000;
    uint64 internal constant ROLE = 1;
    uint64 internal constant GUARDIAN = 2;

    address internal immutable keeper = address(0x6EE9E4);
    address internal immutable guardian = address(0x64A4D);
    address internal immutable outsider = address(0xBAD);
    address internal immutable home = address(0x40E);

    AccessManager internal manager;
    NoReturnToken internal usdt;
    Token internal btc;
    Token internal eth;
    Token internal bnb;
    Feed internal usdtFeed;
    Feed internal btcFeed;
    Feed internal ethFeed;
    Feed internal bnbFeed;
    PriceOracle internal oracle;
    KillSwitch internal killSwitch;
    FairVenue internal venue;
    /// @dev Portfolio that stands alone.
    WeighedPortfolio internal portfolio;
    WeightRebalancer internal rebalancer;
    /// @dev Portfolio with a home.
    WeighedPortfolio internal tier;
    WeightRebalancer internal tierRebalancer;

    function setUp() public virtual {
        vm.warp(START);
        manager = new AccessManager(address(this));
        manager.grantRole(ROLE, address(this), 0);
        killSwitch = new KillSwitch(address(manager));
        manager.grantRole(GUARDIAN, guardian, 0);
        oracle = new PriceOracle(address(manager));
        _permit(address(oracle), PriceOracle.setFeed.selector, ROLE);
        _deployTokens();
        venue = new FairVenue(address(oracle));
        (portfolio, rebalancer) = _deploy(address(0));
        (tier, tierRebalancer) = _deploy(home);
        portfolio.setItems(_items(address(venue), 3_000, 3_000, 3_000), 1_000);
        tier.setItems(_items(address(venue), 3_000, 3_000, 4_000), 0);
        _hold(portfolio, 0.6e8, 3e18, 20e18, 11_000 * USD);
        _hold(tier, 0.6e8, 3e18, 20e18, 0);
        vm.warp(START + 1 days);
        _refreshFeeds();
    }

    function _deployTokens() internal {
        (usdt, btc, eth, bnb) = (new NoReturnToken(), new Token("BTC", 8), new Token("ETH", 18), new Token("BNB", 18));
        (usdtFeed, btcFeed, ethFeed, bnbFeed) =
        (new Feed(8, 1e8), new Feed(8, 50_000e8), new Feed(8, 3_000e8), new Feed(8, 500e8));
        oracle.setFeed(address(usdt), address(usdtFeed), HEARTBEAT, 0.9e8, 1.1e8);
        oracle.setFeed(address(btc), address(btcFeed), HEARTBEAT, 100e8, 1e6 * 1e8);
        oracle.setFeed(address(eth), address(ethFeed), HEARTBEAT, 10e8, 1e6 * 1e8);
        oracle.setFeed(address(bnb), address(bnbFeed), HEARTBEAT, 1e8, 1e6 * 1e8);
    }

    function _refreshFeeds() internal {
        btcFeed.set(btcFeed.answer());
        ethFeed.set(ethFeed.answer());
        bnbFeed.set(bnbFeed.answer());
        usdtFeed.set(usdtFeed.answer());
    }

    function _deploy(address home_) internal returns (WeighedPortfolio held, WeightRebalancer executor) {
        held = new WeighedPortfolio(address(manager), address(usdt), address(oracle), home_);
        executor = new WeightRebalancer(address(manager), address(held), address(killSwitch));
        _configure(held, executor, 1);
    }

    /// @param unit Base units in a millionth of the settlement token.
    function _configure(WeighedPortfolio held, WeightRebalancer executor, uint256 unit) internal {
        _permit(address(held), PortfolioWeights.setRebalancer.selector, ROLE);
        _permit(address(executor), WeightRebalancer.setTerms.selector, ROLE);
        _permit(address(executor), WeightRebalancer.unpause.selector, ROLE);
        _permit(address(executor), IRateLimits.raiseLimit.selector, ROLE);
        _permit(address(executor), WeightRebalancer.tightenTerms.selector, GUARDIAN);
        _permit(address(executor), WeightRebalancer.pause.selector, GUARDIAN);
        _permit(address(executor), IRateLimits.lowerLimit.selector, GUARDIAN);
        held.setRebalancer(address(executor));
        IWeightRebalancer.Terms memory terms = _terms();
        terms.minimumTrade *= uint96(unit);
        executor.setTerms(terms);
        uint8 exp = unit == 1 ? 0 : 12;
        executor.raiseLimit(LimitKeys.automatic(keeper), 1_000_000 * USD * unit, 1 days, exp);
        executor.raiseLimit(LimitKeys.automatic(address(held)), 100_000 * USD * unit, 1 days, exp);
        executor.raiseLimit(LimitKeys.LOSS_ADD, 10_000 * USD * unit, 1 days, exp);
    }

    function _terms() internal pure returns (IWeightRebalancer.Terms memory) {
        return IWeightRebalancer.Terms({
            driftBps: 500,
            coolDown: 1 hours,
            maxLossBps: 200,
            openMaxLossBps: 30,
            spotToleranceBps: 100,
            minimumTrade: uint96(10 * USD)
        });
    }

    function _items(address tradedAt, uint16 a, uint16 b, uint16 c)
        internal
        view
        returns (WeighedPortfolio.Item[] memory items)
    {
        items = new WeighedPortfolio.Item[](3);
        items[0] = WeighedPortfolio.Item(address(btc), tradedAt, a, 200, false);
        items[1] = WeighedPortfolio.Item(address(eth), tradedAt, b, 200, false);
        items[2] = WeighedPortfolio.Item(address(bnb), tradedAt, c, 200, false);
    }

    function _hold(WeighedPortfolio held, uint256 a, uint256 b, uint256 c, uint256 cash) internal {
        btc.mint(address(held), a);
        eth.mint(address(held), b);
        bnb.mint(address(held), c);
        if (cash != 0) usdt.mint(address(held), cash);
    }

    /// @dev Returns terms for every asset, without minimum outputs.
    function _swaps() internal view returns (IPortfolioWeights.Swap[] memory swaps) {
        swaps = new IPortfolioWeights.Swap[](3);
        swaps[0] = IPortfolioWeights.Swap(address(btc), 0, "");
        swaps[1] = IPortfolioWeights.Swap(address(eth), 0, "");
        swaps[2] = IPortfolioWeights.Swap(address(bnb), 0, "");
    }

    function _reweigh(WeighedPortfolio held, IPortfolioWeights.Swap[] memory swaps) internal {
        vm.prank(keeper);
        held.reweigh(swaps);
    }

    /// @dev Starts an open run and expects that it is skipped for a reason.
    function _assertSkips(WeighedPortfolio held, IRebalanceable.Reason reason) internal {
        bytes32 before = _stateOf(held);
        vm.expectEmit(address(held));
        emit IRebalanceable.RebalanceSkipped(reason);
        vm.prank(outsider);
        held.rebalance(false);
        assertTrue(_stateOf(held) == before, "nothing moved");
    }

    function _assertRefused(WeighedPortfolio held, IRebalanceable.Reason reason) internal {
        vm.expectRevert(abi.encodeWithSelector(IRebalanceable.Rebalance_Refused.selector, reason));
        _reweigh(held, _swaps());
    }

    function _runs(WeighedPortfolio held) internal {
        uint40 last = WeightRebalancer(held.rebalancer()).lastRun();
        vm.prank(outsider);
        held.rebalance(false);
        assertTrue(WeightRebalancer(held.rebalancer()).lastRun() > last, "it traded");
    }

    function _stateOf(WeighedPortfolio held) internal view returns (bytes32) {
        address executor = held.rebalancer();
        uint256[6] memory balances = [
            btc.balanceOf(address(held)),
            eth.balanceOf(address(held)),
            bnb.balanceOf(address(held)),
            usdt.balanceOf(address(held)),
            usdt.balanceOf(executor),
            usdt.balanceOf(held.home())
        ];
        uint256[3] memory limits = [
            WeightRebalancer(executor).available(LimitKeys.automatic(keeper)),
            WeightRebalancer(executor).available(LimitKeys.automatic(address(held))),
            WeightRebalancer(executor).available(LimitKeys.LOSS_ADD)
        ];
        return keccak256(abi.encode(balances, limits, WeightRebalancer(executor).lastRun()));
    }

    /// @dev Returns the value in settlement tokens.
    function _worth(WeighedPortfolio held) internal view returns (uint256) {
        return _valueOf(held, btc) + _valueOf(held, eth) + _valueOf(held, bnb) + usdt.balanceOf(address(held));
    }

    function _valueOf(WeighedPortfolio held, Token token) internal view returns (uint256) {
        return oracle.convert(address(token), address(usdt), token.balanceOf(address(held)));
    }

    function _permit(address target, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }
}
