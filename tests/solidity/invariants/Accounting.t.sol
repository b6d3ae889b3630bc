// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {ExitFeeStrategy} from "../doubles/ExitFeeStrategy.sol";
import {System} from "../support/System.sol";

/// @title Rows 1 to 12 of `docs/evidence/invariants.md`, and the guards against wrong values that no other test covers
contract AccountingTest is System {
    uint256 private constant STEPS = 6;
    address private immutable bob = address(0xB0B);

    /// @dev A2: between two revaluations each action moves the book of each tier by its own change, at the prices of
    /// that moment, to the unit; price changes in between do not move it.
    function testFuzz_A2__book__movesByWhatActionsChange(uint256[STEPS] memory seeds) public {
        _openBands();
        _invest();
        for (uint256 i = 0; i < STEPS; ++i) {
            wethFeed.set(int256(bound(seeds[i] >> 128, 2_000e8, 4_000e8)));
            uint256[2] memory values = [l2.value(), l3.value()];
            (uint256[3] memory book, uint256 revaluedAt) = controller.bookValues();
            vm.prank(keeper);
            (bool done,) = address(controller).call(_someAction(seeds[i]));
            (uint256[3] memory current, uint256 sameTime) = controller.bookValues();
            assertEq(sameTime, revaluedAt, "not revalued");
            if (!done) continue;
            assertEq(current[1] + values[0], book[1] + l2.value(), "L2");
            assertEq(current[2] + values[1], book[2] + l3.value(), "L3");
        }
    }

    /// @dev A4: a request changes neither supply nor assets; its payment leaves both at once, and reserved assets no
    /// longer belong to the vault.
    function testFuzz_A4__requests__countOnce(uint256 shares, uint256 part, uint256 gift) public {
        _invest();
        (uint256 supply, uint256 total) = (vault.totalSupply(), vault.totalAssets());
        shares = bound(shares, 1e12, supply);
        usdt.mint(address(queue), bound(gift, 1, DEPOSIT));
        vm.prank(alice);
        uint256 requestId = queue.requestRedeem(shares, alice, alice);
        assertEq(vault.totalSupply(), supply, "supply");
        assertEq(vault.totalAssets(), total, "assets");

        uint256 cash = usdt.balanceOf(address(queue));
        (uint256 redeemed, uint256 assets) = queue.fulfil(bound(part, shares < 2e12 ? shares : 1e12, shares));
        assertEq(vault.totalSupply(), supply - redeemed, "supply fulfilled");
        assertEq(vault.totalAssets(), total - assets, "assets fulfilled");
        assertEq(usdt.balanceOf(address(queue)), cash + assets, "reserved");

        vm.prank(alice);
        queue.claim(requestId, alice, alice);
        assertEq(vault.totalSupply(), supply - redeemed, "supply claimed");
        assertEq(vault.totalAssets(), total - assets, "assets claimed");
        assertEq(usdt.balanceOf(alice), assets, "paid");
    }

    /// @dev A11, class 12: a pending request counts exactly once and keeps its asset on the list and at its venue.
    function testFuzz_A11_G12__pendingRequest__countsAndKeepsItsAsset(uint256 amount, uint256 settled) public {
        (AsyncVault issued, Erc7540Venue desk) = _listAsync();
        amount = bound(amount, 10 * USD, 100_000 * USD);
        uint256 total = vault.totalAssets();
        vm.prank(keeper);
        controller.purchaseAsset(address(issued), amount, 0, "");
        assertEq(vault.totalAssets(), total, "requested");
        _mustStay(issued);

        issued.settleDeposit(0, address(desk), bound(settled, 1, amount));
        assertGe(vault.totalAssets() + 1, total, "settled in part");
        assertLe(vault.totalAssets(), total, "nothing twice");
        _mustStay(issued);
        controller.claimAsset(address(issued));
        assertGe(vault.totalAssets() + 2, total, "claimed");
        assertLe(vault.totalAssets(), total, "claimed, nothing twice");
        _mustStay(issued);
    }

    /// @dev A11: an asset that returns to the list starts without a balance.
    function test_A11__leftAndListedAgain__startsFromNothing() public {
        _invest();
        vm.startPrank(keeper);
        controller.redeemAsset(address(fund), fund.balanceOf(address(l3)), 0, "");
        vm.stopPrank();
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](2);
        list[0] = _traded(address(weth), 6_000, address(venue));
        list[1] = _traded(address(bond), 4_000, address(venue));
        l3.setHoldings(list);
        uint256 value = l3.value();
        // Gift while the asset is not listed.
        usdt.mint(address(this), 100 * USD);
        usdt.approve(address(fund), 100 * USD);
        fund.deposit(100 * USD, address(l3));
        l3.setHoldings(_yields(address(venue)));
        assertFalse(l3.positionOf(address(fund)).held, "held");
        assertEq(l3.value(), value, "value");
    }

    /// @dev Class 8: a gift to a portfolio before a trade counts towards no minimum of the trade.
    function testFuzz_G8__giftBeforeATrade__countsForNothing(uint256 amount, uint256 gift, uint256 missing) public {
        amount = bound(amount, 100 * USD, 100_000 * USD);
        weth.mint(address(l3), bound(gift, 1e15, 1_000e18));
        l3.setOperator(address(this), true);
        venue.setFeeBps(bound(missing, 250, 9_000));
        usdt.mint(address(venue), amount);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        l3.buy(address(weth), amount, 0, "");
    }

    /// @dev Class 13: the value of a position is the payment of a full exit.
    function testFuzz_G13__exitFee__isNoValue(uint256 amount, uint256 fee) public {
        ExitFeeStrategy costly = new ExitFeeStrategy(address(usdt), bound(fee, 1, 9));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = _strategy(address(costly), 10_000);
        l2.setHoldings(list);
        vm.startPrank(keeper);
        controller.purchaseAsset(address(costly), bound(amount, 100 * USD, 300_000 * USD), 0, "");
        uint256 value = l2.value();
        uint256 cash = vault.idle();
        controller.redeemAsset(address(costly), costly.balanceOf(address(l2)), 0, "");
        vm.stopPrank();
        assertEq(vault.idle() - cash, value, "paid");
    }

    /// @dev Class 21: a deposit just after a gain has no part of it, booked or not.
    function testFuzz_G21__depositRightAfterAGain__hasNoneOfIt(uint256 assets, uint256 gain) public {
        _invest();
        usdt.mint(address(marketA), bound(gain, 1, 150_000 * USD));
        assets = bound(assets, 1, DEPOSIT);
        uint256 shares = _deposit(bob, assets);
        controller.sync();
        vm.prank(bob);
        assertLe(vault.redeem(shares, bob, bob), assets, "gained");
    }

    /// @dev Class 10: a redemption just after a loss bears its part, booked or not.
    function testFuzz_G10__leavingRightAfterALoss__bearsIt(uint256 shares, uint256 loss) public {
        _invest();
        uint256 supply = vault.totalSupply();
        loss = bound(loss, 1_000 * USD, 150_000 * USD);
        marketA.lose(loss);
        shares = bound(shares, 1e12, supply / 20);
        vm.prank(alice);
        uint256 assets = vault.redeem(shares, alice, alice);
        assertLe(assets, (DEPOSIT - loss) * shares / supply + 1, "escaped");
    }

    /// @dev Class 30: a vault without remaining shares is as hard to inflate as a new one.
    function testFuzz_G30__afterTheLastShare__inflatorLosesMore(uint256 first, uint256 gift, uint256 assets) public {
        vm.startPrank(alice);
        vault.redeem(vault.balanceOf(alice), alice, alice);
        vm.stopPrank();
        assertEq(vault.totalSupply(), 0, "everybody left");
        (first, gift) = (bound(first, 1, 1_000 * USD), bound(gift, 1, DEPOSIT));
        assets = bound(assets, 1, DEPOSIT);
        uint256 mine = _deposit(outsider, first);
        usdt.mint(address(vault), gift);
        uint256 shares = _deposit(bob, assets);
        assertLe(assets, vault.convertToAssets(shares) + gift / 1e6 + 2, "lost");
        vm.prank(outsider);
        assertLe(vault.redeem(mine, outsider, outsider), first + gift, "gained");
    }

    /// @dev Class 32: no penalty: both ways out pay the same, for any loss above the minimum rate.
    function testFuzz_G32__bothWaysOut__payTheSame(uint256 shares, uint256 loss) public {
        _invest();
        marketA.lose(bound(loss, 1, 148_000 * USD));
        shares = bound(shares, 1e12, 30_000e12);
        vm.startPrank(alice);
        vault.transfer(bob, shares);
        uint256 direct = vault.redeem(shares, alice, alice);
        vm.stopPrank();
        vm.startPrank(bob);
        uint256 requestId = queue.requestRedeem(shares, bob, bob);
        queue.fulfil(shares);
        (, uint256 assets) = queue.claim(requestId, bob, bob);
        vm.stopPrank();
        assertGe(assets, direct, "waiting costs nothing");
        assertLe(assets, direct + 1, "and brings nothing");
    }

    function _someAction(uint256 seed) private view returns (bytes memory) {
        uint256 amount = bound(seed >> 64 & type(uint64).max, 1, 50_000 * USD);
        address[5] memory assets = [address(weth), address(bond), address(marketA), address(marketB), address(fund)];
        (address asset, address other) = (assets[seed % 5], assets[(seed >> 8) % 5]);
        uint256 which = (seed >> 16) % 6;
        if (which < 2) return abi.encodeCall(controller.purchaseAsset, (asset, amount, 0, ""));
        uint256 held = (controller.tierOf(asset) == 1 ? l2 : l3).positionOf(asset).balance;
        uint256 part = held * (1 + amount % 50) / 100;
        if (which == 2) return abi.encodeCall(controller.redeemAsset, (asset, part, 0, ""));
        if (which == 3) return abi.encodeCall(controller.switchAsset, (asset, part, other, 0, "", ""));
        if (which == 4) return abi.encodeCall(controller.allocateToLayer, (uint8(amount % 3), amount));
        return abi.encodeCall(controller.executeWaterfallLiquidation, (vault.idle() + amount, uint8(1 + amount % 2)));
    }

    function _listAsync() private returns (AsyncVault issued, Erc7540Venue desk) {
        issued = new AsyncVault(address(usdt), false, 18);
        desk = new Erc7540Venue(address(l3), address(issued));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = _asyncHolding(address(issued), address(desk));
        l3.setHoldings(list);
    }

    function _asyncHolding(address issued, address desk) private pure returns (IPortfolio.Holding memory) {
        return IPortfolio.Holding(issued, IPortfolio.Kind.Async, 10_000, 10, 10_000, desk, ANY_RATE, LEAST_RATE);
    }

    /// @dev The asset can neither leave the list nor, while something is pending, change its venue.
    function _mustStay(AsyncVault issued) private {
        bool pending = Erc7540Venue(l3.holdingOf(address(issued)).venue).pendingValue(address(issued)) != 0;
        (bool done,) = address(l3).call(abi.encodeCall(l3.setHoldings, (new IPortfolio.Holding[](0))));
        assertFalse(done, "left");
        if (!pending) return;
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = _asyncHolding(address(issued), address(new Erc7540Venue(address(l3), address(issued))));
        (done,) = address(l3).call(abi.encodeCall(l3.setHoldings, (list)));
        assertFalse(done, "another venue");
    }
}
