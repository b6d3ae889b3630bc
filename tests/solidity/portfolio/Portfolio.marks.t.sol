// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHoldingReader} from "@ballast/interfaces/IHoldingReader.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {BoundedCall} from "@ballast/libraries/BoundedCall.sol";
import {HoldingReader} from "@ballast/portfolio/HoldingReader.sol";

import {Token} from "../doubles/Token.sol";
import {System} from "../support/System.sol";

/// @title Tests of marks by a guardian, of closed deposits, and of tokens that do not count
/// forge-config: default.isolate = true
contract PortfolioMarksTest is System {
    uint256 private constant HELD = 180_000 * USD;

    modifier invested() {
        _invest();
        _;
    }

    function test_markDown__readable__keepsAPartOfWhatItIsWorth() public invested {
        vm.prank(guardian);
        l3.markDown(address(fund), 6_000);
        assertEq(l3.valueOf(address(fund)), HELD * 6 / 10, "marked");
        assertEq(l3.value(), 420_000 * USD + HELD * 6 / 10, "all");
        // The value falls with the fund when that is worth less, and stays at the mark while there is no price.
        fund.lose(150_000 * USD);
        assertLe(l3.valueOf(address(fund)), 30_000 * USD, "the lower");
        assertGe(l3.valueOf(address(fund)), 30_000 * USD - 2, "the lower");
        _hide();
        assertEq(l3.valueOf(address(fund)), HELD * 6 / 10, "the mark");
        vm.etch(address(fund), hex"fe");
        assertEq(l3.value{gas: 3_000_000}(), 420_000 * USD, "nothing where not even the balance is told");
    }

    /// @dev A gift does not increase the value of a marked holding.
    function test_markDown__gift__countsNoMore() public invested {
        _markDown(l3, address(weth), 5_000);
        weth.mint(address(l3), 1_000e18);
        assertEq(l3.valueOf(address(weth)), 120_000 * USD, "the most");
    }

    function test_markDown__again__onlyLowers() public invested {
        _markDown(l3, address(fund), 6_000);
        vm.startPrank(guardian);
        vm.expectRevert(_error(IPortfolio.Portfolio_MarkNotLowered.selector, address(fund)));
        l3.markDown(address(fund), 6_000);
        vm.expectRevert(_error(IPortfolio.Portfolio_MarkNotLowered.selector, address(fund)));
        l3.markDown(address(fund), 10_000);
        l3.markDown(address(fund), 5_000);
        vm.stopPrank();
        assertEq(l3.valueOf(address(fund)), HELD / 2, "lower");
        _hide();
        _markDown(l3, address(fund), 5_000);
        assertEq(l3.valueOf(address(fund)), HELD / 4, "half of the mark");
        _markDown(l3, address(fund), 0);
        assertEq(l3.valueOf(address(fund)), 0, "nothing");
        vm.prank(guardian);
        vm.expectRevert(_error(IPortfolio.Portfolio_MarkNotLowered.selector, address(fund)));
        l3.markDown(address(fund), 5_000);
    }

    /// @dev A later, lower mark increases neither the maximum value nor the part kept of requests. Half of 80 WETH
    /// worth 240,000 was kept; 160 WETH arrive as a gift while the price falls to a half.
    function test_markDown__againAfterAGift__liftsNothing() public invested {
        _markDown(l3, address(weth), 5_000);
        (,, IPortfolio.Mark memory first) = l3.termsOf(address(weth));
        weth.mint(address(l3), 160e18);
        wethFeed.set(WETH_PRICE / 2);
        _markDown(l3, address(weth), 6_000);
        (,, IPortfolio.Mark memory second) = l3.termsOf(address(weth));
        // 3,000 times a half, then 1,500 times six tenths.
        assertEq(second.rate, first.rate * 3 / 5, "rate");
        assertEq(second.most, first.most, "most");
        assertEq(second.keptBps, 5_000, "kept");
        assertEq(l3.valueOf(address(weth)), 120_000 * USD, "the most");
    }

    function test_markDown__notListed__reverts() public {
        vm.expectRevert(_error(IPortfolio.Portfolio_UnknownAsset.selector, outsider));
        vm.prank(guardian);
        l3.markDown(outsider, 0);
    }

    /// @dev Prevents a stolen key from raising a mark.
    function test_markDown__unreadable__onlyToZero() public invested {
        _hide();
        vm.startPrank(guardian);
        vm.expectRevert(_error(IPortfolio.Portfolio_MarkNeedsPrice.selector, address(fund)));
        l3.markDown(address(fund), 9_999);
        l3.markDown(address(fund), 0);
        vm.stopPrank();
        assertEq(l3.value(), 420_000 * USD, "the others");
    }

    /// @dev A mark set at an inflated moment counts at the maximum rate.
    function test_markDown__aboveTheMaximumRate__countsAtThat() public invested {
        usdt.mint(address(fund), HELD * 199);
        _markDown(l3, address(fund), 9_999);
        _hide();
        assertLe(l3.valueOf(address(fund)), HELD * 100, "at the maximum");
    }

    function test_markDown__exit__isJudgedByTheTruth() public invested {
        _markDown(l3, address(fund), 1_000);
        uint256 before = vault.totalAssets();
        vm.prank(keeper);
        controller.redeemAsset(address(fund), HELD / 2, 0, "");
        assertGe(vault.totalAssets(), before + HELD / 2 - HELD / 20 - 2, "what came is more than what counted");
        _markDown(l3, address(weth), 1_000);
        venue.setFeeBps(300);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        vm.prank(keeper);
        controller.redeemAsset(address(weth), 1e18, 0, "");
    }

    function test_liftMark__needsAPrice__andCountsAllAgain() public invested {
        _markDown(l3, address(fund), 0);
        _hide();
        vm.expectRevert(bytes("dead"));
        l3.liftMark(address(fund));
        vm.clearMockedCalls();
        vm.expectEmit(address(l3));
        emit IPortfolio.MarkLifted(address(fund));
        l3.liftMark(address(fund));
        assertEq(l3.valueOf(address(fund)), HELD, "all");
        vm.expectRevert(_error(IPortfolio.Portfolio_NotMarked.selector, address(fund)));
        l3.liftMark(address(fund));
    }

    /// @dev The mark stays with the asset while it is not listed; lifting it makes the balance count.
    function test_mark__droppedAndListedAgain__stands() public invested {
        _markDown(l3, address(fund), 0);
        IPortfolio.Holding[] memory shorter = new IPortfolio.Holding[](2);
        shorter[0] = _traded(address(weth), 7_000, address(venue));
        shorter[1] = _traded(address(bond), 3_000, address(venue));
        l3.setHoldings(shorter);
        l3.setHoldings(_yields(address(venue)));
        (bool open, address closedBy) = l3.entryOpen();
        assertTrue(!open && closedBy == address(fund), "closed");
        l3.liftMark(address(fund));
        assertEq(l3.valueOf(address(fund)), HELD, "all");
    }

    /// @dev V6: a rate far too low for a moment closes deposits.
    function test_entry__rateBelowTheLeast__isClosed() public invested {
        IPortfolio.Holding[] memory list = _yields(address(venue));
        (list[2].maxRate, list[2].minRateBps) = (1.5e6, 6_500);
        l3.setHoldings(list);
        assertEq(l3.entryValue(), l3.value(), "open");
        for (uint256 percent = 0; percent < 100; percent += 97) {
            bytes memory answer = abi.encode(HELD * percent / 100);
            vm.mockCall(address(fund), abi.encodePacked(fund.previewRedeem.selector), answer);
            vm.expectRevert(_error(IPortfolio.Portfolio_EntryClosed.selector, address(fund)));
            l3.entryValue();
            assertEq(l3.value(), 420_000 * USD + HELD * percent / 100, "who leaves is served, at less");
            IPortfolio.Position memory position = l3.positions()[2];
            assertTrue(position.low && position.known && position.capBps == 0, "no room");
            assertEq(l3.gapOf(address(fund), 10 * DEPOSIT, 10 * DEPOSIT), 0, "no gap");
            vm.expectRevert(_error(IPortfolio.Portfolio_RateBelowMinimum.selector, address(fund)));
            l3.measure(address(fund));
            vm.prank(keeper);
            controller.redeemAsset(address(weth), 1e18, 0, "");
            vm.clearMockedCalls();
            vm.prank(keeper);
            controller.purchaseAsset(address(weth), 3_000 * USD, 0, "");
            position = l3.positionOf(address(fund));
            assertTrue(!position.low && position.capBps == 10_000, "room again");
            assertGe(l3.gapOf(address(fund), 10 * DEPOSIT, 10 * DEPOSIT), 1, "a gap again");
        }
    }

    function test_entry__noPrice__isClosed() public invested {
        wethFeed.set(0);
        (bool open, address closedBy) = l3.entryOpen();
        assertTrue(!open && closedBy == address(weth), "closed");
    }

    function test_entry__littleGas__isNoAnswer() public invested {
        vm.etch(address(fund), hex"fe");
        vm.expectRevert(BoundedCall.BoundedCall_OutOfGas.selector);
        l3.entryOpen{gas: 500_000}();
    }

    function test_reader__strangers__areRefused() public invested {
        HoldingReader reader = HoldingReader(address(l3.reader()));
        address asset = address(weth);
        bytes[18] memory questions = [
            abi.encodeCall(reader.positions, ()),
            abi.encodeCall(reader.positionOf, (asset)),
            abi.encodeCall(reader.gapOf, (asset, 0, 0)),
            abi.encodeCall(reader.value, ()),
            abi.encodeCall(reader.redemptionValue, ()),
            abi.encodeCall(reader.entryValue, ()),
            abi.encodeCall(reader.entryOpen, ()),
            abi.encodeCall(reader.valueOf, (asset)),
            abi.encodeCall(reader.measure, (asset)),
            abi.encodeCall(reader.exitValueOf, (asset)),
            abi.encodeCall(reader.exitWorth, (asset, 1)),
            abi.encodeCall(reader.exitOf, (asset, 1)),
            abi.encodeCall(reader.countedOf, (asset)),
            abi.encodeCall(reader.bought, (asset, 1, 0)),
            abi.encodeCall(reader.markDown, (asset, 1)),
            abi.encodeCall(reader.requirePrice, (asset)),
            abi.encodeCall(reader.isSettled, (asset)),
            abi.encodeCall(reader.balanceOf, (asset))
        ];
        bytes memory refusal = _error(IHoldingReader.HoldingReader_NotPortfolio.selector, outsider);
        for (uint256 i = 0; i < questions.length; ++i) {
            vm.prank(outsider);
            (bool answered, bytes memory reason) = address(reader).call(questions[i]);
            assertTrue(!answered && keccak256(reason) == keccak256(refusal), vm.toString(i));
        }
    }

    function test_reader__whatIsNotListed__isUnknown() public invested {
        bytes memory unknown = _error(IPortfolio.Portfolio_UnknownAsset.selector, outsider);
        vm.expectRevert(unknown);
        l3.valueOf(outsider);
        vm.expectRevert(unknown);
        l3.positionOf(outsider);
        vm.expectRevert(unknown);
        l3.gapOf(outsider, DEPOSIT, DEPOSIT);
        vm.expectRevert(unknown);
        l3.measure(outsider);
    }

    /// @dev V15: rewards of a fund in other tokens reach the owners; counted assets cannot be skimmed.
    function test_skim__rewards__goToTheReceiver() public invested {
        Token reward = new Token("RWD", 18);
        reward.mint(address(l3), 5e18);
        vm.expectRevert(_error(IPortfolio.Portfolio_NotSkimmable.selector, address(reward)));
        l3.skim(address(reward));
        vm.expectEmit(address(l3));
        emit IPortfolio.SkimReceiverSet(alice);
        l3.setSkimReceiver(alice);
        vm.expectEmit(address(l3));
        emit IPortfolio.Skimmed(address(reward), 5e18, alice);
        vm.prank(outsider);
        l3.skim(address(reward));
        assertEq(reward.balanceOf(alice), 5e18, "there");
        address[3] memory listed = [address(weth), address(bond), address(fund)];
        for (uint256 i = 0; i < listed.length; ++i) {
            vm.expectRevert(_error(IPortfolio.Portfolio_NotSkimmable.selector, listed[i]));
            l3.skim(listed[i]);
        }
    }

    /// @dev Rewards in the settlement token go to the vault, whatever the receiver.
    function test_skim__settlement__goesHome() public invested {
        usdt.mint(address(l3), 7 * USD);
        uint256 idle = vault.idle();
        l3.skim(address(usdt));
        assertEq(vault.idle(), idle + 7 * USD, "home");
    }

    function _hide() private {
        vm.mockCallRevert(address(fund), abi.encodePacked(fund.previewRedeem.selector), "dead");
    }
}
