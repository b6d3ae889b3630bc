// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {Holdings} from "@ballast/portfolio/Holdings.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";

import {FeeOnTransferToken} from "../doubles/FeeOnTransferToken.sol";
import {Feed} from "../doubles/Feed.sol";
import {ThievingVenue, UnderDeliveringVenue} from "../doubles/HostileVenues.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Token} from "../doubles/Token.sol";
import {System} from "../support/System.sol";

contract PortfolioTest is System {
    address private immutable operator = address(0x09E4);

    function setUp() public override {
        super.setUp();
        l3.setOperator(operator, true);
    }

    function test_constructor__noOracleOrOddDecimals__reverts() public {
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidAddress.selector, outsider));
        new Portfolio(address(manager), address(usdt), outsider, address(vault));
        address coarse = address(new FixedDecimals(5));
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidAddress.selector, coarse));
        new Portfolio(address(manager), coarse, address(oracle), address(vault));
        address fine = address(new FixedDecimals(19));
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidAddress.selector, fine));
        new Portfolio(address(manager), fine, address(oracle), address(vault));
    }

    function test_configuration__outsider__reverts() public {
        vm.startPrank(outsider);
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        l3.setHoldings(new IPortfolio.Holding[](0));
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        l3.setOperator(outsider, true);
    }

    function test_setHoldings__sound__replacesAndEmits() public {
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = _yields(address(venue))[1];
        list[0].targetBps = 10_000;
        vm.expectEmit(address(l3));
        emit IPortfolio.HoldingsSet(list);
        l3.setHoldings(list);
        assertEq(l3.holdings().length, 1, "count");
        assertTrue(l3.holds(address(bond)), "new one");
        assertFalse(l3.holds(address(weth)), "old one");
        assertEq(l3.holdingOf(address(bond)).targetBps, 10_000, "target");
        vm.expectRevert(_error(IPortfolio.Portfolio_UnknownAsset.selector, address(weth)));
        l3.holdingOf(address(weth));
    }

    function test_setHoldings__tooMany__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_TooManyHoldings.selector, 17, 16));
        l3.setHoldings(new IPortfolio.Holding[](17));
    }

    function test_setHoldings__targets__addUpToTheWhole() public {
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[0].targetBps += 1;
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_InvalidTargets.selector, 10_001));
        l3.setHoldings(list);
        l3.setHoldings(new IPortfolio.Holding[](0));
        assertEq(l3.value(), 0, "nothing");
    }

    function test_setHoldings__unsound__reverts() public {
        Token feedless = new Token("NEW", 18);
        Strategy foreign = new Strategy(address(weth), "SW");
        _refuses(_traded(outsider, 0, address(venue)));
        _refuses(_traded(address(usdt), 0, address(venue)));
        _refuses(_strategy(address(vault), 0));
        _refuses(_traded(address(weth), 0, address(venue)));
        _refuses(_traded(address(feedless), 0, address(venue)));
        _refuses(_strategy(address(foreign), 0));
        _refuses(_strategy(address(l3), 0));
        IPortfolio.Holding memory holding = _strategy(address(marketA), 0);
        holding.venue = address(venue);
        _refuses(holding);
        holding = _strategy(address(marketA), 0);
        holding.maxLossBps = 1_001;
        _refuses(holding);
        holding = _strategy(address(marketA), 0);
        holding.capBps = 10_001;
        _refuses(holding);
        holding = _strategy(address(marketA), 0);
        holding.maxRate = 0;
        _refuses(holding);
        holding = _strategy(address(marketA), 0);
        holding.kind = IPortfolio.Kind.Async;
        _refuses(holding);
        holding = _traded(address(bond), 0, address(venue));
        holding.maxRate = 1;
        _refuses(holding);
        IPortfolio.Holding[] memory list = _yields(address(0));
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidHolding.selector, address(weth)));
        l3.setHoldings(list);
    }

    function test_setHoldings__settlementWithoutFeed__reverts() public {
        oracle.removeFeed(address(usdt));
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidHolding.selector, address(weth)));
        l3.setHoldings(_yields(address(venue)));
    }

    function test_setHoldings__heldLeftOut__reverts() public {
        _invest();
        uint256 held = weth.balanceOf(address(l3));
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_HoldingNotEmpty.selector, address(weth), held));
        l3.setHoldings(new IPortfolio.Holding[](0));
    }

    function test_setHoldings__gift__isNoHolding() public {
        weth.mint(address(l3), 1_000e18);
        l3.setHoldings(new IPortfolio.Holding[](0));
        assertEq(l3.holdings().length, 0, "count");
    }

    function test_setHoldings__kept__staysHeld() public {
        _invest();
        uint256 value = l3.value();
        IPortfolio.Holding[] memory list = _yields(address(venue));
        (list[0], list[2]) = (list[2], list[0]);
        l3.setHoldings(list);
        assertEq(l3.value(), value, "value");
        list[2].kind = IPortfolio.Kind.Erc4626;
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidHolding.selector, address(weth)));
        l3.setHoldings(list);
    }

    function test_setHoldings__removedAndListedAgain__startsFromNothing() public {
        _invest();
        _markDown(l3, address(weth), 0);
        IPortfolio.Holding[] memory shorter = new IPortfolio.Holding[](2);
        shorter[0] = _traded(address(bond), 7_000, address(venue));
        shorter[1] = _strategy(address(fund), 3_000);
        l3.setHoldings(shorter);
        l3.setHoldings(_yields(address(venue)));
        assertEq(l3.valueOf(address(weth)), 0, "worth nothing");
        l3.liftMark(address(weth));
        assertEq(l3.valueOf(address(weth)), 240_000 * USD, "reinstated");
    }

    function test_markDown__deadStrategy__valuationGoesOn() public {
        _invest();
        vm.mockCallRevert(address(fund), abi.encodeWithSelector(fund.previewRedeem.selector), "dead");
        vm.expectRevert(bytes("dead"));
        l3.value();
        _markDown(l3, address(fund), 0);
        assertEq(l3.value(), 420_000 * USD, "without the fund");
        _markDown(l3, address(fund), 0);
    }

    /// @dev Otherwise a purchase of one unit would restore the full value at a time chosen by a thief.
    function test_markDown__purchasesStop__alsoListedAnew() public {
        _invest();
        _markDown(l3, address(fund), 0);
        vm.prank(keeper);
        vm.expectPartialRevert(IAssetController.AssetController_ExcessiveLoss.selector);
        controller.purchaseAsset(address(fund), 1 * USD, 0, "");
        assertEq(l3.valueOf(address(fund)), 0, "still marked down");
        l3.setHoldings(_yields(address(venue)));
        assertEq(l3.valueOf(address(fund)), 0, "listed anew");
        vm.expectRevert(_error(IPortfolio.Portfolio_PurchasesHalted.selector, address(fund)));
        vm.prank(operator);
        l3.buy(address(fund), 1 * USD, 0, "");
        vm.expectRevert(_error(IPortfolio.Portfolio_PurchasesHalted.selector, address(fund)));
        vm.prank(operator);
        l3.hold(address(fund));
    }

    function test_markDownAndLiftMark__outsider__revert() public {
        vm.startPrank(outsider);
        bytes memory refusal = _error(IAccessManaged.AccessManagedUnauthorized.selector, outsider);
        vm.expectRevert(refusal);
        l3.markDown(address(weth), 0);
        vm.expectRevert(refusal);
        l3.setSkimReceiver(outsider);
        vm.expectRevert(refusal);
        l3.liftMark(address(weth));
        vm.expectRevert(refusal);
        l3.lowerCap(address(weth), 0);
        vm.expectRevert(refusal);
        l3.release(address(weth), 1, outsider);
    }

    function test_lowerCap__guardian__onlyDown() public {
        vm.startPrank(guardian);
        vm.expectRevert(
            abi.encodeWithSelector(IPortfolio.Portfolio_CapNotLowered.selector, address(weth), 10_000, 10_000)
        );
        l3.lowerCap(address(weth), 10_000);
        vm.expectEmit(address(l3));
        emit IPortfolio.CapLowered(address(weth), 0);
        l3.lowerCap(address(weth), 0);
        vm.stopPrank();
        vm.startPrank(operator);
        vm.expectRevert(_error(IPortfolio.Portfolio_PurchasesHalted.selector, address(weth)));
        l3.buy(address(weth), 1, 0, "");
    }

    function test_release__portfolioWithAHome__reverts() public {
        _permit(address(l3), Portfolio.release.selector, CONFIGURATOR);
        vm.expectRevert(_error(IPortfolio.Portfolio_HasHome.selector, address(vault)));
        l3.release(address(weth), 1, outsider);
    }

    function test_standsAlone__settlementCounts_ownersTakeOut() public {
        Portfolio alone = new Portfolio(address(manager), address(usdt), address(oracle), address(0));
        _permit(address(alone), Holdings.setHoldings.selector, CONFIGURATOR);
        _permit(address(alone), Portfolio.release.selector, CONFIGURATOR);
        _permit(address(alone), Portfolio.setOperator.selector, CONFIGURATOR);
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = _traded(address(weth), 6_000, address(venue));
        alone.setHoldings(list);
        assertEq(alone.settlementTargetBps(), 4_000, "the rest");
        assertEq(alone.home(), address(alone), "home");
        usdt.mint(address(alone), 100 * USD);
        assertEq(alone.value(), 100 * USD, "value");
        vm.expectEmit(address(alone));
        emit IPortfolio.Released(address(usdt), 40 * USD, alice);
        alone.release(address(usdt), 40 * USD, alice);
        assertEq(alone.value(), 60 * USD, "value");
        list[0].targetBps = 10_001;
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_InvalidTargets.selector, 10_001));
        alone.setHoldings(list);
    }

    /// @dev A run cannot begin twice, and the owners of a basket can withdraw nothing during a run.
    function test_inRun__anotherRunOrARelease__refused() public {
        Portfolio alone = new Portfolio(address(manager), address(usdt), address(oracle), address(0));
        _permit(address(alone), Portfolio.release.selector, CONFIGURATOR);
        _permit(address(alone), Portfolio.setWeights.selector, CONFIGURATOR);
        address judge = address(new FixedCustody(address(alone)));
        alone.setWeights(judge);
        vm.prank(judge);
        alone.beginRun();
        vm.expectRevert(IPortfolio.Portfolio_Busy.selector);
        vm.prank(judge);
        alone.beginRun();
        vm.expectRevert(IPortfolio.Portfolio_Busy.selector);
        alone.release(address(usdt), 1, alice);
    }

    function test_rateAboveMaximum__isNoValue_butASaleGoesOn() public {
        usdt.mint(address(l3), 100 * USD);
        vm.startPrank(operator);
        l3.buy(address(fund), 100 * USD, 0, "");
        vm.stopPrank();
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[2].maxRate = 2e6;
        l3.setHoldings(list);
        usdt.mint(address(fund), 100 * USD);
        assertEq(l3.valueOf(address(fund)), 200 * USD - 1, "at the maximum");
        usdt.mint(address(fund), 1 * USD);
        vm.expectPartialRevert(IPortfolio.Portfolio_RateAboveMaximum.selector);
        l3.value();
        usdt.mint(address(l3), 10 * USD);
        vm.startPrank(operator);
        vm.expectPartialRevert(IPortfolio.Portfolio_RateAboveMaximum.selector);
        l3.buy(address(fund), 10 * USD, 0, "");
        assertGe(l3.sell(address(fund), 50 * USD, 0, "").proceeds, 100 * USD, "out at what it pays");
    }

    function test_sellUnpriced__anyLoss__minimumIsTheOnlyBound() public {
        // The venue delivers a third less than the fair output.
        _tradeAt(address(new UnderDeliveringVenue(address(oracle), 3_333)));
        weth.mint(address(l3), 1e18);
        vm.startPrank(operator);
        vm.expectRevert(IPortfolio.Portfolio_ZeroAmount.selector);
        l3.sellUnpriced(address(weth), 1e18, 0, "");
        vm.expectRevert(
            abi.encodeWithSelector(
                IPortfolio.Portfolio_InsufficientOutput.selector, address(weth), 2_000_100_000, 2_000_100_001
            )
        );
        l3.sellUnpriced(address(weth), 1e18, 2_000_100_001, "");
        assertEq(l3.sellUnpriced(address(weth), 1e18, 2_000_100_000, ""), 2_000_100_000, "proceeds");
    }

    function test_held__fromFirstPurchaseUntilDust() public {
        vm.startPrank(keeper);
        vm.expectEmit(address(l3));
        emit IPortfolio.HeldSet(address(weth), true);
        controller.purchaseAsset(address(weth), 3_000 * USD, 0, "");
        uint256 dust = uint256(1e18) / 3_000 / 100;
        controller.redeemAsset(address(weth), 1e18 - dust - 1e13, 0, "");
        assertTrue(l3.positionOf(address(weth)).held, "more than dust");
        // Compared with so small a sale, dust is no small loss.
        controller.redeemAsset(address(weth), 1e13 + 1e6, 0, "");
        assertTrue(l3.positionOf(address(weth)).held, "dust, but not beside it");
        controller.purchaseAsset(address(weth), 3_000 * USD, 0, "");
        vm.expectEmit(address(l3));
        emit IPortfolio.HeldSet(address(weth), false);
        controller.redeemAsset(address(weth), 1e18, 0, "");
        assertEq(l3.valueOf(address(weth)), 0, "does not count");
    }

    function test_hold__operatorOnly() public {
        vm.prank(outsider);
        vm.expectRevert(_error(IPortfolio.Portfolio_NotOperator.selector, outsider));
        l3.hold(address(weth));
        vm.prank(operator);
        vm.expectRevert(_error(IPortfolio.Portfolio_NothingBought.selector, address(weth)));
        l3.hold(address(weth));
        weth.mint(address(l3), 1e18);
        vm.startPrank(operator);
        l3.hold(address(weth));
        assertEq(l3.value(), 3_000 * USD, "counts");
        vm.expectRevert(_error(IPortfolio.Portfolio_NotAsync.selector, address(weth)));
        l3.claim(address(weth));
    }

    function test_setOperator__configurator__emits() public {
        vm.expectEmit(address(l3));
        emit IPortfolio.OperatorSet(operator, false);
        l3.setOperator(operator, false);
        assertFalse(l3.isOperator(operator), "operator");
    }

    function test_trades__notOperator__reverts() public {
        address[3] memory callers = [keeper, outsider, address(this)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(_error(IPortfolio.Portfolio_NotOperator.selector, callers[i]));
            l3.buy(address(weth), 1, 0, "");
            vm.expectRevert(_error(IPortfolio.Portfolio_NotOperator.selector, callers[i]));
            l3.sell(address(weth), 1, 0, "");
            vm.expectRevert(_error(IPortfolio.Portfolio_NotOperator.selector, callers[i]));
            l3.withdraw(address(weth), 1);
            vm.stopPrank();
        }
    }

    function test_trades__zeroOrUnknown__reverts() public {
        vm.startPrank(operator);
        vm.expectRevert(IPortfolio.Portfolio_ZeroAmount.selector);
        l3.buy(address(weth), 0, 0, "");
        vm.expectRevert(IPortfolio.Portfolio_ZeroAmount.selector);
        l3.sell(address(weth), 0, 0, "");
        vm.expectRevert(IPortfolio.Portfolio_ZeroAmount.selector);
        l3.withdraw(address(weth), 0);
        vm.expectRevert(_error(IPortfolio.Portfolio_UnknownAsset.selector, address(marketA)));
        l3.buy(address(marketA), 1, 0, "");
    }

    function test_positions__invested__addUpToValue() public {
        _invest();
        IPortfolio.Position[] memory list = l3.positions();
        assertEq(list[0].value, 240_000 * USD, "WETH");
        assertEq(list[0].balance, 80e18, "80 WETH at 3,000");
        assertEq(list[1].value, 180_000 * USD, "bonds");
        assertEq(list[2].value, 180_000 * USD, "fund");
        assertEq(list[2].maxLossBps, 10, "terms");
        assertEq(l3.value(), 600_000 * USD, "sum");
        assertEq(l3.valueOf(address(bond)), 180_000 * USD, "one of them");
    }

    function test_value__badPrice__countsOnlyWhatIsHeld() public {
        wethFeed.set(0);
        assertEq(l3.value(), 0, "nothing held");
        weth.mint(address(l3), 1);
        assertEq(l3.value(), 0, "a gift is not held");
        vm.prank(operator);
        l3.hold(address(weth));
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        l3.value();
        // The list can be read and marks the unknown value.
        IPortfolio.Position[] memory list = l3.positions();
        assertFalse(list[0].known, "WETH");
        assertTrue(list[1].known && list[2].known, "the others");
    }

    function test_buy__venueKeepsTheMoney__reverts() public {
        _tradeAt(address(new ThievingVenue(address(oracle))));
        vm.startPrank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(IPortfolio.Portfolio_BelowFloor.selector, address(weth), 0, 2_940 * USD - 2)
        );
        l3.buy(address(weth), 3_000 * USD, 0, "");
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_InsufficientOutput.selector, address(weth), 0, 1));
        l3.buy(address(weth), 3_000 * USD, 1, "");
    }

    function testFuzz_buy__underDelivery__floorIsTheLimit(uint256 missing) public {
        missing = bound(missing, 0, 10_000);
        _tradeAt(address(new UnderDeliveringVenue(address(oracle), missing)));
        vm.startPrank(operator);
        // The bound of WETH is 200 basis points.
        if (missing > 200) vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.buy(address(weth), 3_000 * USD, 0, "");
    }

    function test_buy__feeOnTransfer__isMeasured() public {
        FeeOnTransferToken token = new FeeOnTransferToken(100);
        oracle.setFeed(address(token), address(new Feed(8, 1e8)), HEARTBEAT, 1, 2e8);
        IPortfolio.Holding memory holding = _traded(address(token), 10_000, address(venue));
        holding.maxLossBps = 50;
        _holdOnly(holding);
        usdt.mint(address(venue), 2_000 * USD);
        vm.startPrank(operator);
        // The venue mints here, without a fee; a sale needs a transfer, which costs 1 %.
        assertEq(l3.buy(address(token), 1_000 * USD, 0, ""), 1_000e18, "bought");
        vm.expectRevert("not pushed");
        l3.sell(address(token), 100e18, 0, "");
    }

    /// @dev Two units are no loss, but the holding would then count without a balance.
    function test_buy__nothingComes__reverts() public {
        _tradeAt(address(new ThievingVenue(address(oracle))));
        vm.startPrank(operator);
        vm.expectRevert(_error(IPortfolio.Portfolio_NothingBought.selector, address(weth)));
        l3.buy(address(weth), 2, 0, "");
        assertFalse(l3.positionOf(address(weth)).held, "not held");
    }

    function test_buy__belowTheLeastRate__reverts() public {
        IPortfolio.Holding memory holding = _strategy(address(fund), 10_000);
        (holding.maxRate, holding.minRateBps) = (1.5e6, 6_000);
        _holdOnly(holding);
        _holdHalfOfTheFund();
        usdt.mint(address(l3), 100 * USD);
        fund.lose(21 * USD);
        vm.startPrank(operator);
        vm.expectRevert(_error(IPortfolio.Portfolio_RateBelowMinimum.selector, address(fund)));
        l3.buy(address(fund), 100 * USD, 0, "");
        usdt.mint(address(fund), USD);
        l3.buy(address(fund), 100 * USD, 0, "");
    }

    function test_buy__fair__returnsTheDifferenceAndEmits() public {
        usdt.mint(address(venue), 3_000 * USD);
        vm.expectEmit(address(l3));
        emit IPortfolio.Bought(address(weth), 3_000 * USD, 1e18);
        vm.startPrank(operator);
        assertEq(l3.buy(address(weth), 3_000 * USD, 1e18, ""), 1e18, "received");
    }

    function test_buy__strategyWithoutPush__reverts() public {
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_InsufficientBalance.selector, address(usdt), 0, 1));
        l3.buy(address(fund), 1, 0, "");
    }

    function test_buy__strategy__deposits() public {
        usdt.mint(address(l3), 100 * USD);
        vm.startPrank(operator);
        assertEq(l3.buy(address(fund), 100 * USD, 100 * USD, ""), 100 * USD, "shares");
        assertEq(usdt.allowance(address(l3), address(fund)), 0, "allowance");
    }

    function test_buy__tokenKeepsTheAllowance__takesItBack() public {
        usdt.mint(address(l3), 100 * USD);
        bytes memory ask = abi.encodeCall(IERC20.allowance, (address(l3), address(fund)));
        vm.mockCall(address(usdt), ask, abi.encode(1));
        vm.expectCall(address(usdt), abi.encodeCall(IERC20.approve, (address(fund), 0)), 1);
        vm.startPrank(operator);
        l3.buy(address(fund), 100 * USD, 0, "");
    }

    function test_buy__strategyTakesLess__reverts() public {
        usdt.mint(address(l3), 100 * USD);
        fund.setMood(Strategy.Mood.TakesLess, 5);
        vm.startPrank(operator);
        vm.expectPartialRevert(IPortfolio.Portfolio_UnexpectedSpend.selector);
        l3.buy(address(fund), 100 * USD, 0, "");
    }

    function test_buy__strategySkims__reverts() public {
        usdt.mint(address(l3), 100 * USD);
        fund.setMood(Strategy.Mood.Skims, 11);
        vm.startPrank(operator);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.buy(address(fund), 100 * USD, 0, "");
    }

    function test_sell__beyondBalance__reverts() public {
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_InsufficientBalance.selector, address(weth), 0, 1));
        l3.sell(address(weth), 1, 0, "");
    }

    function test_sell__fair__goesHomeAndEmits() public {
        weth.mint(address(l3), 1e18);
        uint256 before = vault.idle();
        vm.expectEmit(address(l3));
        emit IPortfolio.Sold(address(weth), 1e18, 3_000 * USD);
        vm.startPrank(operator);
        assertEq(l3.sell(address(weth), 1e18, 3_000 * USD, "").proceeds, 3_000 * USD, "proceeds");
        assertEq(vault.idle() - before, 3_000 * USD, "home");
    }

    function test_sell__venueKeepsTheAsset__reverts() public {
        _tradeAt(address(new ThievingVenue(address(oracle))));
        weth.mint(address(l3), 1e18);
        vm.startPrank(operator);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.sell(address(weth), 1e18, 0, "");
        vm.expectPartialRevert(IPortfolio.Portfolio_InsufficientOutput.selector);
        l3.sell(address(weth), 1e18, 3_000 * USD, "");
    }

    function testFuzz_sell__underDelivery__floorIsTheLimit(uint256 missing) public {
        missing = bound(missing, 0, 10_000);
        _tradeAt(address(new UnderDeliveringVenue(address(oracle), missing)));
        weth.mint(address(l3), 1e18);
        vm.startPrank(operator);
        if (missing > 200) vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.sell(address(weth), 1e18, 0, "");
    }

    function test_withdraw__strategy__givesWhatItCan() public {
        usdt.mint(address(l3), 100 * USD);
        vm.startPrank(operator);
        l3.buy(address(fund), 100 * USD, 0, "");
        fund.setWithdrawalsPaused(true);
        assertEq(l3.withdraw(address(fund), 60 * USD).proceeds, 0, "while paused");
        fund.setWithdrawalsPaused(false);
        assertEq(l3.withdraw(address(fund), 60 * USD).proceeds, 60 * USD, "part");
        assertEq(l3.withdraw(address(fund), 60 * USD).proceeds, 40 * USD, "the rest");
    }

    function test_withdraw__strategySkims__reverts() public {
        usdt.mint(address(l3), 100 * USD);
        vm.startPrank(operator);
        l3.buy(address(fund), 100 * USD, 0, "");
        fund.setMood(Strategy.Mood.Skims, 1);
        vm.expectPartialRevert(IPortfolio.Portfolio_InsufficientOutput.selector);
        l3.withdraw(address(fund), 60 * USD);
    }

    function test_sell__strategyBurnsMoreShares__reverts() public {
        _holdHalfOfTheFund();
        fund.setMood(Strategy.Mood.BurnsShares, 1);
        vm.startPrank(operator);
        bytes4 refusal = IPortfolio.Portfolio_UnexpectedSpend.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(fund), 50_005_000, 50 * USD));
        l3.sell(address(fund), 50 * USD, 0, "");
    }

    function test_withdraw__strategyBurnsMoreShares__reverts() public {
        _holdHalfOfTheFund();
        // Half of the excess burn remains with the portfolio and half with the other holder.
        fund.setMood(Strategy.Mood.BurnsShares, 40);
        vm.startPrank(operator);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.withdraw(address(fund), 50 * USD);
        fund.setMood(Strategy.Mood.BurnsShares, 10);
        assertEq(l3.withdraw(address(fund), 50 * USD).proceeds, 50 * USD, "within the bound");
    }

    function test_withdraw__venue__sellsItsWorth() public {
        vm.startPrank(operator);
        assertEq(l3.withdraw(address(weth), 1).proceeds, 0, "nothing held");
        weth.mint(address(l3), 1e18);
        assertEq(l3.withdraw(address(weth), 600 * USD).proceeds, 600 * USD, "part");
        assertEq(weth.balanceOf(address(l3)), 0.8e18, "0.2 WETH sold");
        assertEq(l3.withdraw(address(weth), 9_000 * USD).proceeds, 2_400 * USD, "all");
    }

    /// @dev The wanted amount is less than one coarse unit of the asset.
    function test_withdraw__lessThanAUnit__sellsNothing() public {
        Token gold = new Token("GOLD", 2);
        Feed goldFeed = new Feed(8, 100_000e8);
        oracle.setFeed(address(gold), address(goldFeed), HEARTBEAT, 1e8, 1_000_000e8);
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = _traded(address(gold), 10_000, address(venue));
        l3.setHoldings(list);
        gold.mint(address(l3), 100);
        vm.prank(operator);
        IPortfolio.Sale memory sale = l3.withdraw(address(gold), 1);
        assertEq(sale.proceeds + sale.before + sale.current, 0, "nothing sold, and a gift counts for nothing");
        vm.startPrank(operator);
        l3.hold(address(gold));
        sale = l3.withdraw(address(gold), 1);
        assertEq(sale.proceeds, 0, "nothing sold");
        assertEq(sale.before, 100_000 * USD, "before");
        assertEq(sale.current, 100_000 * USD, "and after");
    }

    function test_withdraw__venueBelowFloor__reverts() public {
        weth.mint(address(l3), 1e18);
        venue.setFeeBps(201);
        vm.startPrank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPortfolio.Portfolio_BelowFloor.selector, address(weth), 2_939_700_000, 2_940 * USD - 2
            )
        );
        l3.withdraw(address(weth), 3_000 * USD);
    }

    function _holdHalfOfTheFund() internal {
        usdt.mint(alice, 100 * USD);
        vm.startPrank(alice);
        usdt.approve(address(fund), 100 * USD);
        fund.deposit(100 * USD, alice);
        vm.stopPrank();
        usdt.mint(address(l3), 100 * USD);
        vm.prank(operator);
        l3.buy(address(fund), 100 * USD, 0, "");
    }

    function _tradeAt(address otherVenue) internal {
        l3.setHoldings(_yields(otherVenue));
    }

    function _holdOnly(IPortfolio.Holding memory holding) internal {
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = holding;
        l3.setHoldings(list);
    }

    /// @dev Expects that a list is refused for its last entry.
    function _refuses(IPortfolio.Holding memory holding) internal {
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](2);
        list[0] = _yields(address(venue))[0];
        list[0].targetBps = 10_000;
        list[1] = holding;
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidHolding.selector, holding.asset));
        l3.setHoldings(list);
    }
}

/// @title Contract with the only property of the custody that a constructor reads
contract FixedCustody {
    address public immutable custody;

    constructor(address custody_) {
        custody = custody_;
    }
}

contract FixedDecimals {
    uint8 public immutable decimals;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }
}
