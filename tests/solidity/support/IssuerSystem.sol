// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {HostileAsyncVault} from "../doubles/HostileAsyncVault.sol";
import {System} from "./System.sol";

/// @title System with one asynchronous holding in L3, whose issuer is honest until its mood is changed
abstract contract IssuerSystem is System {
    HostileAsyncVault internal issuer;
    Erc7540Venue internal desk;

    function setUp() public virtual override {
        super.setUp();
        issuer = new HostileAsyncVault(address(usdt), false, 18);
        desk = new Erc7540Venue(address(l3), address(issuer));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = IPortfolio.Holding(
            address(issuer), IPortfolio.Kind.Async, 10_000, 10, 10_000, address(desk), ANY_RATE, LEAST_RATE
        );
        l3.setHoldings(list);
    }
}
