// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IBridgeRoute} from "../../interfaces/IBridgeRoute.sol";
import {ICctpV2Route} from "../../interfaces/ICctpV2Route.sol";
import {ITreasury} from "../../interfaces/ITreasury.sol";
import {IMessageTransmitterV2} from "../../interfaces/external/IMessageTransmitterV2.sol";
import {ITokenMessengerV2, ITokenMinterV2} from "../../interfaces/external/ITokenMessengerV2.sol";
import {Bps} from "../../libraries/Bps.sol";
import {CctpMessage} from "../../libraries/CctpMessage.sol";
import {BridgeRoute} from "./BridgeRoute.sol";

/// @title USDC by Circle's CCTP, version 2
/// @dev The message's recipient is compared too: the transmitter passes any attested message to the recipient that it
/// names, and a stranger can have a body attested that resembles ours.
contract CctpV2Route is ICctpV2Route, BridgeRoute {
    using CctpMessage for bytes;
    using SafeERC20 for IERC20;

    /// @notice Arguments of a call to the messenger.
    struct Burn {
        bytes32 id;
        uint256 amount;
        uint256 maxFee;
        uint32 threshold;
        Peer peer;
    }

    uint32 private constant FAST = 1_000;
    uint32 private constant STANDARD = 2_000;
    /// @dev A fee is at least one unit and less than the amount.
    uint256 private constant LEAST_WITH_FEE = 2;
    uint16 private constant MAX_FEE = 100;
    uint16 private constant DEFAULT_MAX_FEE = 15;

    /// @inheritdoc ICctpV2Route
    address public immutable messenger;
    /// @inheritdoc ICctpV2Route
    address public immutable transmitter;
    uint32 private immutable _localDomain;

    /// @inheritdoc ICctpV2Route
    uint16 public maxFeeBps;
    mapping(uint256 chain => Peer) private _peers;
    mapping(uint32 domain => uint256 chain) private _chains;

    // The messenger is called in this constructor, so zero would revert.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address treasury_, address token_, address messenger_)
        BridgeRoute(manager, treasury_, token_)
    {
        require(messenger_.code.length != 0, BridgeRoute_InvalidAddress(messenger_));
        messenger = messenger_;
        transmitter = ITokenMessengerV2(messenger_).localMessageTransmitter();
        _localDomain = IMessageTransmitterV2(transmitter).localDomain();
        _setMaxFee(DEFAULT_MAX_FEE);
    }

    /// @inheritdoc ICctpV2Route
    function setPeer(uint256 chain, Peer calldata peer) external restricted {
        bool sound = chain != 0 && chain != block.chainid && peer.domain != _localDomain;
        sound = sound && peer.route != address(0) && peer.token != address(0);
        bool free = _peers[chain].route == address(0) && _chains[peer.domain] == 0;
        require(sound && free, BridgeRoute_InvalidPeer(chain));
        _peers[chain] = peer;
        _chains[peer.domain] = chain;
        emit PeerSet(chain, peer.domain, peer.route, peer.token);
    }

    /// @inheritdoc ICctpV2Route
    function setMaxFee(uint16 newMaxFeeBps) external restricted {
        require(newMaxFeeBps <= MAX_FEE, CctpV2Route_InvalidMaxFee(newMaxFeeBps));
        _setMaxFee(newMaxFeeBps);
    }

    /// @inheritdoc ICctpV2Route
    function lowerMaxFee(uint16 newMaxFeeBps) external restricted {
        require(newMaxFeeBps < maxFeeBps, CctpV2Route_InvalidMaxFee(newMaxFeeBps));
        _setMaxFee(newMaxFeeBps);
    }

    /// @inheritdoc ICctpV2Route
    function rescue(bytes calldata proof) external restricted nonReentrant returns (uint256 received) {
        (bytes memory message,) = abi.decode(proof, (bytes, bytes));
        _require(message.length == CctpMessage.HOOK_DATA + 32, Field.Length);
        (bytes32 id, uint256 chain) = (message.hook(), _chains[message.sourceDomain()]);
        require(ITreasury(treasury).legsOf(id).received != 0, CctpV2Route_NotReceived(id));
        received = _mint(id, chain, proof);
        // slither-disable-next-line reentrancy-events
        emit Rescued(id, chain, received);
    }

    /// @inheritdoc IBridgeRoute
    /// @dev Circle checks `tx.origin` as well as the caller. Here it only affects the returned quote.
    function quote(Cargo calldata cargo, bytes calldata) external view returns (Quote memory result) {
        result.least = 1;
        // slither-disable-next-line tx-origin
        if (obstacleOf(cargo.chain, tx.origin) != Obstacle.None) return result;
        result.most = ITokenMinterV2(ITokenMessengerV2(messenger).localMinter()).burnLimitsPerMessage(token);
        // Deployments before the fee switch have no minimum.
        try ITokenMessengerV2(messenger).getMinFeeAmount(Math.max(cargo.amount, LEAST_WITH_FEE)) returns (uint256 fee) {
            if (fee == 0) return result;
            result.least = LEAST_WITH_FEE;
            result.tokenFee = cargo.amount == 0 ? 0 : fee;
        } catch {}
    }

    /// @inheritdoc ICctpV2Route
    function peerOf(uint256 chain) external view returns (Peer memory) {
        return _peers[chain];
    }

    /// @inheritdoc IBridgeRoute
    function provesTransfer() external pure returns (bool) {
        return true;
    }

    /// @inheritdoc ICctpV2Route
    function obstacleOf(uint256 chain, address keeper) public view returns (Obstacle) {
        Peer memory peer = _peer(chain);
        ITokenMessengerV2 circle = ITokenMessengerV2(messenger);
        if (IMessageTransmitterV2(transmitter).paused()) return Obstacle.TransmitterPaused;
        address minter = circle.localMinter();
        if (minter == address(0)) return Obstacle.NoMinter;
        if (ITokenMinterV2(minter).paused()) return Obstacle.MinterPaused;
        if (circle.remoteTokenMessengers(peer.domain) == 0) return Obstacle.NoRemoteMessenger;
        if (circle.isDenylisted(address(this))) return Obstacle.RouteDenied;
        return circle.isDenylisted(keeper) ? Obstacle.KeeperDenied : Obstacle.None;
    }

    function _setMaxFee(uint16 newMaxFeeBps) internal {
        maxFeeBps = newMaxFeeBps;
        emit MaxFeeSet(newMaxFeeBps);
    }

    /// @inheritdoc BridgeRoute
    function _send(Cargo calldata cargo, bytes calldata options) internal override returns (bytes32, uint256) {
        // Filled in here and by the callee.
        // slither-disable-next-line uninitialized-local
        Burn memory order;
        order.peer = _peer(cargo.chain);
        (order.threshold, order.maxFee) = abi.decode(options, (uint32, uint256));
        bool known = order.threshold == FAST || order.threshold == STANDARD;
        require(known, CctpV2Route_InvalidThreshold(order.threshold));
        uint256 allowed = Math.min(Bps.partDown(cargo.amount, maxFeeBps), cargo.amount - cargo.minReceived);
        require(order.maxFee <= allowed, CctpV2Route_ExcessiveFee(order.maxFee, allowed));
        (order.id, order.amount) = (cargo.id, cargo.amount);
        _burn(order);
        // The attestation service creates the message's nonce later, so the bridge has no number for it yet.
        return (0, 0);
    }

    function _burn(Burn memory order) internal {
        IERC20(token).forceApprove(messenger, order.amount);
        bytes32 route = _word(order.peer.route);
        ITokenMessengerV2(messenger)
            .depositForBurnWithHook(
                order.amount,
                order.peer.domain,
                route,
                token,
                route,
                order.maxFee,
                order.threshold,
                abi.encode(order.id)
            );
    }

    /// @inheritdoc BridgeRoute
    function _collect(Cargo calldata cargo, bytes calldata proof) internal override returns (uint256) {
        return _mint(cargo.id, cargo.chain, proof);
    }

    /// @dev The whole minted amount goes to the treasury.
    function _mint(bytes32 id, uint256 chain, bytes calldata proof) internal returns (uint256 received) {
        (bytes memory message, bytes memory attestation) = abi.decode(proof, (bytes, bytes));
        _requireMessage(id, chain, message);
        uint256 before = _balance();
        // It reverts if it does not mint, and the minted amount is measured; only the treasury calls, under its lock.
        // slither-disable-next-line unused-return,reentrancy-balance
        IMessageTransmitterV2(transmitter).receiveMessage(message, attestation);
        received = _balance() - before;
        require(received != 0, CctpV2Route_NothingMinted(id));
        IERC20(token).safeTransfer(treasury, received);
    }

    /// @dev The transmitter checks the transmitter and the attesters, and also that the messenger's counterpart sent
    /// the message and that only this route hands it in.
    function _requireMessage(bytes32 id, uint256 chain, bytes memory message) internal view {
        Peer memory peer = _peer(chain);
        _require(message.length == CctpMessage.HOOK_DATA + 32, Field.Length);
        _require(message.sourceDomain() == peer.domain, Field.SourceDomain);
        _require(message.recipient() == _word(messenger), Field.Recipient);
        _require(message.burnToken() == _word(peer.token), Field.BurnToken);
        _require(message.mintRecipient() == _word(address(this)), Field.MintRecipient);
        _require(message.messageSender() == _word(peer.route), Field.Sender);
        _require(message.hook() == id, Field.Transfer);
    }

    function _peer(uint256 chain) internal view returns (Peer memory peer) {
        peer = _peers[chain];
        require(peer.route != address(0), BridgeRoute_UnknownChain(chain));
    }

    function _require(bool equal, Field field) internal pure {
        require(equal, CctpV2Route_OtherMessage(field));
    }

    function _word(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
