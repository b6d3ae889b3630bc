// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IBridgeRoute} from "@ballast/interfaces/IBridgeRoute.sol";
import {ICctpV2Route} from "@ballast/interfaces/ICctpV2Route.sol";
import {ICustodialRoute} from "@ballast/interfaces/ICustodialRoute.sol";
import {IInbox} from "@ballast/interfaces/IInbox.sol";
import {IOftRoute} from "@ballast/interfaces/IOftRoute.sol";
import {ITreasury} from "@ballast/interfaces/ITreasury.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Inbox} from "@ballast/treasury/Inbox.sol";
import {Treasury} from "@ballast/treasury/Treasury.sol";
import {CctpV2Route} from "@ballast/treasury/routes/CctpV2Route.sol";

import {Strategy} from "../doubles/Strategy.sol";
import {Token} from "../doubles/Token.sol";
import {World} from "./World.sol";

abstract contract TreasuryConfigurationTest is World {
    function test_restricted__withoutTheRole__reverts() public {
        ITreasury.Lane memory lane = _lane(b, 6, 6);
        ITreasury.Bands memory bands;
        ITreasury.Venue memory venue;
        bytes[12] memory calls = [
            abi.encodeCall(ITreasury.addAsset, ("DAI", outsider)),
            abi.encodeCall(ITreasury.addRoute, (USDC, "NEW", outsider)),
            abi.encodeCall(ITreasury.setLane, (address(a.cctp), 7, lane)),
            abi.encodeCall(ITreasury.closeLane, (address(a.cctp), b.chain)),
            abi.encodeCall(ITreasury.setVenue, (outsider, venue)),
            abi.encodeCall(ITreasury.closeVenue, (address(a.market))),
            abi.encodeCall(ITreasury.removeVenue, (address(a.market))),
            abi.encodeCall(ITreasury.setBands, (bands)),
            abi.encodeCall(ITreasury.lowerBands, (bands)),
            abi.encodeCall(ITreasury.pause, ()),
            abi.encodeCall(ITreasury.unpause, ()),
            abi.encodeCall(ITreasury.release, (address(a.usdc), keeper, 1))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            _mustLackTheRole(address(a.treasury), calls[i]);
        }
        _mustLackTheRole(address(a.treasury), abi.encodeCall(ITreasury.cancelPlan, (bytes32(0))));
        _mustLackTheRole(address(a.treasury), abi.encodeCall(ITreasury.voidNonce, (keeper, 0)));
    }

    function test_routes__withoutTheRole__reverts() public {
        ICctpV2Route.Peer memory domain;
        IOftRoute.Peer memory eid;
        _mustLackTheRole(address(a.cctp), abi.encodeCall(ICctpV2Route.setPeer, (7, domain)));
        _mustLackTheRole(address(a.cctp), abi.encodeCall(ICctpV2Route.setMaxFee, (1)));
        _mustLackTheRole(address(a.cctp), abi.encodeCall(ICctpV2Route.lowerMaxFee, (1)));
        _mustLackTheRole(address(a.cctp), abi.encodeCall(ICctpV2Route.rescue, ("")));
        _mustLackTheRole(address(a.usdt0), abi.encodeCall(IOftRoute.announceSweep, (1)));
        _mustLackTheRole(address(a.usdt0), abi.encodeCall(IOftRoute.setPeer, (7, eid)));
        _mustLackTheRole(address(a.usdt0), abi.encodeCall(IOftRoute.setMaxNativeFee, (1)));
        _mustLackTheRole(address(a.usdt0), abi.encodeCall(IOftRoute.lowerMaxNativeFee, (1)));
        _mustLackTheRole(address(a.desk), abi.encodeCall(a.desk.setDepositAddress, (keeper)));
        _mustLackTheRole(address(a.desk), abi.encodeCall(a.desk.removeDepositAddress, ()));
        _mustLackTheRole(address(a.desk), abi.encodeCall(a.desk.admitChain, (7)));
        _mustLackTheRole(address(a.inbox), abi.encodeCall(a.inbox.setRoute, (keeper)));
        _mustLackTheRole(address(a.inbox), abi.encodeCall(a.inbox.sweep, (address(a.usdc), 0)));
        address[3] memory routes = [address(a.cctp), address(a.usdt0), address(a.desk)];
        for (uint256 i = 0; i < routes.length; ++i) {
            _mustLackTheRole(routes[i], abi.encodeCall(IBridgeRoute.sweep, (0)));
        }
    }

    function test_addAsset__takenOrOdd__reverts() public {
        Token dai = new Token("DAI", 18);
        _refuseAsset("", address(dai));
        _refuseAsset(USDC, address(dai));
        _refuseAsset("DAI", address(a.usdc));
        _refuseAsset("DAI", outsider);
        _refuseAsset("DAI", address(new Token("ODD", 5)));
        _refuseAsset("DAI", address(new Token("ODD", 19)));
        vm.expectEmit(address(a.treasury));
        emit ITreasury.AssetAdded("DAI", address(dai), 18);
        a.treasury.addAsset("DAI", address(dai));
        assertEq(a.treasury.assetOf("DAI").decimals, 18, "decimals");
    }

    function test_addRoute__takenOrAnothers__reverts() public {
        _refuseRoute(USDC, CCTP, address(a.cctp));
        _refuseRoute(USDC, "", address(a.cctp));
        _refuseRoute(USDC, "NEW", address(b.cctp));
        _refuseRoute(USDT, "NEW", address(a.cctp));
        vm.expectEmit(address(a.treasury));
        emit ITreasury.RouteAdded(USDC, "NEW", address(a.cctp));
        a.treasury.addRoute(USDC, "NEW", address(a.cctp));
        assertEq(a.treasury.routeOf(USDC, "NEW"), address(a.cctp), "route");
    }

    function test_setLane__odd__reverts() public {
        ITreasury.Lane memory lane = _lane(b, 6, 6);
        _refuseLane(a.chain, lane);
        _refuseLane(0, lane);
        lane.maxFeeBps = 501;
        _refuseLane(b.chain, lane);
        lane = _lane(b, 6, 6);
        lane.least = lane.most + 1;
        _refuseLane(b.chain, lane);
        lane = _lane(b, 5, 6);
        _refuseLane(7, lane);
        lane = _lane(b, 19, 6);
        _refuseLane(7, lane);
        lane.treasury = address(0);
        _refuseLane(7, lane);
    }

    function test_setLane__whatIsUnderWay__needsItsTreasury() public {
        _refuseLane(b.chain, _lane(a, 6, 6));
        _refuseLane(b.chain, _lane(b, 18, 6));
        ITreasury.Lane memory lane = _lane(b, 6, 6);
        (lane.maxFeeBps, lane.open) = (500, false);
        a.treasury.setLane(address(a.cctp), b.chain, lane);
        assertEq(a.treasury.laneOf(address(a.cctp), b.chain).maxFeeBps, 500, "fee");
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_InvalidLane.selector, a.cctp, 7));
        a.treasury.closeLane(address(a.cctp), 7);
    }

    function test_setVenue__odd__reverts() public {
        Strategy other = new Strategy(address(b.usdc), "OTHER");
        _refuseVenue(address(other), ITreasury.Venue(USDC, true, 10));
        _refuseVenue(address(a.market), ITreasury.Venue(USDC, true, 1_001));
        _refuseVenue(address(a.market), ITreasury.Venue(USDT, true, 10));
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_UnknownAsset.selector, bytes32(0)));
        a.treasury.setVenue(address(a.market), ITreasury.Venue(0, true, 10));
        for (uint256 i = 1; i < 8; ++i) {
            a.treasury.setVenue(address(new Strategy(address(a.usdc), "MORE")), ITreasury.Venue(USDC, true, 10));
        }
        _refuseVenue(address(new Strategy(address(a.usdc), "MORE")), ITreasury.Venue(USDC, true, 10));
        a.treasury.setVenue(address(a.market), ITreasury.Venue(USDC, true, 0));
        assertEq(a.treasury.venuesOf(USDC).length, 8, "a change takes no place");
    }

    function test_removeVenue__listed__leavesTheOthers() public {
        Strategy other = new Strategy(address(a.usdc), "OTHER");
        a.treasury.setVenue(address(other), ITreasury.Venue(USDC, true, 10));
        vm.expectEmit(address(a.treasury));
        emit ITreasury.VenueRemoved(address(a.market));
        a.treasury.removeVenue(address(a.market));
        assertEq(a.treasury.venuesOf(USDC).length, 1, "one");
        assertEq(a.treasury.venuesOf(USDC)[0], address(other), "the other");
        assertTrue(a.treasury.venueOf(address(a.market)).asset == 0, "forgotten");
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_UnknownVenue.selector, a.market));
        a.treasury.removeVenue(address(a.market));
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_UnknownVenue.selector, a.market));
        a.treasury.closeVenue(address(a.market));
        a.treasury.setVenue(address(a.market), ITreasury.Venue(USDC, true, 10));
    }

    function test_bands__order__isKept() public {
        bytes memory reason = abi.encodeWithSelector(ITreasury.Treasury_InvalidBands.selector);
        vm.expectRevert(reason);
        a.treasury.setBands(ITreasury.Bands(2, 1, 1));
        vm.expectRevert(reason);
        a.treasury.setBands(ITreasury.Bands(1, 2, 7 days + 1));
        a.treasury.setBands(ITreasury.Bands(10, 20, 7 days));
        ITreasury.Bands[3] memory higher =
            [ITreasury.Bands(11, 20, 1), ITreasury.Bands(1, 21, 1), ITreasury.Bands(1, 2, 7 days + 1)];
        for (uint256 i = 0; i < higher.length; ++i) {
            vm.prank(guardian);
            vm.expectRevert(reason);
            a.treasury.lowerBands(higher[i]);
        }
        vm.expectEmit(address(a.treasury));
        emit ITreasury.BandsSet(ITreasury.Bands(0, 19, 1));
        vm.prank(guardian);
        a.treasury.lowerBands(ITreasury.Bands(0, 19, 1));
        assertEq(a.treasury.approvalsFor(0), 0, "nothing");
        assertEq(a.treasury.approvalsFor(19), 1, "one");
        assertEq(a.treasury.approvalsFor(20), 2, "two");
        assertEq(a.treasury.bands().dualAbove, 19, "stored");
    }

    function test_isKeeper__removedByTheSwitch__isNone() public {
        assertTrue(a.treasury.isKeeper(keeper), "was one");
        vm.prank(guardian);
        a.killSwitch.removeKeeper(keeper);
        assertFalse(a.treasury.isKeeper(keeper), "is none");
        a.killSwitch.restoreKeeper(keeper);
        assertTrue(a.treasury.isKeeper(keeper), "is one again");
    }

    function test_pause__twice__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_NotPaused.selector));
        a.treasury.unpause();
        vm.expectEmit(address(a.treasury));
        emit ITreasury.Paused(guardian, 1);
        vm.prank(guardian);
        a.treasury.pause();
        assertTrue(a.treasury.paused(), "paused");
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_Paused.selector));
        a.treasury.pause();
        a.treasury.unpause();
        assertEq(a.treasury.epoch(), 1, "epoch");
    }

    function test_release__configurator__sendsAnywhere() public {
        vm.expectEmit(address(a.treasury));
        emit ITreasury.Released(address(a.usdc), outsider, 5);
        a.treasury.release(address(a.usdc), outsider, 5);
        assertEq(a.usdc.balanceOf(outsider), 5, "released");
    }

    function test_inboxSweep__strayToken__goesToTheTreasury() public {
        Token stray = new Token("STRAY", 18);
        stray.mint(address(a.inbox), 7);
        vm.expectEmit(address(a.inbox));
        emit IInbox.Swept(address(stray), 7);
        a.inbox.sweep(address(stray), 7);
        assertEq(stray.balanceOf(address(a.treasury)), 7, "swept");
    }

    function test_cctpPeer__odd__reverts() public {
        ICctpV2Route.Peer memory good = ICctpV2Route.Peer(9, outsider, outsider);
        _refusePeer(a.chain, good);
        _refusePeer(0, good);
        _refusePeer(b.chain, good);
        _refusePeer(7, ICctpV2Route.Peer(b.domain, outsider, outsider));
        _refusePeer(7, ICctpV2Route.Peer(a.domain, outsider, outsider));
        _refusePeer(7, ICctpV2Route.Peer(9, address(0), outsider));
        _refusePeer(7, ICctpV2Route.Peer(9, outsider, address(0)));
        a.cctp.setPeer(7, good);
        assertEq(a.cctp.peerOf(7).domain, 9, "set");
    }

    function test_oftPeer__odd__reverts() public {
        IOftRoute.Peer memory good = IOftRoute.Peer(9, 1, 1, outsider);
        _refusePeer(a.chain, good);
        _refusePeer(0, good);
        _refusePeer(b.chain, good);
        _refusePeer(7, IOftRoute.Peer(b.eid, 1, 1, outsider));
        _refusePeer(7, IOftRoute.Peer(9, 0, 1, outsider));
        _refusePeer(7, IOftRoute.Peer(9, 1, 0, outsider));
        _refusePeer(7, IOftRoute.Peer(9, 1, 1, address(0)));
        _refusePeer(7, IOftRoute.Peer(0, 1, 1, outsider));
        a.usdt0.setPeer(7, good);
        good.composeGas = 2;
        a.usdt0.setPeer(7, good);
        assertEq(a.usdt0.peerOf(7).composeGas, 2, "gas may change");
    }

    function test_routeBounds__odd__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(ICctpV2Route.CctpV2Route_InvalidMaxFee.selector, 101));
        a.cctp.setMaxFee(101);
        a.cctp.setMaxFee(100);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(ICctpV2Route.CctpV2Route_InvalidMaxFee.selector, 100));
        a.cctp.lowerMaxFee(100);
        a.usdt0.setMaxNativeFee(5);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IOftRoute.OftRoute_InvalidMaxFee.selector, 5));
        a.usdt0.lowerMaxNativeFee(5);
        uint256[3] memory chains = [a.chain, b.chain, 0];
        for (uint256 i = 0; i < chains.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_InvalidPeer.selector, chains[i]));
            a.desk.admitChain(chains[i]);
        }
    }

    function test_constructors__withoutCode__revert() public {
        vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_InvalidAddress.selector, outsider));
        new CctpV2Route(address(manager), outsider, address(a.usdc), address(a.messenger));
        vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_InvalidAddress.selector, outsider));
        new CctpV2Route(address(manager), address(a.treasury), outsider, address(a.messenger));
        vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_InvalidAddress.selector, outsider));
        new CctpV2Route(address(manager), address(a.treasury), address(a.usdc), outsider);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_InvalidLedger.selector, outsider));
        new Treasury(address(manager), outsider, address(a.killSwitch), ITreasury.Bands(1, 1, 1));
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_InvalidKillSwitch.selector, outsider));
        new Treasury(address(manager), address(planLedger), outsider, ITreasury.Bands(1, 1, 1));
        vm.expectRevert(abi.encodeWithSelector(IInbox.Inbox_InvalidTreasury.selector, outsider));
        new Inbox(address(manager), outsider, address(a.usdc));
        vm.expectRevert(abi.encodeWithSelector(IInbox.Inbox_InvalidToken.selector, outsider));
        new Inbox(address(manager), address(a.treasury), outsider);
    }

    function test_lowerMaxFee__lower__bindsTheNextSend() public {
        vm.expectEmit(address(a.cctp));
        emit ICctpV2Route.MaxFeeSet(1);
        vm.prank(guardian);
        a.cctp.lowerMaxFee(1);
        assertEq(a.cctp.maxFeeBps(), 1, "lowered");
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes4 excessive = ICctpV2Route.CctpV2Route_ExcessiveFee.selector;
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(excessive, 0.1e6 + 1, 0.1e6));
        a.treasury.sendToBridge(transfer, abi.encode(uint32(1_000), 0.1e6 + 1));
    }

    function test_removeDepositAddress__none__reverts() public {
        vm.expectEmit(address(a.desk));
        emit ICustodialRoute.DepositAddressSet(address(0));
        vm.prank(guardian);
        a.desk.removeDepositAddress();
        vm.prank(guardian);
        vm.expectRevert(ICustodialRoute.CustodialRoute_NoDepositAddress.selector);
        a.desk.removeDepositAddress();
    }

    function _mustLackTheRole(address target, bytes memory call) private {
        address[2] memory callers = [keeper, outsider];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            (bool done, bytes memory reason) = target.call(call);
            assertFalse(done, "called");
            assertTrue(bytes4(reason) == IAccessManaged.AccessManagedUnauthorized.selector, "for another reason");
        }
    }

    function _refuseAsset(bytes32 name, address token) private {
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_InvalidAsset.selector, name, token));
        a.treasury.addAsset(name, token);
    }

    function _refuseRoute(bytes32 asset, bytes32 name, address route) private {
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_InvalidRoute.selector, name, route));
        a.treasury.addRoute(asset, name, route);
    }

    function _refuseLane(uint256 chain, ITreasury.Lane memory lane) private {
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_InvalidLane.selector, a.cctp, chain));
        a.treasury.setLane(address(a.cctp), chain, lane);
    }

    function _refuseVenue(address venue, ITreasury.Venue memory terms) private {
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_InvalidVenue.selector, venue));
        a.treasury.setVenue(venue, terms);
    }

    function _refusePeer(uint256 chain, ICctpV2Route.Peer memory peer) private {
        vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_InvalidPeer.selector, chain));
        a.cctp.setPeer(chain, peer);
    }

    function _refusePeer(uint256 chain, IOftRoute.Peer memory peer) private {
        vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_InvalidPeer.selector, chain));
        a.usdt0.setPeer(chain, peer);
    }
}
