// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../support/Test.sol";
import {Vm} from "../support/Vm.sol";

struct Origin {
    uint32 srcEid;
    bytes32 sender;
    uint64 nonce;
}

interface IEndpoint {
    function registerLibrary(address lib) external;
    function setDefaultSendLibrary(uint32 eid, address lib) external;
    function setDefaultReceiveLibrary(uint32 eid, address lib, uint256 gracePeriod) external;
    function lzReceive(
        Origin calldata origin,
        address receiver,
        bytes32 guid,
        bytes calldata message,
        bytes calldata extraData
    ) external payable;
    function lzCompose(
        address from,
        address to,
        bytes32 guid,
        uint16 index,
        bytes calldata message,
        bytes calldata extraData
    ) external payable;
}

interface IMessageLib {
    function validatePacket(bytes calldata packet) external;
    function setMessagingFee(uint256 nativeFee, uint256 lzTokenFee) external;
}

/// @title LayerZero endpoint and its simple message library, deployed from the creation code of their package
abstract contract LayerZero is Test {
    /// @notice Composed message that waits in an endpoint.
    struct Composed {
        address from;
        address to;
        bytes32 guid;
        bytes message;
    }

    string private constant ARTIFACTS = "node_modules/@layerzerolabs/lz-evm-protocol-v2/artifacts/contracts/";
    bytes32 private constant PACKET_SENT = keccak256("PacketSent(bytes,bytes,address)");
    bytes32 private constant COMPOSE_SENT = keccak256("ComposeSent(address,address,bytes32,uint16,bytes)");

    function deployEndpoint(uint32 eid) internal returns (IEndpoint endpoint, IMessageLib lib) {
        endpoint = IEndpoint(_create("EndpointV2.sol/EndpointV2.json", abi.encode(eid, address(this))));
        bytes memory arguments = abi.encode(address(endpoint), address(this));
        lib = IMessageLib(_create("messagelib/SimpleMessageLib.sol/SimpleMessageLib.json", arguments));
        endpoint.registerLibrary(address(lib));
    }

    function useLibrary(IEndpoint endpoint, IMessageLib lib, uint32 remote) internal {
        endpoint.setDefaultSendLibrary(remote, address(lib));
        endpoint.setDefaultReceiveLibrary(remote, address(lib), 0);
    }

    /// @dev Returns the last packet in the logs.
    function packetOf(Vm.Log[] memory logs) internal pure returns (bytes memory packet) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == PACKET_SENT) (packet,,) = abi.decode(logs[i].data, (bytes, bytes, address));
        }
    }

    /// @dev Returns the last composed message in the logs.
    function composedOf(Vm.Log[] memory logs) internal pure returns (Composed memory composed) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != COMPOSE_SENT) continue;
            (composed.from, composed.to, composed.guid,, composed.message) =
                abi.decode(logs[i].data, (address, address, bytes32, uint16, bytes));
        }
    }

    /// @dev Delivers a verified packet, as any executor may.
    function deliver(IEndpoint endpoint, bytes calldata packet) external {
        Origin memory origin = Origin(uint32(bytes4(packet[9:13])), bytes32(packet[13:45]), uint64(bytes8(packet[1:9])));
        address receiver = address(uint160(uint256(bytes32(packet[49:81]))));
        endpoint.lzReceive(origin, receiver, bytes32(packet[81:113]), packet[113:], "");
    }

    function compose(IEndpoint endpoint, Composed memory composed) internal {
        endpoint.lzCompose(composed.from, composed.to, composed.guid, 0, composed.message, "");
    }

    function _create(string memory artifact, bytes memory arguments) private returns (address created) {
        bytes memory code = vm.parseJsonBytes(vm.readFile(string.concat(ARTIFACTS, artifact)), ".bytecode");
        code = bytes.concat(code, arguments);
        assembly {
            created := create(0, add(code, 0x20), mload(code))
        }
        assertTrue(created != address(0), artifact);
    }
}
