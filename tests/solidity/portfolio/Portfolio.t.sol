// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
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

    function test_constructor__noOracleOrHome__reverts() public {
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidAddress.selector, outsider));
        new Portfolio(address(manager), address(usdt), outsider, address(vault));
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidAddress.selector, address(0)));
        new Portfolio(address(manager), address(usdt), address(oracle), address(0));
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
        IPortfolio.Kind byVenue = IPortfolio.Kind.Venue;
        IPortfolio.Kind byVault = IPortfolio.Kind.Erc4626;
        _refuses(IPortfolio.Holding(outsider, byVenue, address(venue), 0, 10));
        _refuses(IPortfolio.Holding(address(usdt), byVenue, address(venue), 0, 10));
        _refuses(IPortfolio.Holding(address(vault), byVault, address(0), 0, 10));
        _refuses(IPortfolio.Holding(address(weth), byVenue, address(venue), 0, 10));
        _refuses(IPortfolio.Holding(address(feedless), byVenue, address(venue), 0, 10));
        _refuses(IPortfolio.Holding(address(foreign), byVault, address(0), 0, 10));
        _refuses(IPortfolio.Holding(address(marketA), byVault, address(venue), 0, 10));
        _refuses(IPortfolio.Holding(address(marketA), byVault, address(0), 0, 1_001));
        IPortfolio.Holding[] memory list = _yields(address(0));
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidHolding.selector, address(weth)));
        l3.setHoldings(list);
    }

    function test_setHoldings__settlementWithoutFeed__reverts() public {
        oracle.removeFeed(address(usdt));
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidHolding.selector, address(weth)));
        l3.setHoldings(_yields(address(venue)));
    }

    function test_setHoldings__valueLeftOut__reverts() public {
        // One whole settlement token is worth leaving behind no more.
        uint256 least = oracle.convert(address(usdt), address(weth), 1 * USD) + 1;
        weth.mint(address(l3), least);
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_HoldingNotEmpty.selector, address(weth), least));
        l3.setHoldings(new IPortfolio.Holding[](0));
    }

    function test_setHoldings__dustLeftOut__isRemoved() public {
        weth.mint(address(l3), 1);
        l3.setHoldings(new IPortfolio.Holding[](0));
        assertEq(l3.holdings().length, 0, "count");
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
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        l3.value();
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        l3.positions();
    }

    function test_buy__venueKeepsTheMoney__reverts() public {
        _tradeAt(address(new ThievingVenue(address(oracle))));
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_BelowFloor.selector, address(weth), 0, 2_940 * USD));
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
        _holdOnly(IPortfolio.Holding(address(token), IPortfolio.Kind.Venue, address(venue), 10_000, 50));
        usdt.mint(address(venue), 2_000 * USD);
        vm.startPrank(operator);
        // The venue mints here, which is free; selling transfers, which costs 1 %.
        assertEq(l3.buy(address(token), 1_000 * USD, 0, ""), 1_000e18, "bought");
        vm.expectRevert("not pushed");
        l3.sell(address(token), 100e18, 0, "");
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
        assertEq(l3.sell(address(weth), 1e18, 3_000 * USD, ""), 3_000 * USD, "proceeds");
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
        assertEq(l3.withdraw(address(fund), 60 * USD), 0, "while paused");
        fund.setWithdrawalsPaused(false);
        assertEq(l3.withdraw(address(fund), 60 * USD), 60 * USD, "part");
        assertEq(l3.withdraw(address(fund), 60 * USD), 40 * USD, "the rest");
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
        // Half of what is burnt too much stays with the portfolio, as the other holder's is the other half.
        fund.setMood(Strategy.Mood.BurnsShares, 40);
        vm.startPrank(operator);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.withdraw(address(fund), 50 * USD);
        fund.setMood(Strategy.Mood.BurnsShares, 10);
        assertEq(l3.withdraw(address(fund), 50 * USD), 50 * USD, "within the bound");
    }

    function test_withdraw__venue__sellsItsWorth() public {
        vm.startPrank(operator);
        assertEq(l3.withdraw(address(weth), 1), 0, "nothing held");
        weth.mint(address(l3), 1e18);
        assertEq(l3.withdraw(address(weth), 600 * USD), 600 * USD, "part");
        assertEq(weth.balanceOf(address(l3)), 0.8e18, "0.2 WETH sold");
        assertEq(l3.withdraw(address(weth), 9_000 * USD), 2_400 * USD, "all");
    }

    function test_withdraw__venueBelowFloor__reverts() public {
        weth.mint(address(l3), 1e18);
        venue.setFeeBps(201);
        vm.startPrank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(IPortfolio.Portfolio_BelowFloor.selector, address(weth), 2_939_700_000, 2_940 * USD)
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

    /// @dev A list whose last entry is refused.
    function _refuses(IPortfolio.Holding memory holding) internal {
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](2);
        list[0] = _yields(address(venue))[0];
        list[0].targetBps = 10_000;
        list[1] = holding;
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidHolding.selector, holding.asset));
        l3.setHoldings(list);
    }
}
