// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IBridgeRoute} from "../../interfaces/IBridgeRoute.sol";
import {IOftRoute} from "../../interfaces/IOftRoute.sol";
import {ILayerZeroComposer} from "../../interfaces/external/ILayerZeroComposer.sol";
import {IOft} from "../../interfaces/external/IOft.sol";
import {OftWords} from "../../libraries/OftWords.sol";
import {BridgeRoute} from "./BridgeRoute.sol";

/// @title USDT, or any other token, as a LayerZero V2 omnichain fungible token
/// @dev The endpoint delivers tokens first and the composed message later, once each, from any executor; their contents
/// come from the token contract, which has credited this route before.
contract OftRoute is IOftRoute, BridgeRoute {
    using OftWords for bytes;
    using SafeERC20 for IERC20;

    /// @dev Time without composed messages that a sweep needs after its announcement. A message that is not executed
    /// for so long needs investigation and is not merely late.
    uint256 private constant SWEEP_DELAY = 7 days;

    /// @inheritdoc IOftRoute
    address public immutable oft;
    /// @inheritdoc IOftRoute
    address public immutable endpoint;

    /// @inheritdoc IOftRoute
    uint256 public maxNativeFee;
    /// @inheritdoc IOftRoute
    uint256 public waiting;
    Sweep private _sweep;
    mapping(uint256 chain => Peer) private _peers;
    mapping(uint32 eid => uint256 chain) private _chains;
    /// @inheritdoc IOftRoute
    mapping(bytes32 id => mapping(uint256 chain => uint256)) public arrivalOf;

    // The token contract is called in this constructor, so zero would revert.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address treasury_, address oft_, uint256 maxNativeFee_)
        BridgeRoute(manager, treasury_, IOft(oft_).token())
    {
        (oft, endpoint) = (oft_, IOft(oft_).endpoint());
        _setMaxNativeFee(maxNativeFee_);
    }

    /// @inheritdoc IOftRoute
    function setPeer(uint256 chain, Peer calldata peer) external restricted {
        bool sound = chain != 0 && chain != block.chainid && peer.eid != 0 && peer.route != address(0);
        sound = sound && peer.receiveGas != 0 && peer.composeGas != 0;
        Peer memory old = _peers[chain];
        bool same = old.eid == peer.eid && old.route == peer.route;
        bool free = old.route == address(0) && _chains[peer.eid] == 0;
        require(sound && (same || free), BridgeRoute_InvalidPeer(chain));
        _peers[chain] = peer;
        _chains[peer.eid] = chain;
        emit PeerSet(chain, peer.eid, peer.receiveGas, peer.composeGas, peer.route);
    }

    /// @inheritdoc IOftRoute
    function setMaxNativeFee(uint256 newMaxNativeFee) external restricted {
        _setMaxNativeFee(newMaxNativeFee);
    }

    /// @inheritdoc IOftRoute
    function lowerMaxNativeFee(uint256 newMaxNativeFee) external restricted {
        require(newMaxNativeFee < maxNativeFee, OftRoute_InvalidMaxFee(newMaxNativeFee));
        _setMaxNativeFee(newMaxNativeFee);
    }

    /// @inheritdoc IOftRoute
    function announceSweep(uint256 amount) external restricted {
        uint256 needed = waiting + amount;
        require(_balance() >= needed, BridgeRoute_Remainder(_balance(), needed));
        uint256 from = block.timestamp + SWEEP_DELAY;
        _sweep = Sweep(amount, from);
        emit SweepAnnounced(amount, from);
    }

    /// @inheritdoc ILayerZeroComposer
    function lzCompose(address from, bytes32 guid, bytes calldata message, address, bytes calldata) external {
        require(msg.sender == endpoint, OftRoute_NotEndpoint(msg.sender));
        require(from == oft, OftRoute_NotOft(from));
        require(message.length == OftWords.ONE_WORD, OftRoute_InvalidMessage(message.length));
        (uint32 eid, bytes32 sender) = (message.eid(), message.sender());
        uint256 chain = _chains[eid];
        require(chain != 0 && sender == _word(_peers[chain].route), OftRoute_NotPeer(eid, sender));
        (bytes32 id, uint256 amount) = (message.word(), message.amount());
        arrivalOf[id][chain] += amount;
        waiting += amount;
        delete _sweep;
        emit Arrived(id, chain, guid, amount);
    }

    /// @inheritdoc IBridgeRoute
    function quote(Cargo calldata cargo, bytes calldata) external view returns (Quote memory result) {
        IOft.SendParam memory param = _param(cargo);
        // `tokenFee` already shows what a dust amount would bring, and includes the fees by name.
        // slither-disable-next-line unused-return
        (IOft.OFTLimit memory limit,, IOft.OFTReceipt memory receipt) = IOft(oft).quoteOFT(param);
        result.nativeFee = IOft(oft).quoteSend(param, false).nativeFee;
        result.tokenFee = cargo.amount - receipt.amountReceivedLD;
        (result.least, result.most) = (limit.minAmountLD, limit.maxAmountLD);
    }

    /// @inheritdoc IOftRoute
    function peerOf(uint256 chain) external view returns (Peer memory) {
        return _peers[chain];
    }

    /// @inheritdoc IOftRoute
    function announcedSweep() external view returns (Sweep memory) {
        return _sweep;
    }

    /// @inheritdoc IBridgeRoute
    function provesTransfer() external pure returns (bool) {
        return true;
    }

    function _setMaxNativeFee(uint256 newMaxNativeFee) internal {
        maxNativeFee = newMaxNativeFee;
        emit MaxNativeFeeSet(newMaxNativeFee);
    }

    /// @inheritdoc BridgeRoute
    function _send(Cargo calldata cargo, bytes calldata) internal override returns (bytes32, uint256) {
        IOft.SendParam memory param = _param(cargo);
        IOft.MessagingFee memory fee = IOft(oft).quoteSend(param, false);
        require(fee.nativeFee <= maxNativeFee, OftRoute_ExcessiveFee(fee.nativeFee, maxNativeFee));
        require(fee.nativeFee <= msg.value, BridgeRoute_MissingFee(msg.value, fee.nativeFee));
        if (IOft(oft).approvalRequired()) IERC20(token).forceApprove(oft, cargo.amount);
        // Nothing is returned here: exactly the fee is sent, and the payer keeps the rest. The OFT is fixed.
        // slither-disable-next-line arbitrary-send-eth
        (IOft.MessagingReceipt memory sent, IOft.OFTReceipt memory receipt) =
            IOft(oft).send{value: fee.nativeFee}(param, fee, treasury);
        require(receipt.amountSentLD == cargo.amount, OftRoute_Dust(cargo.amount, receipt.amountSentLD));
        return (sent.guid, fee.nativeFee);
    }

    /// @inheritdoc BridgeRoute
    function _collect(Cargo calldata cargo, bytes calldata) internal override returns (uint256 received) {
        received = arrivalOf[cargo.id][cargo.chain];
        require(received != 0, OftRoute_NothingArrived(cargo.id, cargo.chain));
        delete arrivalOf[cargo.id][cargo.chain];
        waiting -= received;
        IERC20(token).safeTransfer(treasury, received);
    }

    /// @inheritdoc BridgeRoute
    function _waiting() internal view override returns (uint256) {
        return waiting;
    }

    /// @inheritdoc BridgeRoute
    /// @dev The endpoint credits tokens before it names their transfer, and does not inform the route.
    function _beforeSweep(uint256 amount) internal override {
        Sweep memory announced = _sweep;
        // The wait takes days; a validator's freedom of some seconds does not matter.
        // slither-disable-next-line timestamp
        bool due = amount <= announced.amount && announced.from != 0 && block.timestamp >= announced.from;
        require(due, OftRoute_SweepNotDue(amount, announced.amount, announced.from));
        delete _sweep;
    }

    function _param(Cargo calldata cargo) internal view returns (IOft.SendParam memory param) {
        Peer memory peer = _peers[cargo.chain];
        require(peer.route != address(0), BridgeRoute_UnknownChain(cargo.chain));
        (param.dstEid, param.to) = (peer.eid, _word(peer.route));
        (param.amountLD, param.minAmountLD) = (cargo.amount, cargo.minReceived);
        param.extraOptions = OftWords.options(peer.receiveGas, peer.composeGas);
        param.composeMsg = abi.encode(cargo.id);
    }

    function _word(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
