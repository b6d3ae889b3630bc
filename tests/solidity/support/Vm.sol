// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Cheat codes of forge that the tests use
interface Vm {
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata data) external;
    function expectRevert(bytes4 selector) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit(address emitter) external;
    function expectCall(address callee, bytes calldata data, uint64 count) external;
    function mockCall(address callee, bytes calldata data, bytes calldata returned) external;
    function mockCallRevert(address callee, bytes calldata data, bytes calldata reason) external;
    function clearMockedCalls() external;
    function etch(address target, bytes calldata code) external;
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function toString(uint256 value) external pure returns (string memory);
    function getRecordedLogs() external returns (Log[] memory);
    function recordLogs() external;
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool);

    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }
}
