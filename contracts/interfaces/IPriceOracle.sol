// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Prices of tokens from Chainlink feeds; a bad price reverts
/// @notice A price is positive, inside its bounds and not older than its feed's heartbeat; on a rollup the sequencer is
/// up and past its grace period. Anything else reverts: a bad price never becomes zero or an old one.
interface IPriceOracle {
    /// @notice Source of a token's price, and the bounds within which it is believed.
    /// @param aggregator Chainlink aggregator, in US dollars; 0 when the token has no feed.
    /// @param heartbeat Age in seconds beyond which an answer is stale.
    /// @param feedDecimals Decimals of the answers, read when the feed was set.
    /// @param tokenDecimals Decimals of the token, read when the feed was set.
    /// @param minimum Lowest answer that is believed, in feed units; above zero.
    /// @param maximum Highest answer that is believed, in feed units.
    struct Feed {
        address aggregator;
        uint32 heartbeat;
        uint8 feedDecimals;
        uint8 tokenDecimals;
        uint128 minimum;
        uint128 maximum;
    }

    /// @notice A token's feed was set or replaced.
    event FeedSet(
        address indexed token, address indexed aggregator, uint32 heartbeat, uint128 minimum, uint128 maximum
    );

    /// @notice A token's feed was removed.
    event FeedRemoved(address indexed token);

    /// @notice The sequencer's uptime feed was set; 0 when the chain has no sequencer.
    event SequencerFeedSet(address indexed aggregator, uint32 grace);

    /// @notice The token has no feed.
    error PriceOracle_UnknownToken(address token);

    /// @notice The last answer is older than the heartbeat, undated, or dated in the future.
    error PriceOracle_StalePrice(address token, uint256 updatedAt, uint256 heartbeat);

    /// @notice The answer is zero or negative.
    error PriceOracle_InvalidPrice(address token, int256 answer);

    /// @notice The answer lies outside the bounds of the feed.
    error PriceOracle_PriceOutOfBounds(address token, int256 answer, uint128 minimum, uint128 maximum);

    /// @notice The rollup's sequencer is down, or its uptime feed has no round yet, or one dated in the future.
    error PriceOracle_SequencerDown();

    /// @notice The sequencer is up again, but not long enough.
    error PriceOracle_SequencerGracePeriod(uint256 endsAt);

    /// @notice The feed cannot serve: no code, more than 18 decimals, no heartbeat, or bounds that admit no price.
    error PriceOracle_InvalidFeed(address token);

    /// @notice The feed would not be tighter: its heartbeat longer, a bound wider, or no price admitted.
    error PriceOracle_NotTighter(address token);

    /// @notice There is too little gas to tell a bad feed from a lack of gas.
    error PriceOracle_InsufficientGas();

    /// @notice Sets or replaces the feed of a token. Reads the decimals of feed and token.
    /// @dev Who: the configurator's role. Emits `FeedSet`. Reverts with `PriceOracle_InvalidFeed`.
    /// @param minimum Lowest answer believed, in feed units; above zero.
    /// @param maximum Highest answer believed, in feed units; above `minimum`.
    function setFeed(address token, address aggregator, uint32 heartbeat, uint128 minimum, uint128 maximum) external;

    /// @notice Shortens the heartbeat of a feed and narrows its bounds; each may stay as it is.
    /// @dev Who: the guardian's role: it can stop a price from being believed, but cannot make one believed. Emits
    /// `FeedSet`. Reverts with `PriceOracle_UnknownToken` and `PriceOracle_NotTighter`.
    /// @param heartbeat At most the present one, above zero.
    /// @param minimum At least the present one.
    /// @param maximum At most the present one; above `minimum`.
    function tightenFeed(address token, uint32 heartbeat, uint128 minimum, uint128 maximum) external;

    /// @notice Removes the feed of a token; every use of its price reverts from then on.
    /// @dev Who: the configurator's role. Emits `FeedRemoved`. Reverts with `PriceOracle_UnknownToken`.
    function removeFeed(address token) external;

    /// @notice Sets the uptime feed of the rollup's sequencer, or 0 for a chain without one.
    /// @dev Who: the configurator's role. Emits `SequencerFeedSet`. Reverts with `PriceOracle_InvalidFeed(aggregator)`
    /// when there is no code at the address.
    /// @param grace Seconds after a restart during which prices are still refused.
    function setSequencerFeed(address aggregator, uint32 grace) external;

    /// @notice The feed of a token; all zero when it has none.
    function feedOf(address token) external view returns (Feed memory);

    /// @notice The sequencer's uptime feed and its grace period in seconds.
    function sequencerFeed() external view returns (address aggregator, uint32 grace);

    /// @notice The price of one whole token in US dollars, with 18 decimals.
    /// @dev Reverts with every error above except `PriceOracle_InvalidFeed`, and with the aggregator's own.
    /// @return priceWad 1e18 is one dollar.
    /// @return updatedAt When the feed last changed.
    function price(address token) external view returns (uint256 priceWad, uint256 updatedAt);

    /// @notice Value of `amount` base units of `from` in base units of `to`, rounded down, at full precision.
    /// @dev Needs both prices, unless the tokens are the same. Reverts as `price` does, and when the result does not
    /// fit.
    function convert(address from, address to, uint256 amount) external view returns (uint256);

    /// @notice `convert` for callers that continue without a price: it returns `good` as false wherever `convert`
    /// reverts.
    /// @dev Feeds get a bounded amount of gas, so that one which uses all of it does not use the caller's. Reverts only
    /// with `PriceOracle_InsufficientGas`, when the conversion fails with less gas than that: otherwise a caller could
    /// make a fresh price appear stale by sending little gas.
    /// @return good Whether there is a price.
    /// @return value What `convert` returns; 0 when there is no price.
    function tryConvert(address from, address to, uint256 amount) external view returns (bool good, uint256 value);

    /// @notice The value of one base unit of a token, exact: its price with 18 decimals times `10 ** (18 -
    /// tokenDecimals)`. The scale, 1e-36 of a dollar, is the same for all tokens, so values of amounts can be compared
    /// directly; they need 512 bits.
    /// @dev Reverts as `price` does.
    function unitPrice(address token) external view returns (uint256);

    /// @notice `unitPrice` of several tokens, in order, with one check of the sequencer.
    /// @dev Reverts as `price` does when one of the prices is bad.
    function unitPrices(address[] calldata tokens) external view returns (uint256[] memory prices);
}
