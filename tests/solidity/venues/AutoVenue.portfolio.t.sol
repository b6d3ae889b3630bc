// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {AutoVenue} from "@ballast/venues/AutoVenue.sol";

import {ThievingVenue, UnderDeliveringVenue} from "../doubles/HostileVenues.sol";
import {System} from "../support/System.sol";

/// @title Portfolio whose holdings trade at one of several venues: its floor holds for each of them
contract AutoVenuePortfolioTest is System {
    AutoVenue private auto_;
    UnderDeliveringVenue private close;
    UnderDeliveringVenue private poor;
    ThievingVenue private thief;

    function setUp() public override {
        super.setUp();
        auto_ = new AutoVenue(address(manager));
        close = new UnderDeliveringVenue(address(oracle), 200);
        poor = new UnderDeliveringVenue(address(oracle), 201);
        thief = new ThievingVenue(address(oracle));
        address[] memory list = new address[](4);
        (list[0], list[1], list[2], list[3]) = (address(venue), address(close), address(poor), address(thief));
        auto_.setVenues(address(usdt), address(weth), list);
        auto_.setVenues(address(weth), address(usdt), list);
        auto_.setTrader(address(l3), true);
        l3.setOperator(address(this), true);
        l3.setHoldings(_yields(address(auto_)));
    }

    function test_buy__anyVenueWithinTheBound__goesThrough() public {
        usdt.mint(address(auto_), 60_000 * USD);
        assertEq(l3.buy(address(weth), 30_000 * USD, 10e18, ""), 10e18, "bought in the first");
        uint256 received = l3.buy(address(weth), 30_000 * USD, 9.8e18, _named(address(close)));
        assertEq(received, 9.8e18, "and in the one that was named");
    }

    function test_buy__worseVenueNamed__isRefusedByTheFloor() public {
        usdt.mint(address(auto_), 30_000 * USD);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.buy(address(weth), 30_000 * USD, 0, _named(address(poor)));
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.buy(address(weth), 30_000 * USD, 0, _named(address(thief)));
    }

    function test_sell__worseVenueNamed__isRefusedByTheFloor() public {
        usdt.mint(address(auto_), 30_000 * USD);
        l3.buy(address(weth), 30_000 * USD, 0, "");
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.sell(address(weth), 10e18, 0, _named(address(thief)));
        IPortfolio.Sale memory sale = l3.sell(address(weth), 10e18, 29_400 * USD, _named(address(close)));
        assertEq(sale.proceeds, 29_400 * USD, "sold where it was named");
    }

    function test_withdraw__noData__sellsInTheFirst() public {
        usdt.mint(address(auto_), 30_000 * USD);
        l3.buy(address(weth), 30_000 * USD, 0, "");
        uint256 before = usdt.balanceOf(address(vault));
        IPortfolio.Sale memory sale = l3.withdraw(address(weth), 3_000 * USD);
        assertEq(sale.proceeds, 3_000 * USD, "proceeds");
        assertEq(usdt.balanceOf(address(vault)) - before, 3_000 * USD, "home");
    }

    function test_purchase__byTheController__goesWhereTheKeeperSays() public {
        vm.prank(keeper);
        controller.purchaseAsset(address(weth), 30_000 * USD, 10e18, _named(address(venue)));
        assertEq(weth.balanceOf(address(l3)), 10e18, "bought");
    }

    function _named(address named) internal pure returns (bytes memory) {
        return abi.encode(named, bytes(""));
    }
}
