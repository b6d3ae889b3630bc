// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {ITreasury} from "@ballast/interfaces/ITreasury.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";
import {Inbox} from "@ballast/treasury/Inbox.sol";
import {Treasury} from "@ballast/treasury/Treasury.sol";
import {TreasuryLens} from "@ballast/treasury/TreasuryLens.sol";
import {BridgeRoute} from "@ballast/treasury/routes/BridgeRoute.sol";
import {CctpV2Route, ICctpV2Route} from "@ballast/treasury/routes/CctpV2Route.sol";
import {CustodialRoute} from "@ballast/treasury/routes/CustodialRoute.sol";
import {IOftRoute, OftRoute} from "@ballast/treasury/routes/OftRoute.sol";
import {PlanLedger} from "@ballast/vault/PlanLedger.sol";
import {CctpMessenger} from "@network/CctpMessenger.sol";
import {CctpMinter} from "@network/CctpMinter.sol";
import {CctpTransmitter} from "@network/CctpTransmitter.sol";
import {LockingOft} from "@network/LockingOft.sol";
import {MintingOft} from "@network/MintingOft.sol";
import {UsdCoin} from "@network/UsdCoin.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Vm} from "../support/Vm.sol";
import {IEndpoint, IMessageLib, LayerZero} from "./LayerZero.sol";

/// @title Cheat codes used only by the tests of the treasury
interface TreasuryVm {
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function addr(uint256 key) external pure returns (address);
    function chainId(uint256 id) external;
    function deal(address account, uint256 balance) external;
    function roll(uint256 number) external;
    function prank(address sender, address origin) external;
}

/// @notice Contracts of one chain.
struct Side {
    uint256 chain;
    uint32 domain;
    uint32 eid;
    uint8 usdtDecimals;
    UsdCoin usdc;
    address usdt;
    CctpTransmitter transmitter;
    CctpMessenger messenger;
    CctpMinter minter;
    IEndpoint endpoint;
    IMessageLib lib;
    address oft;
    KillSwitch killSwitch;
    Treasury treasury;
    CctpV2Route cctp;
    OftRoute usdt0;
    CustodialRoute desk;
    Inbox inbox;
    Strategy market;
}

