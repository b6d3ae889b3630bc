// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IOtcVenue} from "@ballast/interfaces/IOtcVenue.sol";
import {OtcVenue} from "@ballast/venues/OtcVenue.sol";

import {OtcVenueTest} from "./OtcVenueTest.sol";

contract OtcVenueConfigurationTest is OtcVenueTest {
    function test_constructor__noOracle__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_InvalidOracle.selector, OUTSIDER));
        new OtcVenue(address(manager), OUTSIDER);
    }

    function test_constructor__sound__isAtOnePercent() public view {
        assertEq(venue.maxLossBps(), 100, "loss bound");
        assertEq(venue.oracle(), address(oracle), "oracle");
    }

    function test_configuration__outsider__reverts() public {
        bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, OUTSIDER);
        vm.startPrank(OUTSIDER);
        vm.expectRevert(refusal);
        venue.setDesk(OUTSIDER, true);
        vm.expectRevert(refusal);
        venue.setTrader(OUTSIDER, true);
        vm.expectRevert(refusal);
        venue.setMaxLoss(0);
        vm.expectRevert(refusal);
        venue.removeDesk(desk);
        vm.expectRevert(refusal);
        venue.lowerMaxLoss(0);
    }

    function test_setDesk__configurator__storesAndEmits() public {
        vm.expectEmit(address(venue));
        emit IOtcVenue.DeskSet(OUTSIDER, true);
        venue.setDesk(OUTSIDER, true);
        assertTrue(venue.isDesk(OUTSIDER), "a desk");
        vm.expectEmit(address(venue));
        emit IOtcVenue.DeskSet(OUTSIDER, false);
        venue.setDesk(OUTSIDER, false);
        assertFalse(venue.isDesk(OUTSIDER), "none any more");
    }

    function test_setTrader__configurator__storesAndEmits() public {
        vm.expectEmit(address(venue));
        emit IOtcVenue.TraderSet(TRADER, false);
        venue.setTrader(TRADER, false);
        assertFalse(venue.isTrader(TRADER), "no trader any more");
    }

    function test_setMaxLoss__upToTenPercent__storesAndEmits() public {
        vm.expectEmit(address(venue));
        emit IOtcVenue.MaxLossSet(1_000);
        venue.setMaxLoss(1_000);
        assertEq(venue.maxLossBps(), 1_000, "loss bound");
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_InvalidMaxLoss.selector, 1_001));
        venue.setMaxLoss(1_001);
    }

    function test_removeDesk__guardian__takesEffectAtOnce() public {
        vm.startPrank(GUARD);
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_NotDesk.selector, OUTSIDER));
        venue.removeDesk(OUTSIDER);
        vm.expectEmit(address(venue));
        emit IOtcVenue.DeskSet(desk, false);
        venue.removeDesk(desk);
        vm.stopPrank();
        usdt.mint(address(venue), 3_000 * USD);
        _refuses(_signed(_quote()), abi.encodeWithSelector(IOtcVenue.OtcVenue_NotDesk.selector, desk));
    }

    function test_lowerMaxLoss__guardian__onlyLowers() public {
        vm.startPrank(GUARD);
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_InvalidMaxLoss.selector, 100));
        venue.lowerMaxLoss(100);
        vm.expectEmit(address(venue));
        emit IOtcVenue.MaxLossSet(99);
        venue.lowerMaxLoss(99);
        assertEq(venue.maxLossBps(), 99, "loss bound");
    }

    function test_cancelQuote__ownNonce__isVoid() public {
        vm.expectEmit(address(venue));
        emit IOtcVenue.QuoteCancelled(desk, 7);
        vm.startPrank(desk);
        venue.cancelQuote(7);
        assertTrue(venue.isNonceUsed(desk, 7), "void");
        assertFalse(venue.isNonceUsed(desk, 6), "no other");
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_NonceUsed.selector, desk, 7));
        venue.cancelQuote(7);
    }

    function test_cancelQuote__ofAnother__changesNothing() public {
        vm.prank(OUTSIDER);
        venue.cancelQuote(0);
        assertFalse(venue.isNonceUsed(desk, 0), "the desk's own is good");
    }

    /// @dev Built here from the standard, as a desk can do.
    function test_hashOf__standard__isTheTypedDataOfThisVenueOnThisChain() public view {
        IOtcVenue.Quote memory quote = _quote();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Ballast OtcVenue"),
                keccak256("1"),
                block.chainid,
                address(venue)
            )
        );
        bytes memory fields = abi.encode(
            quote.desk,
            quote.trader,
            quote.tokenIn,
            quote.tokenOut,
            quote.amountIn,
            quote.amountOut,
            quote.nonce,
            quote.deadline
        );
        bytes32 kind = keccak256(
            "Quote(address desk,address trader,address tokenIn,address tokenOut,"
            "uint256 amountIn,uint256 amountOut,uint256 nonce,uint256 deadline)"
        );
        bytes32 structure = keccak256(abi.encodePacked(kind, fields));
        assertTrue(venue.hashOf(quote) == keccak256(abi.encodePacked(hex"1901", domain, structure)), "typed data");
    }

    function test_spot__always__reverts() public {
        vm.expectRevert(IOtcVenue.OtcVenue_NoSpot.selector);
        venue.spot(address(usdt), address(weth), 1);
    }
}
