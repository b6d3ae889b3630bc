// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {FairVenue} from "../doubles/FairVenue.sol";
import {System} from "../support/System.sol";
import {HoldingRows} from "./HoldingRows.sol";

/// @title Effects of one broken holding on the others
/// @notice L3 holds a fund, WETH, bonds that trade at an OTC desk, and an asynchronous fund with a pending deposit and
/// redemption. One of them is broken in one way. All others must still work, and after a guardian's mark also
/// withdrawals.
/// forge-config: default.isolate = true
contract HoldingIsolationTest is System, HoldingRows {
    /// @dev Gas limit for reading all four holdings if one burns all its gas.
    uint256 private constant BROKEN_GAS = 6_000_000;
    /// @dev Gas limit of a valuation that does not call the broken holding.
    uint256 private constant SOUND_GAS = 900_000;
    uint256 private constant PLACES = 4;
    uint256 private constant SALE = 100 * USD;

    AsyncVault private slow;
    FairVenue private desk;
    Erc7540Venue private requests;
    /// @dev Broken contract, the index of its holding, and the values of the holdings before.
    address private broken;
    uint256 private place;
    uint256[PLACES] private worth;

    function test_erc4626__broken__stopsItselfAlone() public {
        _tryAll(Part.Erc4626);
    }

    function test_price__broken__stopsItsAssetAlone() public {
        _tryAll(Part.Price);
    }

    function test_token__broken__stopsItselfAlone() public {
        _tryAll(Part.Token);
    }

    function test_otc__broken__stopsItsAssetAlone() public {
        _tryAll(Part.Otc);
    }

    function test_async__broken__stopsItselfAlone() public {
        _tryAll(Part.Async);
    }

    function _tryAll(Part part) private {
        uint256 tried = 0;
        for (uint256 i = 0; i < rows.length; ++i) {
            if (rows[i].part != part) continue;
            _try(rows[i]);
            ++tried;
        }
        assertGe(tried, 7, "rows");
    }

    function _try(Row memory row) private {
        emit log_named_string("row", row.id);
        _prepare();
        _break(row);
        _othersAreSeen(row);
        _entrantsAreToldApart(row);
        _othersAreTraded(row);
        // Same with a book that is too old and cannot be revalued as a whole.
        vm.warp(block.timestamp + 31 minutes);
        _othersAreTraded(row);
        _liquidationPassesOver(row);
        _leaversAreServedAfterTheMark(row);
        _itCanBeDropped(row);
        vm.clearMockedCalls();
    }

    /// @dev Sets up again, with 100,000 in each holding of L3.
    function _prepare() private {
        setUp();
        slow = new AsyncVault(address(usdt), false, 6);
        desk = new FairVenue(address(oracle));
        requests = new Erc7540Venue(address(l3), address(slow));
        l3.setHoldings(_four());
        _openBandsWide();
        vm.startPrank(keeper);
        controller.purchaseAsset(address(marketA), 100_000 * USD, 0, "");
        controller.purchaseAsset(address(marketB), 100_000 * USD, 0, "");
        controller.purchaseAsset(address(fund), 100_000 * USD, 0, "");
        controller.purchaseAsset(address(weth), 100_000 * USD, 0, "");
        controller.purchaseAsset(address(bond), 100_000 * USD, 0, "");
        controller.purchaseAsset(address(slow), 80_000 * USD, 0, "");
        vm.stopPrank();
        slow.settleDeposit(0, address(requests), 80_000 * USD);
        controller.claimAsset(address(slow));
        vm.startPrank(keeper);
        controller.redeemAsset(address(slow), 30_000 * USD, 0, "");
        controller.purchaseAsset(address(slow), 20_000 * USD, 0, "");
        vm.stopPrank();
        IPortfolio.Position[] memory list = l3.positions();
        for (uint256 i = 0; i < PLACES; ++i) {
            worth[i] = list[i].value;
        }
        assertEq(worth[3], 100_000 * USD, "with what is under way");
    }

    function _four() private view returns (IPortfolio.Holding[] memory list) {
        list = new IPortfolio.Holding[](PLACES);
        list[0] = _strategy(address(fund), 2_500);
        list[1] = _traded(address(weth), 2_500, address(venue));
        list[2] = _traded(address(bond), 2_500, address(desk));
        list[3] = IPortfolio.Holding(
            address(slow), IPortfolio.Kind.Async, 2_500, 10, 10_000, address(requests), ANY_RATE, LEAST_RATE
        );
    }

    function _openBandsWide() private {
        uint16[14] memory bounds = controller.bounds();
        (bounds[0], bounds[2], bounds[3], bounds[5], bounds[6], bounds[8]) = (100, 10_000, 0, 10_000, 0, 10_000);
        controller.setBounds(bounds);
    }

    /// @dev Mocks answers for a unit more or less and for failures without code; replaces the code otherwise.
    function _break(Row memory row) private {
        place = [0, 1, 1, 2, 3][uint256(row.part)];
        broken = [address(fund), address(wethFeed), address(weth), address(desk), address(slow)][uint256(row.part)];
        if (row.failure == Failure.OneLess) _shift(row, -1);
        else if (row.failure == Failure.OneMore) _shift(row, 1);
        else if (row.failure == Failure.Stale) wethFeed.setRound(WETH_PRICE, 1, block.timestamp - HEARTBEAT - 1);
        else if (row.failure == Failure.Paused) _pause(row.part);
        else if (row.failure == Failure.Denied) _deny();
        else vm.etch(broken, _codeOf(row.failure));
    }

    function _codeOf(Failure failure) private pure returns (bytes memory) {
        if (failure == Failure.Reverts) return hex"5f5ffd";
        if (failure == Failure.BurnsGas) return hex"fe";
        if (failure == Failure.ReturnsNothing) return hex"00";
        // Every word is the maximum.
        if (failure == Failure.Garbage) return hex"5f195f525f196020525f196040525f196060525f1960805260a05ff3";
        if (failure == Failure.Megabyte) return hex"621000005ff3";
        return hex"60a05ff3";
    }

    function _shift(Row memory row, int256 by) private {
        if (row.part == Part.Price) return wethFeed.set(WETH_PRICE + by);
        if (row.part == Part.Token) {
            uint256 held = uint256(int256(weth.balanceOf(address(l3))) + by);
            return vm.mockCall(broken, abi.encodeCall(weth.balanceOf, (address(l3))), abi.encode(held));
        }
        bytes4 preview = row.part == Part.Erc4626 ? fund.previewRedeem.selector : slow.convertToAssets.selector;
        uint256 held = row.part == Part.Erc4626 ? fund.balanceOf(address(l3)) : slow.balanceOf(address(l3));
        bytes memory answer = abi.encode(uint256(int256(held) + by));
        vm.mockCall(broken, abi.encodeWithSelector(preview, held), answer);
    }

    function _pause(Part part) private {
        if (part == Part.Erc4626) {
            fund.setWithdrawalsPaused(true);
            fund.setLimit(0);
        } else if (part == Part.Async) {
            slow.setClaimsPaused(true);
        } else if (part == Part.Otc) {
            vm.mockCallRevert(broken, abi.encodePacked(desk.trade.selector), "paused");
        } else {
            _deny();
        }
    }

    /// @dev Denies the portfolio every transfer of the asset.
    function _deny() private {
        vm.mockCallRevert(broken, abi.encodePacked(weth.transfer.selector), "denied");
        vm.mockCallRevert(broken, abi.encodePacked(bytes4(keccak256("redeem(uint256,address,address)"))), "denied");
        vm.mockCallRevert(broken, abi.encodePacked(bytes4(keccak256("withdraw(uint256,address,address)"))), "denied");
        vm.mockCallRevert(broken, abi.encodePacked(bytes4(keccak256("deposit(uint256,address,address)"))), "denied");
    }

    function _othersAreSeen(Row memory row) private view {
        IPortfolio.Position[] memory list = l3.positions{gas: BROKEN_GAS}();
        for (uint256 i = 0; i < PLACES; ++i) {
            bool known = i != place || row.known;
            assertTrue(list[i].known == known, _of(row, "known"));
            if (i != place) assertEq(list[i].value, worth[i], _of(row, "value of another"));
        }
        assertTrue(list[place].low == (row.known && !row.open), _of(row, "too low, so that it has no room"));
        uint256 gap = l3.gapOf{gas: BROKEN_GAS}(address(fund), DEPOSIT, DEPOSIT);
        // Only the fund is below its target and could be bought.
        bool takes = row.part != Part.Erc4626 || row.failure == Failure.OneLess || row.failure == Failure.OneMore
            || row.failure == Failure.Denied;
        assertTrue((gap != 0) == takes, _of(row, "gap"));
    }

    function _entrantsAreToldApart(Row memory row) private view {
        (bool open, address closedBy) = l3.entryOpen{gas: BROKEN_GAS}();
        assertTrue(open == row.open, _of(row, "entry"));
        if (!open) assertEq(closedBy, l3.assets()[place], _of(row, "closed by"));
    }

    function _othersAreTraded(Row memory row) private {
        vm.startPrank(keeper);
        controller.allocateToLayer{gas: BROKEN_GAS}(0, SALE);
        controller.redeemAsset{gas: BROKEN_GAS}(address(marketA), SALE, 0, "");
        controller.purchaseAsset{gas: BROKEN_GAS}(address(marketB), SALE, 0, "");
        if (place != 0) controller.redeemAsset{gas: BROKEN_GAS}(address(fund), SALE, 0, "");
        if (place != 1) controller.redeemAsset{gas: BROKEN_GAS}(address(weth), 1e15, 0, "");
        if (place != 2) controller.purchaseAsset{gas: BROKEN_GAS}(address(bond), SALE, 0, "");
        if (place != 3) controller.redeemAsset{gas: BROKEN_GAS}(address(slow), SALE, 0, "");
        vm.stopPrank();
        assertGe(vault.idle(), 1, _of(row, "idle"));
    }

    /// @dev Liquidates from all sources; the other three holdings of L3 must pay, except asynchronous ones.
    function _liquidationPassesOver(Row memory row) private {
        uint256 wanted = vault.idle() + 250_000 * USD;
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(wanted, 2);
        assertGe(vault.idle() + SALE, wanted, _of(row, "raised"));
    }

    function _leaversAreServedAfterTheMark(Row memory row) private {
        address asset = l3.assets()[place];
        _markDown(l3, asset, 0);
        uint256 others = 0;
        IPortfolio.Position[] memory list = l3.positions{gas: SOUND_GAS}();
        for (uint256 i = 0; i < PLACES; ++i) {
            if (i != place) others += list[i].value;
        }
        assertEq(list[place].value, 0, _of(row, "marked"));
        assertEq(l3.value{gas: SOUND_GAS}(), others, _of(row, "value of the others"));
        (bool open, address closedBy) = l3.entryOpen();
        assertTrue(!open && closedBy == asset, _of(row, "entry after the mark"));
        vm.prank(alice);
        vault.withdraw{gas: 2 * SOUND_GAS}(SALE, alice, alice);
        assertEq(usdt.balanceOf(alice), SALE, _of(row, "withdrawn"));
        vm.prank(alice);
        queue.requestRedeem(10e12, alice, alice);
        queue.fulfil(type(uint256).max);
    }

    function _itCanBeDropped(Row memory row) private {
        IPortfolio.Holding[] memory list = _four();
        l3.setHoldings(list);
        (list[place], list[3]) = (list[3], list[place]);
        IPortfolio.Holding[] memory rest = new IPortfolio.Holding[](PLACES - 1);
        for (uint256 i = 0; i < rest.length; ++i) {
            rest[i] = list[i];
        }
        rest[0].targetBps += 2_500;
        l3.setHoldings(rest);
        (bool open,) = l3.entryOpen();
        assertTrue(open, _of(row, "open without it"));
    }

    function _of(Row memory row, string memory what) private pure returns (string memory) {
        return string.concat(row.id, ": ", what);
    }
}