/// @title Two chains with a treasury each, in one EVM
/// @notice The first is like Ethereum: USDT has 6 decimals and is locked by an adapter. On the second it is a token of
/// 18 decimals. The test contract is admin, configurator and owner of the bridges.
abstract contract World is LayerZero {
    TreasuryVm internal constant cheats = TreasuryVm(address(vm));
    uint256 internal constant START = 1_750_000_000;
    uint64 internal constant CONFIGURATOR = 1;
    uint64 internal constant GUARDIAN = 2;
    bytes32 internal constant USDC = "USDC";
    bytes32 internal constant USDT = "USDT";
    bytes32 internal constant CCTP = "CCTP";
    bytes32 internal constant OFT = "OFT";
    bytes32 internal constant DESK = "DESK";
    uint256 internal constant USD = 1e6;
    uint256 internal constant STOCK = 1_000_000 * USD;
    uint256 internal constant ATTESTER = 0xA77;
    uint256 internal constant LZ_FEE = 100;
    /// @dev A limit that stops nothing in these tests, in whole tokens.
    uint256 internal constant AMPLE = 1e12;
    address internal constant FEES = address(0xFEE5);
    address internal constant DEPOSITS = address(0xDE9051);

    address internal immutable keeper = address(0x6EE9E4);
    address internal immutable guardian = address(0x64A4D);
    address internal immutable outsider = address(0xBAD);

    AccessManager internal manager;
    PlanLedger internal planLedger;
    TreasuryLens internal lens;
    Side internal a;
    Side internal b;
    uint256 private nonces;

    function setUp() public virtual {
        // Limits start empty, and these fill in a second.
        vm.warp(START - 1);
        manager = new AccessManager(address(this));
        manager.grantRole(CONFIGURATOR, address(this), 0);
        manager.grantRole(GUARDIAN, guardian, 0);
        planLedger = new PlanLedger(address(manager));
        _permit(address(planLedger), PlanLedger.raiseApprover.selector, CONFIGURATOR);
        lens = new TreasuryLens();
        (a.chain, a.domain, a.eid, a.usdtDecimals) = (1_000_001, 0, 30_101, 6);
        (b.chain, b.domain, b.eid, b.usdtDecimals) = (1_042_161, 6, 30_110, 18);
        _deploy(a);
        _deploy(b);
        _wire(a, b);
        _wire(b, a);
        vm.warp(START);
        cheats.deal(keeper, 100 ether);
        _on(a);
    }

    /// @dev Selects the chain of the next calls.
    function _on(Side storage side) internal {
        cheats.chainId(side.chain);
    }

    function _deploy(Side storage side) private {
        _on(side);
        _deployTokens(side);
        _deployTreasury(side);
        _deployRoutes(side);
        _restrict(side);
        _configure(side);
    }

    function _deployTokens(Side storage side) private {
        side.usdc = new UsdCoin(address(this));
        side.usdc.configureMinter(address(this), type(uint256).max);
        side.transmitter = new CctpTransmitter(address(this), side.domain, cheats.addr(ATTESTER));
        side.minter = new CctpMinter(address(this));
        side.messenger = new CctpMessenger(address(this), address(side.transmitter), address(side.minter), FEES);
        side.minter.addLocalTokenMessenger(address(side.messenger));
        side.minter.setMaxBurnAmountPerMessage(address(side.usdc), 10_000_000 * USD);
        side.usdc.configureMinter(address(side.minter), type(uint256).max);
        (side.endpoint, side.lib) = deployEndpoint(side.eid);
        if (side.usdtDecimals == 6) {
            side.usdt = address(new NoReturnToken());
            side.oft = address(new LockingOft(side.usdt, address(side.endpoint), address(this)));
        } else {
            side.oft = address(new MintingOft(address(side.endpoint), address(this)));
            side.usdt = side.oft;
        }
    }

    function _deployTreasury(Side storage side) private {
        ITreasury.Bands memory bands = ITreasury.Bands(uint96(50_000 * USD), uint96(200_000 * USD), uint32(1 days));
        side.killSwitch = new KillSwitch(address(manager));
        side.treasury = new Treasury(address(manager), address(planLedger), address(side.killSwitch), bands);
        side.market = new Strategy(address(side.usdc), "MARKET");
    }

    function _deployRoutes(Side storage side) private {
        (address authority, address treasury) = (address(manager), address(side.treasury));
        side.cctp = new CctpV2Route(authority, treasury, address(side.usdc), address(side.messenger));
        side.usdt0 = new OftRoute(authority, treasury, side.oft, 1 ether);
        side.inbox = new Inbox(authority, treasury, address(side.usdc));
        side.desk = new CustodialRoute(authority, address(side.inbox));
    }

    function _restrict(Side storage side) private {
        address target = address(side.treasury);
        bytes4[9] memory mine = [
            ITreasury.addAsset.selector,
            ITreasury.addRoute.selector,
            ITreasury.setLane.selector,
            ITreasury.setVenue.selector,
            ITreasury.removeVenue.selector,
            ITreasury.setBands.selector,
            side.treasury.raiseLimit.selector,
            ITreasury.unpause.selector,
            ITreasury.release.selector
        ];
        for (uint256 i = 0; i < mine.length; ++i) {
            _permit(target, mine[i], CONFIGURATOR);
        }
        bytes4[7] memory theirs = [
            ITreasury.closeLane.selector,
            ITreasury.closeVenue.selector,
            ITreasury.lowerBands.selector,
            side.treasury.lowerLimit.selector,
            ITreasury.cancelPlan.selector,
            ITreasury.voidNonce.selector,
            ITreasury.pause.selector
        ];
        for (uint256 i = 0; i < theirs.length; ++i) {
            _permit(target, theirs[i], GUARDIAN);
        }
        _permit(address(side.killSwitch), KillSwitch.pause.selector, GUARDIAN);
        _permit(address(side.killSwitch), KillSwitch.removeKeeper.selector, GUARDIAN);
        _permit(address(side.killSwitch), KillSwitch.unpause.selector, CONFIGURATOR);
        _permit(address(side.killSwitch), KillSwitch.restoreKeeper.selector, CONFIGURATOR);
        _restrictRoutes(side);
    }

    function _restrictRoutes(Side storage side) private {
        _permit(address(side.cctp), ICctpV2Route.setPeer.selector, CONFIGURATOR);
        _permit(address(side.cctp), ICctpV2Route.setMaxFee.selector, CONFIGURATOR);
        _permit(address(side.cctp), ICctpV2Route.lowerMaxFee.selector, GUARDIAN);
        _permit(address(side.cctp), BridgeRoute.sweep.selector, CONFIGURATOR);
        _permit(address(side.cctp), ICctpV2Route.rescue.selector, CONFIGURATOR);
        _permit(address(side.usdt0), IOftRoute.announceSweep.selector, CONFIGURATOR);
        _permit(address(side.usdt0), IOftRoute.setPeer.selector, CONFIGURATOR);
        _permit(address(side.usdt0), IOftRoute.setMaxNativeFee.selector, CONFIGURATOR);
        _permit(address(side.usdt0), IOftRoute.lowerMaxNativeFee.selector, GUARDIAN);
        _permit(address(side.usdt0), BridgeRoute.sweep.selector, CONFIGURATOR);
        _permit(address(side.desk), CustodialRoute.setDepositAddress.selector, CONFIGURATOR);
        _permit(address(side.desk), CustodialRoute.admitChain.selector, CONFIGURATOR);
        _permit(address(side.desk), CustodialRoute.removeDepositAddress.selector, GUARDIAN);
        _permit(address(side.inbox), Inbox.setRoute.selector, CONFIGURATOR);
        _permit(address(side.inbox), Inbox.sweep.selector, CONFIGURATOR);
    }

    function _permit(address target, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    function _configure(Side storage side) private {
        Treasury treasury = side.treasury;
        treasury.addAsset(USDC, address(side.usdc));
        treasury.addAsset(USDT, side.usdt);
        treasury.addRoute(USDC, CCTP, address(side.cctp));
        treasury.addRoute(USDT, OFT, address(side.usdt0));
        treasury.addRoute(USDC, DESK, address(side.desk));
        treasury.setVenue(address(side.market), ITreasury.Venue(USDC, true, 10));
        side.inbox.setRoute(address(side.desk));
        side.desk.setDepositAddress(DEPOSITS);
        _limit(side, LimitKeys.automatic(keeper), AMPLE * USD);
        _limit(side, LimitKeys.derisk(keeper), AMPLE * USD);
        _limit(side, LimitKeys.forAsset(address(side.cctp)), AMPLE * USD);
        uint8 exp = side.usdtDecimals - 6;
        side.treasury.raiseLimit(LimitKeys.forAsset(address(side.usdt0)), AMPLE * USD * 10 ** exp, 1, exp);
        _limit(side, LimitKeys.forAsset(address(side.desk)), AMPLE * USD);
        _limit(side, LimitKeys.forAsset(address(side.market)), AMPLE * USD);
        side.usdc.mint(address(treasury), STOCK);
        _mintUsdt(side, address(treasury), 1_000_000);
    }

    function _limit(Side storage side, bytes32 key, uint256 cap) internal {
        side.treasury.raiseLimit(key, cap, 1, 0);
    }

    /// @dev Mints an amount in whole tokens.
    function _mintUsdt(Side storage side, address to, uint256 tokens) internal {
        if (side.usdtDecimals == 6) NoReturnToken(side.usdt).mint(to, tokens * 1e6);
        else MintingOft(side.usdt).mint(to, tokens * 1e18);
    }

    function _wire(Side storage from, Side storage to) private {
        _on(from);
        from.minter.linkTokenPair(address(from.usdc), to.domain, _word(address(to.usdc)));
        from.messenger.addRemoteTokenMessenger(to.domain, _word(address(to.messenger)));
        useLibrary(from.endpoint, from.lib, to.eid);
        LockingOft(from.oft).setPeer(to.eid, _word(to.oft));
        from.cctp.setPeer(to.chain, ICctpV2Route.Peer(to.domain, address(to.cctp), address(to.usdc)));
        from.usdt0.setPeer(to.chain, IOftRoute.Peer(to.eid, 100_000, 120_000, address(to.usdt0)));
        from.desk.admitChain(to.chain);
        from.treasury.setLane(address(from.cctp), to.chain, _lane(to, 6, 6));
        from.treasury.setLane(address(from.usdt0), to.chain, _lane(to, to.usdtDecimals, from.usdtDecimals));
        from.treasury.setLane(address(from.desk), to.chain, _lane(to, 6, 6));
    }

    /// @dev Lane from 100 to one million tokens with a fee of 20 basis points.
    function _lane(Side storage to, uint8 remote, uint8 local) internal view returns (ITreasury.Lane memory) {
        uint128 unit = uint128(10 ** local);
        return ITreasury.Lane(address(to.treasury), remote, true, 20, 100 * unit, 1_000_000 * unit);
    }

    /// @dev Transfer with a minimum of ten basis points less than the amount; amounts in whole tokens.
    function _transfer(Side storage from, Side storage to, bytes32 asset, bytes32 route, uint256 tokens)
        internal
        returns (ITreasury.Transfer memory transfer)
    {
        (transfer.sourceChain, transfer.sourceTreasury) = (from.chain, address(from.treasury));
        (transfer.destinationChain, transfer.destinationTreasury) = (to.chain, address(to.treasury));
        (transfer.asset, transfer.route, transfer.nonce) = (asset, route, nonces++);
        transfer.amount = tokens * 10 ** (asset == USDC ? 6 : from.usdtDecimals);
        transfer.minReceived = tokens * 10 ** (asset == USDC ? 6 : to.usdtDecimals) * 9_990 / 10_000;
    }

    function _usdc(uint256 tokens) internal returns (ITreasury.Transfer memory) {
        return _transfer(a, b, USDC, CCTP, tokens);
    }

    /// @dev Options of CCTP's standard transfer, without a fee.
    function _standard() internal pure returns (bytes memory) {
        return abi.encode(uint32(2_000), uint256(0));
    }

    function _send(Side storage from, ITreasury.Transfer memory transfer, bytes memory options)
        internal
        returns (bytes32)
    {
        _on(from);
        vm.recordLogs();
        vm.prank(keeper);
        return from.treasury.sendToBridge{value: transfer.route == OFT ? LZ_FEE : 0}(transfer, options);
    }

    function _receive(Side storage to, ITreasury.Transfer memory transfer, bytes memory proof)
        internal
        returns (uint256)
    {
        _on(to);
        vm.prank(keeper);
        return to.treasury.receiveFromBridge(transfer, proof);
    }

    /// @dev Returns the last message of a transmitter in the recorded logs.
    function _message() internal returns (bytes memory message) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == CctpTransmitter.MessageSent.selector) message = abi.decode(logs[i].data, (bytes));
        }
    }

    /// @dev Fills in the fields that the attestation service sets before it signs.
    function _fill(bytes memory message, uint256 nonce, uint32 executed, uint256 fee, uint256 expiration)
        internal
        pure
        returns (bytes memory filled)
    {
        filled = bytes.concat(message);
        assembly ("memory-safe") {
            let start := add(filled, 0x20)
            mstore(add(start, 12), nonce)
            let place := add(start, 144)
            mstore(place, or(shl(224, executed), shr(32, shl(32, mload(place)))))
            mstore(add(start, 312), fee)
            mstore(add(start, 344), expiration)
        }
    }

    function _attest(bytes memory message, uint256 key) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(key, keccak256(message));
        return abi.encodePacked(r, s, v);
    }

    /// @dev Returns a finalized, attested message without a fee.
    function _proof(bytes memory message, uint256 nonce) internal pure returns (bytes memory) {
        bytes memory filled = _fill(message, nonce, 2_000, 0, 0);
        return abi.encode(filled, _attest(filled, ATTESTER));
    }

    function _word(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
