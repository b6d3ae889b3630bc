// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Token} from "../doubles/Token.sol";
import {Test} from "../support/Test.sol";
import {PaperPortfolio} from "./PaperPortfolio.sol";

/// @title Sales and payments of the executor, to the last unit
/// @notice Simulated portfolios with three assets and the settlement token last. Each price is two, and every asset may
/// be traded completely, unless a test states otherwise; the minimum trade is ten units.
contract WeightRebalancerSizesTest is Test {
    uint256 private constant PRICE = 2;
    uint256 private constant MINIMUM = 10;
    uint256 private constant ANY = type(uint256).max;
    IPortfolioWeights.Mode private constant FORCED = IPortfolioWeights.Mode.Forced;
    IPortfolioWeights.Mode private constant KEEPER = IPortfolioWeights.Mode.Keeper;

    Token private cash;
    PaperPortfolio private alone;
    PaperPortfolio private tier;
    WeightRebalancer private tierExecutor;

    function setUp() public {
        cash = new Token("CASH", 0);
        (alone,) = _deploy(address(0));
        (tier, tierExecutor) = _deploy(address(0x40E));
    }

    function test_execute__cashBefore__isSpentOnlyWithoutAHome() public {
        // 100 are above target and 200 are below; 100 of the previous 200 settlement tokens are above their target.
        IPortfolioWeights.Scales memory scales = _scales([uint256(600), 200, 0, 200], [uint256(5_000), 4_000, 0, 1_000]);
        (uint256[] memory sold, uint256[] memory paid) = tier.run(scales, KEEPER, _named(scales, 0));
        assertEq(sold[0], 100, "sold of a tier");
        assertEq(paid[1], 100, "proceeds");
        scales = _scales([uint256(600), 200, 0, 200], [uint256(5_000), 4_000, 0, 1_000]);
        (sold, paid) = alone.run(scales, KEEPER, _named(scales, 0));
        assertEq(sold[0], 100, "sold of a basket");
        assertEq(paid[1], 200, "proceeds and surplus");
    }

    function test_execute__proceedsShortOfAUnit__areNotRoundedUp() public {
        // The gaps are 166.8280 and 28.6576. A ten-thousandth more would give the first one 163.
        IPortfolioWeights.Scales memory scales =
            _scales([uint256(682), 257, 605, 0], [uint256(3_151), 2_745, 4_104, 0], 1);
        scales.constituents[0].maxSale = 191;
        (, uint256[] memory paid) = tier.run(scales, KEEPER, _named(scales, 0));
        assertEq(paid[1], 162, "first gap");
        assertEq(paid[2], 28, "second gap");
    }

    /// @dev Proceeds that cannot be spent for lack of room go home.
    function test_execute__keepersRun__roomDoesNotMoveTheShares() public {
        IPortfolioWeights.Scales memory scales = _lacking();
        scales.constituents[0].maxPayment = 40;
        (uint256[] memory sold, uint256[] memory paid) = tier.run(scales, KEEPER, _named(scales, 0));
        assertEq(sold[2], 250, "sold");
        assertEq(paid[0], 40, "room");
        assertEq(paid[1], 150, "its share of 250 for 200 and 300");
    }

    function test_execute__keepersRunWithoutRoom__isNoGap() public {
        IPortfolioWeights.Scales memory scales = _lacking();
        scales.constituents[0].maxPayment = 0;
        (, uint256[] memory paid) = tier.run(scales, KEEPER, _named(scales, 0));
        assertEq(paid[0], 0, "no room");
        assertEq(paid[1], 250, "all of it");
    }

    function test_execute__notNamed__isNoGap() public {
        IPortfolioWeights.Scales memory scales = _lacking();
        (, uint256[] memory paid) = tier.run(scales, KEEPER, _named(scales, 1));
        assertEq(paid[0], 0, "not named");
        assertEq(paid[1], 250, "all of it");
    }

    function test_execute__oneUnitTooMany__isSoldWhereItMayBe() public {
        // One unit is worth twice the minimum trade.
        IPortfolioWeights.Scales memory scales = _scales([uint256(51), 49, 0, 0], [uint256(5_000), 5_000, 0, 0], 1);
        (scales.basket.prices[0], scales.basket.prices[1]) = (20, 20);
        (uint256[] memory sold,) = tier.run(scales, KEEPER, _named(scales, 1));
        assertEq(sold[0], 0, "not named");
        scales.constituents[0].maxSale = 0;
        (sold,) = tier.run(scales, KEEPER, _named(scales, 0));
        assertEq(sold[0], 0, "may not be sold");
        scales.constituents[0].maxSale = 1;
        (sold,) = tier.run(scales, KEEPER, _named(scales, 0));
        assertEq(sold[0], 1, "one unit");
    }

    /// @dev Pending requests count towards the quantity but are no balance.
    function test_execute__quantityThatIsNoBalance__countsAfterTheSalesToo() public {
        IPortfolioWeights.Scales memory scales = _lacking();
        (scales.constituents[0].asset, scales.constituents[0].maxSale, scales.constituents[0].maxPayment) =
        (address(new Token("REQUESTED", 0)), 0, 0);
        scales.constituents[2].maxSale = ANY;
        (, uint256[] memory paid) = tier.run(scales, FORCED, _none());
        assertEq(paid[1], 300, "40 % of 1,000");
    }

    function test_execute__roomForTheMinimum__isUsed() public {
        IPortfolioWeights.Scales memory scales = _lacking();
        (scales.constituents[0].maxPayment, scales.constituents[1].maxPayment) = (MINIMUM, 0);
        (uint256[] memory sold, uint256[] memory paid) = tier.run(scales, FORCED, _none());
        assertEq(sold[2], MINIMUM, "sold");
        assertEq(paid[0], MINIMUM, "paid");
    }

    function test_execute__salesThatShareTheMinimum__areNone() public {
        IPortfolioWeights.Scales memory scales = _scales([uint256(500), 500, 0, 0], [uint256(2_500), 2_500, 5_000, 0]);
        scales.constituents[2].maxPayment = MINIMUM;
        (uint256[] memory sold,) = tier.run(scales, FORCED, _none());
        assertEq(sold[0] + sold[1], 0, "five each");
        scales.constituents[2].maxPayment = 2 * MINIMUM;
        (sold,) = tier.run(scales, FORCED, _none());
        assertEq(sold[0], MINIMUM, "ten each");
        assertEq(sold[1], MINIMUM, "ten each");
    }

    function test_execute__roomForACrumb__sellsNotAUnitForIt() public {
        // The last asset lacks 333.9999, and so does the one with little room.
        IPortfolioWeights.Scales memory scales =
            _scales([uint256(4_003), 3_000, 3_000, 0], [uint256(3_334), 3_333, 3_333, 0], 1);
        scales.constituents[1].maxPayment = MINIMUM - 1;
        (uint256[] memory sold, uint256[] memory paid) = tier.run(scales, FORCED, _none());
        assertEq(sold[0], 333, "sold");
        assertEq(paid[1], 0, "the crumb");
        assertEq(paid[2], 333, "paid");
    }

    function testFuzz_execute__roomForTheVeryGap__isAsGoodAsAny(uint256 first, uint256 second) public {
        // With 10,000 units in total each basis point is one unit.
        (first, second) = (first % (2 * MINIMUM), second % 1_000);
        uint256[4] memory quantities = [4_000 + first + second, 3_000 - first, 3_000 - second, 0];
        uint256[4] memory targets = [uint256(4_000), 3_000, 3_000, 0];
        (uint256[] memory sold, uint256[] memory paid) = tier.run(_scales(quantities, targets), FORCED, _none());
        IPortfolioWeights.Scales memory scales = _scales(quantities, targets);
        (scales.constituents[1].maxPayment, scales.constituents[2].maxPayment) = (first, second);
        (uint256[] memory soldSo, uint256[] memory paidSo) = tier.run(scales, FORCED, _none());
        assertTrue(keccak256(abi.encode(sold, paid)) == keccak256(abi.encode(soldSo, paidSo)), "trades differ");
    }

    function test_execute__withoutAKeeper__asksForNoMinimumOutput() public {
        IPortfolioWeights.Scales memory scales = _lacking();
        address held = address(tier);
        vm.expectCall(held, abi.encodeCall(IPortfolioWeights.sellOverweight, (2, 250, 0, "")), 1);
        vm.expectCall(held, abi.encodeCall(IPortfolioWeights.buyUnderweight, (0, 100, 0, "")), 1);
        vm.expectCall(held, abi.encodeCall(IPortfolioWeights.buyUnderweight, (1, 150, 0, "")), 1);
        tier.run(scales, FORCED, _none());
    }

    function test_execute__spotOfASale__mayBeOffByTheTolerance() public {
        _assertTolerates(2);
    }

    function test_execute__spotOfAPurchase__mayBeOffByTheTolerance() public {
        _assertTolerates(0);
        _assertTolerates(1);
    }

    function test_execute__noSpotOfWhatIsNotTraded__trades() public {
        QuotingVenue venue = new QuotingVenue();
        venue.setFails(0);
        IPortfolioWeights.Scales memory scales = _scales([uint256(300), 200, 500, 0], [uint256(3_000), 3_000, 4_000, 0]);
        scales.constituents[1].venue = address(venue);
        _assertTrades(scales, false);
        (scales.constituents[0].venue, scales.constituents[1].venue) = (address(venue), address(0));
        _assertTrades(scales, true);
    }

    /// @dev With less than an eighth of the gas left, the cause of the failure is unknown.
    function test_execute__spotFailsWithLittleGas__isNoReasonToSkip() public {
        QuotingVenue venue = new QuotingVenue();
        IPortfolioWeights.Scales memory scales = _lacking();
        scales.constituents[2].venue = address(venue);
        IRebalanceable.Reason reason = IRebalanceable.Reason.SpotOffOracle;
        // A 64th stays with the caller: 1,340 of 10,000 are left in total, and then 1,180.
        venue.setFails(1_203);
        vm.expectRevert(abi.encodeWithSelector(IRebalanceable.Rebalance_Refused.selector, reason));
        tier.run{gas: 3_000_000}(scales, FORCED, _none());
        venue.setFails(1_040);
        vm.expectRevert(IWeightRebalancer.WeightRebalancer_OutOfGas.selector);
        tier.run{gas: 3_000_000}(scales, FORCED, _none());
    }

    /// @dev Checks the tolerance of 100 bps.
    function _assertTolerates(uint256 place) private {
        QuotingVenue venue = new QuotingVenue();
        for (uint256 off = 99; off <= 101; ++off) {
            venue.setBps(10_000 - off);
            _assertTrades(_quoted(place, venue), off <= 100);
            venue.setBps(10_000 + off);
            _assertTrades(_quoted(place, venue), off <= 100);
        }
    }

    /// @dev Sells 25,000: 10,000 for the first asset and 15,000 for the second.
    function _quoted(uint256 place, QuotingVenue venue) private returns (IPortfolioWeights.Scales memory scales) {
        scales = _scales([uint256(10_000), 10_000, 80_000, 0], [uint256(3_000), 4_000, 3_000, 0]);
        scales.constituents[2].maxSale = 25_000;
        scales.constituents[place].venue = address(venue);
    }

    function _assertTrades(IPortfolioWeights.Scales memory scales, bool expected) private {
        IRebalanceable.Reason reason = IRebalanceable.Reason.SpotOffOracle;
        if (!expected) vm.expectRevert(abi.encodeWithSelector(IRebalanceable.Rebalance_Refused.selector, reason));
        tier.run(scales, FORCED, _none());
    }

    /// @dev The first two assets lack 200 and 300; the third has 500 too many, of which 250 may be sold.
    function _lacking() private returns (IPortfolioWeights.Scales memory scales) {
        scales = _scales([uint256(100), 100, 800, 0], [uint256(3_000), 4_000, 3_000, 0]);
        scales.constituents[2].maxSale = 250;
    }

    function _scales(uint256[4] memory quantities, uint256[4] memory targets)
        private
        returns (IPortfolioWeights.Scales memory)
    {
        return _scales(quantities, targets, PRICE);
    }

    function _scales(uint256[4] memory quantities, uint256[4] memory targets, uint256 price)
        private
        returns (IPortfolioWeights.Scales memory scales)
    {
        IPortfolioWeights.Basket memory basket = scales.basket;
        (basket.prices, basket.quantities, basket.targets) = (new uint256[](4), new uint256[](4), new uint256[](4));
        scales.constituents = new IPortfolioWeights.Constituent[](3);
        for (uint256 i = 0; i < 4; ++i) {
            (basket.prices[i], basket.quantities[i], basket.targets[i]) = (price, quantities[i], targets[i]);
            if (i == 3) continue;
            scales.constituents[i] = IPortfolioWeights.Constituent(_assetOf(quantities[i]), address(0), 200, ANY, ANY);
        }
    }

    /// @dev Returns an asset of which tier and basket hold `quantity`.
    function _assetOf(uint256 quantity) private returns (address) {
        Token asset = new Token("ASSET", 0);
        asset.mint(address(tier), quantity);
        asset.mint(address(alone), quantity);
        return address(asset);
    }

    /// @dev Returns a keeper's terms from constituent `from` on, without minimum outputs.
    function _named(IPortfolioWeights.Scales memory scales, uint256 from)
        private
        pure
        returns (IPortfolioWeights.Swap[] memory swaps)
    {
        swaps = new IPortfolioWeights.Swap[](3 - from);
        for (uint256 i = from; i < 3; ++i) {
            swaps[i - from] = IPortfolioWeights.Swap(scales.constituents[i].asset, 0, "");
        }
    }

    function _none() private pure returns (IPortfolioWeights.Swap[] memory) {
        return new IPortfolioWeights.Swap[](0);
    }

    function _deploy(address home) private returns (PaperPortfolio portfolio, WeightRebalancer executor) {
        AccessManager manager = new AccessManager(address(this));
        portfolio = new PaperPortfolio(address(cash), home);
        executor = new WeightRebalancer(address(manager), address(portfolio), address(new KillSwitch(address(manager))));
        executor.setTerms(IWeightRebalancer.Terms(500, 1 hours, 200, 30, 100, uint96(MINIMUM)));
        portfolio.setExecutor(executor);
    }
}

/// @title Venue that quotes a price at a given distance from the fair one, or fails with some gas left
contract QuotingVenue {
    uint256 private constant WHOLE = 10_000;

    uint256 private _bps = WHOLE;
    uint256 private _leftBps;
    bool private _fails;

    function setBps(uint256 bps) external {
        _bps = bps;
    }

    /// @param leftBps Part of its gas that it does not use.
    function setFails(uint256 leftBps) external {
        (_fails, _leftBps) = (true, leftBps);
    }

    function spot(address, address, uint256 amountIn) external view returns (uint256) {
        if (!_fails) return amountIn * _bps / WHOLE;
        uint256 left = gasleft() * _leftBps / WHOLE;
        while (_leftBps != 0 && gasleft() > left) {}
        revert("no spot");
    }
}
