// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Rows of the isolation matrix for holdings: the broken part, its failure and the visible effect
/// @notice Each row is `H-<PART>-<FAILURE>`. Failures that a part cannot have are left out: for example, shares have no
/// feed that could be stale.
abstract contract HoldingRows {
    /// @notice Broken part. `Erc4626` and `Async`: the fund, which is its own token. `Price`: the feed of a traded
    /// asset. `Token`: the traded asset. `Otc`: the venue of a traded asset.
    enum Part {
        Erc4626,
        Price,
        Token,
        Otc,
        Async
    }

    enum Failure {
        Reverts,
        BurnsGas,
        ReturnsNothing,
        Garbage,
        Megabyte,
        Zero,
        OneLess,
        OneMore,
        Stale,
        Paused,
        Denied
    }

    /// @param known Whether the value of the holding is still known.
    /// @param open Whether deposits are still open.
    struct Row {
        string id;
        Part part;
        Failure failure;
        bool known;
        bool open;
    }

    Row[] internal rows;

    /// @dev Forge shows it for a failing test, so that the last started row is known.
    event log_named_string(string key, string val);

    constructor() {
        _add("H-ERC4626-REVERTS", Part.Erc4626, Failure.Reverts, false, false);
        _add("H-ERC4626-BURNS_GAS", Part.Erc4626, Failure.BurnsGas, false, false);
        _add("H-ERC4626-RETURNS_NOTHING", Part.Erc4626, Failure.ReturnsNothing, false, false);
        _add("H-ERC4626-GARBAGE", Part.Erc4626, Failure.Garbage, false, false);
        _add("H-ERC4626-MEGABYTE", Part.Erc4626, Failure.Megabyte, false, false);
        _add("H-ERC4626-ZERO", Part.Erc4626, Failure.Zero, true, false);
        _add("H-ERC4626-UNIT_LESS", Part.Erc4626, Failure.OneLess, true, true);
        _add("H-ERC4626-UNIT_MORE", Part.Erc4626, Failure.OneMore, true, true);
        _add("H-ERC4626-PAUSED", Part.Erc4626, Failure.Paused, true, true);
        _add("H-ERC4626-DENIED", Part.Erc4626, Failure.Denied, true, true);
        _add("H-PRICE-REVERTS", Part.Price, Failure.Reverts, false, false);
        _add("H-PRICE-BURNS_GAS", Part.Price, Failure.BurnsGas, false, false);
        _add("H-PRICE-RETURNS_NOTHING", Part.Price, Failure.ReturnsNothing, false, false);
        _add("H-PRICE-GARBAGE", Part.Price, Failure.Garbage, false, false);
        _add("H-PRICE-MEGABYTE", Part.Price, Failure.Megabyte, false, false);
        _add("H-PRICE-ZERO", Part.Price, Failure.Zero, false, false);
        _add("H-PRICE-UNIT_LESS", Part.Price, Failure.OneLess, true, true);
        _add("H-PRICE-UNIT_MORE", Part.Price, Failure.OneMore, true, true);
        _add("H-PRICE-STALE", Part.Price, Failure.Stale, false, false);
        _add("H-TOKEN-REVERTS", Part.Token, Failure.Reverts, false, false);
        _add("H-TOKEN-BURNS_GAS", Part.Token, Failure.BurnsGas, false, false);
        _add("H-TOKEN-RETURNS_NOTHING", Part.Token, Failure.ReturnsNothing, false, false);
        _add("H-TOKEN-GARBAGE", Part.Token, Failure.Garbage, false, false);
        _add("H-TOKEN-MEGABYTE", Part.Token, Failure.Megabyte, false, false);
        _add("H-TOKEN-ZERO", Part.Token, Failure.Zero, true, false);
        _add("H-TOKEN-UNIT_LESS", Part.Token, Failure.OneLess, true, true);
        _add("H-TOKEN-UNIT_MORE", Part.Token, Failure.OneMore, true, true);
        _add("H-TOKEN-PAUSED", Part.Token, Failure.Paused, true, true);
        _add("H-TOKEN-DENIED", Part.Token, Failure.Denied, true, true);
        _add("H-OTC-REVERTS", Part.Otc, Failure.Reverts, true, true);
        _add("H-OTC-BURNS_GAS", Part.Otc, Failure.BurnsGas, true, true);
        _add("H-OTC-RETURNS_NOTHING", Part.Otc, Failure.ReturnsNothing, true, true);
        _add("H-OTC-GARBAGE", Part.Otc, Failure.Garbage, true, true);
        _add("H-OTC-MEGABYTE", Part.Otc, Failure.Megabyte, true, true);
        _add("H-OTC-ZERO", Part.Otc, Failure.Zero, true, true);
        _add("H-OTC-PAUSED", Part.Otc, Failure.Paused, true, true);
        _add("H-ASYNC-REVERTS", Part.Async, Failure.Reverts, false, false);
        _add("H-ASYNC-BURNS_GAS", Part.Async, Failure.BurnsGas, false, false);
        _add("H-ASYNC-RETURNS_NOTHING", Part.Async, Failure.ReturnsNothing, false, false);
        _add("H-ASYNC-GARBAGE", Part.Async, Failure.Garbage, false, false);
        _add("H-ASYNC-MEGABYTE", Part.Async, Failure.Megabyte, false, false);
        _add("H-ASYNC-ZERO", Part.Async, Failure.Zero, true, false);
        _add("H-ASYNC-UNIT_LESS", Part.Async, Failure.OneLess, true, true);
        _add("H-ASYNC-UNIT_MORE", Part.Async, Failure.OneMore, true, true);
        _add("H-ASYNC-PAUSED", Part.Async, Failure.Paused, true, true);
        _add("H-ASYNC-DENIED", Part.Async, Failure.Denied, true, true);
    }

    function _add(string memory id, Part part, Failure failure, bool known, bool open) private {
        rows.push(Row(id, part, failure, known, open));
    }
}
