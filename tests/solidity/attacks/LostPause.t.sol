// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {System} from "../support/System.sol";

/// @title Contract that sends a guardian's signed transaction for anyone, like a Safe
contract Messenger {
    function send(address target, bytes calldata data) external {
        (bool done,) = target.call(data);
        require(done, "refused");
    }
}

/// @title Pause sent from inside an action
contract LostPauseTest is System {
    function test_pause__insideAnAction__stands() public {
        _invest();
        Messenger messenger = new Messenger();
        manager.grantRole(GUARDIAN, address(messenger), 0);
        bytes memory pause = abi.encodeCall(controller.pause, ());
        fund.setCall(address(messenger), abi.encodeCall(messenger.send, (address(controller), pause)));
        vm.prank(keeper);
        controller.purchaseAsset(address(fund), 1_000 * USD, 0, "");
        assertTrue(fund.callSucceeded(), "sent");
        assertTrue(controller.paused(), "paused");
        assertEq(controller.epoch(), 1, "plans are void");
    }
}
