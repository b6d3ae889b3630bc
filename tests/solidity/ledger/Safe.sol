// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerTest} from "./LedgerTest.sol";

interface ISafe {
    function setup(
        address[] calldata owners,
        uint256 threshold,
        address to,
        bytes calldata data,
        address fallbackHandler,
        address paymentToken,
        uint256 payment,
        address payable paymentReceiver
    ) external;
    function getThreshold() external view returns (uint256);
    function VERSION() external view returns (string memory);
}

interface ISafeProxyFactory {
    function createProxyWithNonce(address singleton, bytes calldata initializer, uint256 salt)
        external
        returns (address);
}

interface ISafeHandler {
    function getMessageHashForSafe(address safe, bytes calldata message) external view returns (bytes32);
}

/// @title Safe 1.4.1, deployed from the creation code of its package
abstract contract Safe is LedgerTest {
    string private constant ARTIFACTS = "node_modules/@safe-global/safe-contracts/build/artifacts/contracts/";

    address internal handler;
    address internal singleton;

    function _deploySafe(uint256[3] memory keys, uint256 threshold) internal returns (address safe) {
        handler = _create("handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json");
        singleton = _create("Safe.sol/Safe.json");
        address factory = _create("proxies/SafeProxyFactory.sol/SafeProxyFactory.json");
        address[] memory owners = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            owners[i] = cheats.addr(keys[i]);
        }
        bytes memory initializer = abi.encodeCall(
            ISafe.setup, (owners, threshold, address(0), "", handler, address(0), 0, payable(address(0)))
        );
        safe = ISafeProxyFactory(factory).createProxyWithNonce(singleton, initializer, 0);
        assertEq(ISafe(safe).getThreshold(), threshold, "threshold");
        assertTrue(keccak256(bytes(ISafe(safe).VERSION())) == keccak256("1.4.1"), "version");
    }

    /// @dev Returns an owner's signature for the Safe's approval of `digest` by ERC-1271.
    function _ownersSignature(address safe, bytes32 digest, uint256 key) internal view returns (bytes memory) {
        return _rsv(ISafeHandler(handler).getMessageHashForSafe(safe, abi.encode(digest)), key);
    }

    /// @dev Returns the signatures of two owners in ascending order, as the Safe requires.
    function _sorted(uint256 keyA, bytes memory a, uint256 keyB, bytes memory b) internal pure returns (bytes memory) {
        return cheats.addr(keyA) < cheats.addr(keyB) ? abi.encodePacked(a, b) : abi.encodePacked(b, a);
    }

    function _create(string memory artifact) private returns (address deployed) {
        bytes memory code = vm.parseJsonBytes(vm.readFile(string.concat(ARTIFACTS, artifact)), ".bytecode");
        assembly {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        assertTrue(deployed != address(0), artifact);
    }
}
