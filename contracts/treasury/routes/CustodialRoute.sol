// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IBridgeRoute} from "../../interfaces/IBridgeRoute.sol";
import {ICustodialRoute} from "../../interfaces/ICustodialRoute.sol";
import {IInbox} from "../../interfaces/IInbox.sol";
import {BridgeRoute} from "./BridgeRoute.sol";

/// @title Route of an asset through an exchange or another custodian
/// @dev A booked amount leaves the inbox at once, so its balance is the unbooked amount, and the sum of all bookings
/// never exceeds the arrivals.
contract CustodialRoute is ICustodialRoute, BridgeRoute {
    using SafeERC20 for IERC20;

    /// @inheritdoc ICustodialRoute
    address public immutable inbox;

    /// @inheritdoc ICustodialRoute
    address public depositAddress;
    /// @inheritdoc ICustodialRoute
    mapping(uint256 chain => bool) public isAdmitted;
    /// @inheritdoc ICustodialRoute
    mapping(bytes32 evidence => bool) public isUsed;

    constructor(address manager, address inbox_)
        BridgeRoute(manager, IInbox(inbox_).treasury(), IInbox(inbox_).token())
    {
        // An address without code would have failed above.
        // slither-disable-next-line missing-zero-check
        inbox = inbox_;
    }

    // Zero means none.
    // slither-disable-next-line missing-zero-check
    /// @inheritdoc ICustodialRoute
    function setDepositAddress(address newDepositAddress) external restricted {
        _setDepositAddress(newDepositAddress);
    }

    /// @inheritdoc ICustodialRoute
    function removeDepositAddress() external restricted {
        require(depositAddress != address(0), CustodialRoute_NoDepositAddress());
        _setDepositAddress(address(0));
    }

    /// @inheritdoc ICustodialRoute
    function admitChain(uint256 chain) external restricted {
        require(chain != 0 && chain != block.chainid && !isAdmitted[chain], BridgeRoute_InvalidPeer(chain));
        isAdmitted[chain] = true;
        emit ChainAdmitted(chain);
    }

    /// @inheritdoc IBridgeRoute
    function quote(Cargo calldata cargo, bytes calldata) external view returns (Quote memory result) {
        require(isAdmitted[cargo.chain], BridgeRoute_UnknownChain(cargo.chain));
        result.most = depositAddress == address(0) ? 0 : type(uint256).max;
    }

    /// @inheritdoc IBridgeRoute
    function provesTransfer() external pure returns (bool) {
        return false;
    }

    function _setDepositAddress(address newDepositAddress) internal {
        depositAddress = newDepositAddress;
        emit DepositAddressSet(newDepositAddress);
    }

    /// @inheritdoc BridgeRoute
    function _send(Cargo calldata cargo, bytes calldata) internal override returns (bytes32, uint256) {
        require(isAdmitted[cargo.chain], BridgeRoute_UnknownChain(cargo.chain));
        address to = depositAddress;
        require(to != address(0), CustodialRoute_NoDepositAddress());
        IERC20(token).safeTransfer(to, cargo.amount);
        return (bytes32(uint256(uint160(to))), 0);
    }

    /// @inheritdoc BridgeRoute
    function _collect(Cargo calldata cargo, bytes calldata proof) internal override returns (uint256 received) {
        require(isAdmitted[cargo.chain], BridgeRoute_UnknownChain(cargo.chain));
        bytes32 evidence;
        (evidence, received) = abi.decode(proof, (bytes32, uint256));
        require(evidence != 0 && !isUsed[evidence], CustodialRoute_EvidenceUsed(evidence));
        bool admitted = received >= cargo.minReceived && received <= cargo.amount;
        require(admitted, CustodialRoute_OtherAmount(received, cargo.minReceived, cargo.amount));
        uint256 unbooked = IInbox(inbox).unbooked();
        require(received <= unbooked, CustodialRoute_NotThere(received, unbooked));
        isUsed[evidence] = true;
        emit EvidenceUsed(cargo.id, evidence, received);
        IInbox(inbox).release(received);
    }
}
