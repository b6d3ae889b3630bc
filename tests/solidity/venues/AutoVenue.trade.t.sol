// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAutoVenue} from "@ballast/interfaces/IAutoVenue.sol";

import {ListedVenue} from "../doubles/ListedVenue.sol";
import {Token} from "../doubles/Token.sol";
import {AutoVenueTest} from "./AutoVenueTest.sol";

contract AutoVenueTradeTest is AutoVenueTest {
    function test_trade__notTrader__reverts() public {
        usdt.mint(address(venue), 10_000);
        vm.prank(OUTSIDER);
        vm.expectRevert(abi.encodeWithSelector(IAutoVenue.AutoVenue_NotTrader.selector, OUTSIDER));
        venue.trade(address(usdt), address(weth), 10_000, 0, RECEIVER, "");
    }

    function test_trade__nothing__reverts() public {
        _refuses(0, 0, "", abi.encodeWithSelector(IAutoVenue.AutoVenue_InvalidAmount.selector, 0));
    }

    function test_trade__notPushed__reverts() public {
        usdt.mint(address(venue), 9_999);
        bytes4 refusal = IAutoVenue.AutoVenue_MissingInput.selector;
        _refuses(10_000, 0, "", abi.encodeWithSelector(refusal, address(usdt), 9_999, 10_000));
    }

    function test_trade__noVenue__reverts() public {
        vm.prank(TRADER);
        vm.expectRevert(abi.encodeWithSelector(IAutoVenue.AutoVenue_NoVenue.selector, address(weth), address(usdt)));
        venue.trade(address(weth), address(usdt), 1, 0, RECEIVER, "");
    }

    function test_trade__venueNotListed__reverts() public {
        usdt.mint(address(venue), 10_000);
        _refuses(10_000, 0, _named(unlisted), _notListed(address(unlisted)));
        vm.prank(GUARD);
        venue.removeVenue(address(usdt), address(weth), address(second));
        _refuses(10_000, 0, _named(second), _notListed(address(second)));
    }

    function test_trade__venueOfAnotherPair__reverts() public {
        venue.setVenues(address(weth), address(usdt), _list(address(unlisted), address(first)));
        usdt.mint(address(venue), 10_000);
        _refuses(10_000, 0, _named(unlisted), _notListed(address(unlisted)));
    }

    function test_trade__noData__goesToTheFirstWithoutTerms() public {
        assertEq(_trade(10_000, 9_000, ""), 9_000, "measured, whatever the venue says");
        assertEq(first.lastData().length, 0, "no terms");
        assertEq(first.lastMinOut(), 9_000, "and the minimum");
        assertEq(second.trades(), 0, "the second is not asked");
    }

    function test_trade__named__goesThereWithItsTerms() public {
        usdt.mint(address(venue), 10_000);
        vm.expectEmit(address(venue));
        emit IAutoVenue.Traded(address(second), address(usdt), address(weth), 10_000, 9_500, RECEIVER);
        vm.prank(TRADER);
        venue.trade(address(usdt), address(weth), 10_000, 9_500, RECEIVER, _named(second));
        assertTrue(keccak256(second.lastData()) == keccak256("terms"), "terms");
        assertEq(second.lastMinOut(), 9_500, "minimum");
        assertEq(usdt.balanceOf(address(second)), 10_000, "input");
        assertEq(weth.balanceOf(RECEIVER), 9_500, "output");
        assertEq(first.trades(), 0, "the first is not asked");
    }

    function testFuzz_trade__anyAmountVenueAndGift__nothingStaysHere(uint256 amount, bool named, uint256 gift) public {
        amount = bound(amount, 1, STOCK);
        gift = bound(gift, 0, STOCK);
        usdt.mint(address(venue), gift);
        weth.mint(address(venue), gift);
        ListedVenue chosen = named ? second : first;
        uint256 out = _trade(amount, 0, named ? _named(second) : bytes(""));
        assertEq(out, amount * chosen.rateBps() / 10_000, "what the venue pays");
        assertEq(weth.balanceOf(RECEIVER), out, "to the receiver");
        assertEq(usdt.balanceOf(address(chosen)), amount, "for the whole input");
        assertEq(usdt.balanceOf(address(venue)), gift, "gifts stay");
        assertEq(weth.balanceOf(address(venue)), gift, "where they are");
    }

    function test_trade__underDelivery__revertsWhateverTheVenueSays() public {
        usdt.mint(address(venue), 10_000);
        bytes4 refusal = IAutoVenue.AutoVenue_InsufficientOutput.selector;
        _refuses(10_000, 9_501, _named(second), abi.encodeWithSelector(refusal, address(weth), 9_500, 9_501));
    }

    function test_trade__outputToAnother__reverts() public {
        second.setPayee(OUTSIDER);
        usdt.mint(address(venue), 10_000);
        bytes4 refusal = IAutoVenue.AutoVenue_InsufficientOutput.selector;
        _refuses(10_000, 1, _named(second), abi.encodeWithSelector(refusal, address(weth), 0, 1));
    }

    function test_trade__receiverHasLessThanBefore__reverts() public {
        second.setPayee(OUTSIDER);
        usdt.mint(address(venue), 10_000);
        vm.prank(TRADER);
        bytes4 refusal = IAutoVenue.AutoVenue_InsufficientOutput.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(weth), 0, 1));
        venue.trade(address(usdt), address(weth), 10_000, 1, address(second), _named(second));
    }

    function test_trade__inputLeftHere__reverts() public {
        second.setRefund(1);
        usdt.mint(address(venue), 10_007);
        bytes4 refusal = IAutoVenue.AutoVenue_Leftover.selector;
        _refuses(10_000, 0, _named(second), abi.encodeWithSelector(refusal, address(usdt), 8, 7));
    }

    function test_trade__outputLeftHere__reverts() public {
        second.setPayee(address(venue));
        usdt.mint(address(venue), 10_000);
        weth.mint(address(venue), 7);
        bytes memory refusal = abi.encodeWithSelector(IAutoVenue.AutoVenue_Leftover.selector, address(weth), 9_507, 7);
        _refuses(10_000, 0, _named(second), refusal);
        second.setPayee(address(0));
        vm.prank(TRADER);
        vm.expectRevert(refusal);
        venue.trade(address(usdt), address(weth), 10_000, 9_500, address(venue), _named(second));
    }

    function test_trade__moreThanTheInputTaken__reverts() public {
        CostlyToken costly = new CostlyToken();
        venue.setVenues(address(costly), address(weth), _list(address(first), address(second)));
        costly.mint(address(venue), 10_007);
        vm.prank(TRADER);
        vm.expectRevert(abi.encodeWithSelector(IAutoVenue.AutoVenue_Leftover.selector, address(costly), 6, 7));
        venue.trade(address(costly), address(weth), 10_000, 0, RECEIVER, "");
    }

    function test_trade__insideATrade__reverts() public {
        // The venue is a permitted trader, and the input of its own trade is available.
        venue.setTrader(address(second), true);
        second.setCall(
            address(venue), abi.encodeCall(venue.trade, (address(usdt), address(weth), 5_000, 0, RECEIVER, ""))
        );
        usdt.mint(address(venue), 5_000);
        assertEq(_trade(10_000, 9_500, _named(second)), 9_500, "the trade goes on");
        assertFalse(second.succeeded(), "the other is refused");
        bytes memory refusal = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertTrue(keccak256(second.answer()) == keccak256(refusal), "by the lock");
    }

    function _trade(uint256 amount, uint256 minOut, bytes memory data) internal returns (uint256) {
        usdt.mint(address(venue), amount);
        vm.prank(TRADER);
        return venue.trade(address(usdt), address(weth), amount, minOut, RECEIVER, data);
    }

    function _refuses(uint256 amount, uint256 minOut, bytes memory data, bytes memory refusal) internal {
        vm.prank(TRADER);
        vm.expectRevert(refusal);
        venue.trade(address(usdt), address(weth), amount, minOut, RECEIVER, data);
    }

    function _notListed(address named) internal view returns (bytes memory) {
        bytes4 refusal = IAutoVenue.AutoVenue_VenueNotListed.selector;
        return abi.encodeWithSelector(refusal, address(usdt), address(weth), named);
    }
}

/// @title Token whose transfer costs the sender one additional unit
contract CostlyToken is Token {
    constructor() Token("COST", 18) {}

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0)) super._update(from, address(1), 1);
    }
}
