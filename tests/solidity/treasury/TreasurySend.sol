// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "@ballast/interfaces/IBridgeRoute.sol";
import {ICctpV2Route} from "@ballast/interfaces/ICctpV2Route.sol";
import {ICustodialRoute} from "@ballast/interfaces/ICustodialRoute.sol";
import {IOftRoute} from "@ballast/interfaces/IOftRoute.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {ITreasury} from "@ballast/interfaces/ITreasury.sol";
import {ITreasuryLens} from "@ballast/interfaces/ITreasuryLens.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {World} from "./World.sol";

abstract contract TreasurySendTest is World {
    function test_idOf__anyTerm__changesIt() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = a.treasury.idOf(transfer);
        assertTrue(id == keccak256(abi.encode(transfer)), "hash");
        for (uint256 i = 0; i < 9; ++i) {
            ITreasury.Transfer memory other = abi.decode(abi.encode(transfer), (ITreasury.Transfer));
            // Each term is one word of memory.
            assembly ("memory-safe") {
                let term := add(other, mul(i, 0x20))
                mstore(term, xor(mload(term), 1))
            }
            assertTrue(b.treasury.idOf(other) != id, "other terms");
        }
    }

    function test_send__cctp__burnsForTheCounterpart() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = _send(a, transfer, _standard());
        bytes memory expected = abi.encodePacked(
            abi.encodePacked(hex"000000010000000000000006", bytes32(0), _word(address(a.messenger))),
            abi.encodePacked(_word(address(b.messenger)), _word(address(b.cctp)), uint32(2_000), uint32(0)),
            abi.encodePacked(hex"00000001", _word(address(a.usdc)), _word(address(b.cctp)), transfer.amount),
            abi.encodePacked(_word(address(a.cctp)), bytes32(0), bytes32(0), bytes32(0), id)
        );
        assertTrue(keccak256(_message()) == keccak256(expected), "message");
        assertEq(a.usdc.balanceOf(address(a.treasury)), STOCK - transfer.amount, "left");
        assertEq(a.usdc.balanceOf(address(a.cctp)), 0, "route is empty");
        assertEq(a.usdc.allowance(address(a.cctp), address(a.messenger)), 0, "allowance of the route");
        assertEq(a.usdc.allowance(address(a.treasury), address(a.cctp)), 0, "allowance of the treasury");
        assertEq(a.treasury.legsOf(id).sent, START, "leg");
        assertEq(b.treasury.legsOf(id).sent, 0, "leg there");
    }

    function test_send__event__tellsTheTerms() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = a.treasury.idOf(transfer);
        vm.expectEmit(address(a.cctp));
        emit IBridgeRoute.Dispatched(id, b.chain, transfer.amount, transfer.minReceived, 0);
        vm.expectEmit(address(a.treasury));
        emit ITreasury.TransferSent(id, USDC, CCTP, keeper, transfer);
        vm.prank(keeper);
        a.treasury.sendToBridge(transfer, _standard());
    }

    function test_send__twice__isOnce() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = _send(a, transfer, _standard());
        _refuseSend(transfer, abi.encodeWithSelector(ITreasury.Treasury_LegDone.selector, id, ITreasury.Leg.Sent));
        ++transfer.nonce;
        _send(a, transfer, _standard());
    }

    function test_send__paused__reverts() public {
        vm.prank(guardian);
        a.treasury.pause();
        _refuseSend(_usdc(1_000), abi.encodeWithSelector(ITreasury.Treasury_Paused.selector));
        a.treasury.unpause();
        _send(a, _usdc(1_000), _standard());
    }

    function test_send__outsider__hasNoLimit() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 key = LimitKeys.automatic(outsider);
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IRateLimits.RateLimits_NotSet.selector, key));
        a.treasury.sendToBridge(transfer, _standard());
    }

    function test_send__aboveTheBand__needsAPlan() public {
        _send(a, _usdc(50_000), _standard());
        ITreasury.Transfer memory transfer = _usdc(50_001);
        _refuseSend(transfer, abi.encodeWithSelector(ITreasury.Treasury_NeedsPlan.selector, transfer.amount, 1));
        transfer = _usdc(200_001);
        _refuseSend(transfer, abi.encodeWithSelector(ITreasury.Treasury_NeedsPlan.selector, transfer.amount, 2));
        _on(b);
        transfer = _transfer(b, a, USDT, OFT, 50_001);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_NeedsPlan.selector, 50_001 * USD, 1));
        b.treasury.sendToBridge(transfer, "");
    }

    function test_send__otherTerms__reverts() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        transfer.sourceChain = b.chain;
        _refuseSend(transfer, abi.encodeWithSelector(ITreasury.Treasury_NotHere.selector, b.chain, a.treasury));
        transfer = _usdc(1_000);
        transfer.sourceTreasury = address(b.treasury);
        _refuseSend(transfer, abi.encodeWithSelector(ITreasury.Treasury_NotHere.selector, a.chain, b.treasury));
        transfer = _usdc(1_000);
        transfer.asset = "DAI";
        _refuseSend(transfer, abi.encodeWithSelector(ITreasury.Treasury_UnknownAsset.selector, transfer.asset));
        transfer = _usdc(1_000);
        transfer.route = OFT;
        _refuseSend(transfer, abi.encodeWithSelector(ITreasury.Treasury_UnknownRoute.selector, USDC, OFT));
        transfer = _usdc(1_000);
        transfer.destinationTreasury = outsider;
        _refuseSend(transfer, _unknownLane(b.chain, outsider));
        transfer = _usdc(1_000);
        transfer.destinationChain = 7;
        _refuseSend(transfer, _unknownLane(7, address(b.treasury)));
        transfer.destinationTreasury = address(0);
        _refuseSend(transfer, _unknownLane(7, address(0)));
    }

    function test_send__closedLane__reverts() public {
        vm.prank(guardian);
        a.treasury.closeLane(address(a.cctp), b.chain);
        _refuseSend(_usdc(1_000), abi.encodeWithSelector(ITreasury.Treasury_LaneClosed.selector, a.cctp, b.chain));
    }

    function test_send__amountOutOfBounds__reverts() public {
        _send(a, _usdc(100), _standard());
        ITreasury.Transfer memory transfer = _usdc(100);
        --transfer.amount;
        bytes4 selector = ITreasury.Treasury_AmountOutOfBounds.selector;
        _refuseSend(transfer, abi.encodeWithSelector(selector, transfer.amount, 100 * USD, 1_000_000 * USD));
        ITreasury.Lane memory lane = _lane(b, 6, 6);
        (lane.least, lane.most) = (0, uint128(999 * USD));
        a.treasury.setLane(address(a.cctp), b.chain, lane);
        _refuseSend(_usdc(1_000), abi.encodeWithSelector(selector, 1_000 * USD, 0, 999 * USD));
        _refuseSend(_usdc(0), abi.encodeWithSelector(selector, 0, 0, 999 * USD));
    }

    function test_send__minimum__isNearTheAmount() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        transfer.minReceived = 998 * USD;
        _send(a, transfer, _standard());
        bytes4 selector = ITreasury.Treasury_InvalidMinimum.selector;
        --transfer.minReceived;
        _refuseSend(transfer, abi.encodeWithSelector(selector, transfer.minReceived, 998 * USD, 1_000 * USD));
        transfer.minReceived = 1_000 * USD;
        _send(a, transfer, _standard());
        ++transfer.minReceived;
        _refuseSend(transfer, abi.encodeWithSelector(selector, transfer.minReceived, 998 * USD, 1_000 * USD));
    }

    /// @dev The minimum is in units of the other chain's token.
    function test_send__minimumOfOtherDecimals__isRoundedUp() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        transfer.minReceived = 1_000 * 1e18 - 1;
        _send(a, transfer, "");
        transfer = _transfer(a, b, USDT, OFT, 1_000);
        transfer.minReceived = 1_000 * 1e18 + 1;
        _on(a);
        bytes4 selector = ITreasury.Treasury_InvalidMinimum.selector;
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(selector, 1_000 * USD + 1, 998 * USD, 1_000 * USD));
        a.treasury.sendToBridge(transfer, "");
    }

    function test_send__limits__areConsumed() public {
        bytes32 route = LimitKeys.forAsset(address(a.cctp));
        (uint256 mine, uint256 all) = (a.treasury.available(LimitKeys.automatic(keeper)), a.treasury.available(route));
        _send(a, _usdc(1_000), _standard());
        assertEq(a.treasury.available(LimitKeys.automatic(keeper)), mine - 1_000 * USD, "keeper");
        assertEq(a.treasury.available(route), all - 1_000 * USD, "route");
        vm.prank(guardian);
        a.treasury.lowerLimit(route, 999 * USD, 1);
        bytes4 selector = IRateLimits.RateLimits_Exceeded.selector;
        _refuseSend(_usdc(1_000), abi.encodeWithSelector(selector, route, 1_000 * USD, 999 * USD));
    }

    function test_send__cctpOptions__areBounded() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes memory options = abi.encode(uint32(1_500), uint256(0));
        _refuseSend(
            transfer, options, abi.encodeWithSelector(ICctpV2Route.CctpV2Route_InvalidThreshold.selector, 1_500)
        );
        bytes4 selector = ICctpV2Route.CctpV2Route_ExcessiveFee.selector;
        options = abi.encode(uint32(1_000), 1 * USD + 1);
        _refuseSend(transfer, options, abi.encodeWithSelector(selector, 1 * USD + 1, 1 * USD));
        transfer.minReceived = 998 * USD;
        options = abi.encode(uint32(1_000), 1.5e6 + 1);
        _refuseSend(transfer, options, abi.encodeWithSelector(selector, 1.5e6 + 1, 1.5e6));
        _send(a, transfer, abi.encode(uint32(1_000), 1.5e6));
    }

    function test_send__oft__returnsWhatIsLeftOfTheCoins() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        uint256 coins = keeper.balance;
        vm.prank(keeper);
        a.treasury.sendToBridge{value: 1 ether}(transfer, "");
        assertEq(coins - keeper.balance, LZ_FEE, "cost");
        assertEq(address(a.usdt0).balance + address(a.treasury).balance, 0, "no coins stay");
        assertEq(NoReturnToken(a.usdt).balanceOf(a.oft), transfer.amount, "locked");
        assertEq(NoReturnToken(a.usdt).allowance(address(a.usdt0), a.oft), 0, "allowance");
    }

    function test_send__oftFee__isBoundedAndCovered() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_MissingFee.selector, LZ_FEE - 1, LZ_FEE));
        a.treasury.sendToBridge{value: LZ_FEE - 1}(transfer, "");
        vm.prank(guardian);
        a.usdt0.lowerMaxNativeFee(LZ_FEE - 1);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IOftRoute.OftRoute_ExcessiveFee.selector, LZ_FEE, LZ_FEE - 1));
        a.treasury.sendToBridge{value: LZ_FEE}(transfer, "");
    }

    function test_send__oftDust__reverts() public {
        _on(b);
        ITreasury.Transfer memory transfer = _transfer(b, a, USDT, OFT, 1_000);
        ++transfer.amount;
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IOftRoute.OftRoute_Dust.selector, 1e21 + 1, 1e21));
        b.treasury.sendToBridge{value: LZ_FEE}(transfer, "");
    }

    function test_send__feeOnTransfer__reverts() public {
        NoReturnToken(a.usdt).setFeeBps(1);
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        bytes4 selector = ITreasury.Treasury_OtherAmount.selector;
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(selector, a.usdt0, 999_900_000, 1_000_000_000));
        a.treasury.sendToBridge{value: LZ_FEE}(transfer, "");
    }

    function test_send__custodian__pushesToTheDepositAddress() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDC, DESK, 1_000);
        _send(a, transfer, "");
        assertEq(a.usdc.balanceOf(DEPOSITS), transfer.amount, "deposit");
        vm.prank(guardian);
        a.desk.removeDepositAddress();
        transfer = _transfer(a, b, USDC, DESK, 1_000);
        _refuseSend(transfer, abi.encodeWithSelector(ICustodialRoute.CustodialRoute_NoDepositAddress.selector));
    }

    /// @dev A lane to the chain exists, but the route has no peer there.
    function test_send__chainThatTheRouteDoesNotKnow__reverts() public {
        bytes memory unknown = abi.encodeWithSelector(IBridgeRoute.BridgeRoute_UnknownChain.selector, 7);
        a.treasury.setLane(address(a.desk), 7, _lane(b, 6, 6));
        ITreasury.Transfer memory transfer = _transfer(a, b, USDC, DESK, 1_000);
        transfer.destinationChain = 7;
        _refuseSend(transfer, unknown);
        vm.expectRevert(unknown);
        lens.quote(transfer, "");
        a.treasury.setLane(address(a.usdt0), 7, _lane(b, b.usdtDecimals, 6));
        transfer = _transfer(a, b, USDT, OFT, 1_000);
        transfer.destinationChain = 7;
        _refuseSend(transfer, unknown);
        vm.expectRevert(unknown);
        lens.quote(transfer, "");
    }

    function test_send__bridgeTakesAnotherAmount__reverts() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        vm.mockCall(address(a.messenger), abi.encodePacked(a.messenger.depositForBurnWithHook.selector), "");
        bytes4 remainder = IBridgeRoute.BridgeRoute_Remainder.selector;
        _refuseSend(transfer, abi.encodeWithSelector(remainder, 1_000 * USD, 0));
        assertEq(a.usdc.balanceOf(address(a.treasury)), STOCK, "all is there");
    }

    function test_send__keeperTakesNoCoins__reverts() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        vm.etch(keeper, hex"fe");
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_RefundFailed.selector, keeper, 3));
        a.treasury.sendToBridge{value: LZ_FEE + 3}(transfer, "");
        _send(a, transfer, "");
        assertEq(a.treasury.legsOf(a.treasury.idOf(transfer)).sent, START, "sent for the very fee");
    }

    function test_routeSend__byAnybody__reverts() public {
        IBridgeRoute.Cargo memory cargo = IBridgeRoute.Cargo(bytes32(0), b.chain, 0, 0);
        address[3] memory routes = [address(a.cctp), address(a.usdt0), address(a.desk)];
        for (uint256 i = 0; i < routes.length; ++i) {
            vm.prank(keeper);
            vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_NotTreasury.selector, keeper));
            IBridgeRoute(routes[i]).send(cargo, "", keeper);
            vm.prank(keeper);
            vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_NotTreasury.selector, keeper));
            IBridgeRoute(routes[i]).collect(cargo, "");
        }
    }

    function test_quote__eachRoute__tellsCostsAndBounds() public {
        IBridgeRoute.Quote memory quote = lens.quote(_usdc(1_000), "");
        assertEq(quote.nativeFee + quote.tokenFee, 0, "free");
        assertEq(quote.least, 100 * USD, "least");
        assertEq(quote.most, 1_000_000 * USD, "most");
        a.messenger.setMinFee(1_000);
        assertEq(lens.quote(_usdc(1_000), "").tokenFee, 0.1e6, "minimum fee");
        quote = lens.quote(_transfer(a, b, USDT, OFT, 1_000), "");
        assertEq(quote.nativeFee, LZ_FEE, "coins");
        assertEq(quote.tokenFee, 0, "no fee");
        vm.prank(guardian);
        a.treasury.lowerLimit(LimitKeys.forAsset(address(a.usdt0)), 777 * USD, 1);
        assertEq(lens.quote(_transfer(a, b, USDT, OFT, 1_000), "").most, 777 * USD, "what the limit admits");
        vm.prank(guardian);
        a.treasury.pause();
        assertEq(lens.quote(_usdc(1_000), "").most, 0, "paused");
    }

    function test_quote__custodian__isFreeWhileThereIsADepositAddress() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDC, DESK, 1_000);
        IBridgeRoute.Quote memory quote = lens.quote(transfer, "");
        assertEq(quote.nativeFee + quote.tokenFee, 0, "free");
        assertEq(quote.most, 1_000_000 * USD, "the lane's");
        vm.prank(guardian);
        a.desk.removeDepositAddress();
        assertEq(lens.quote(transfer, "").most, 0, "nothing can be sent");
    }

    function test_quote__noLaneThere__reverts() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        transfer.destinationTreasury = outsider;
        bytes4 noWay = ITreasuryLens.TreasuryLens_NoWay.selector;
        vm.expectRevert(abi.encodeWithSelector(noWay, USDC, CCTP, b.chain));
        lens.quote(transfer, "");
        (transfer.destinationTreasury, transfer.destinationChain) = (address(0), 7);
        vm.expectRevert(abi.encodeWithSelector(noWay, USDC, CCTP, 7));
        lens.quote(transfer, "");
    }

    function _unknownLane(uint256 chain, address treasury) private view returns (bytes memory) {
        return abi.encodeWithSelector(ITreasury.Treasury_UnknownLane.selector, a.cctp, chain, treasury);
    }

    function _refuseSend(ITreasury.Transfer memory transfer, bytes memory reason) private {
        _refuseSend(transfer, _standard(), reason);
    }

    function _refuseSend(ITreasury.Transfer memory transfer, bytes memory options, bytes memory reason) private {
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.sendToBridge(transfer, options);
    }
}
