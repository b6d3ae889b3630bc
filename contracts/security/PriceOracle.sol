// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {IAggregatorV3} from "../interfaces/external/IAggregatorV3.sol";

/// @title Prices of tokens, from Chainlink feeds, or a revert
contract PriceOracle is IPriceOracle, AccessManaged {
    /// @dev Decimals of the prices given out, and the most that a feed or token may have: so a price times a token's
    /// unit fits 256 bits for every answer of 128 bits.
    uint8 private constant PRICE_DECIMALS = 18;
    /// @dev Answer of a sequencer's uptime feed.
    int256 private constant SEQUENCER_UP = 0;

    mapping(address token => Feed feed) private _feeds;
    address private _sequencerFeed;
    uint32 private _sequencerGrace;

    constructor(address manager) AccessManaged(manager) {}

    /// @inheritdoc IPriceOracle
    function setFeed(address token, address aggregator, uint32 heartbeat, uint128 minimum, uint128 maximum)
        external
        restricted
    {
        require(token.code.length != 0 && aggregator.code.length != 0, PriceOracle_InvalidFeed(token));
        require(heartbeat != 0 && minimum != 0 && minimum < maximum, PriceOracle_InvalidFeed(token));
        uint8 feedDecimals = IAggregatorV3(aggregator).decimals();
        uint8 tokenDecimals = IERC20Metadata(token).decimals();
        require(feedDecimals <= PRICE_DECIMALS && tokenDecimals <= PRICE_DECIMALS, PriceOracle_InvalidFeed(token));
        _feeds[token] = Feed(aggregator, heartbeat, feedDecimals, tokenDecimals, minimum, maximum);
        emit FeedSet(token, aggregator, heartbeat, minimum, maximum);
    }

    /// @inheritdoc IPriceOracle
    function removeFeed(address token) external restricted {
        require(_feeds[token].aggregator != address(0), PriceOracle_UnknownToken(token));
        delete _feeds[token];
        emit FeedRemoved(token);
    }

    /// @inheritdoc IPriceOracle
    function setSequencerFeed(address aggregator, uint32 grace) external restricted {
        require(aggregator == address(0) || aggregator.code.length != 0, PriceOracle_InvalidFeed(aggregator));
        (_sequencerFeed, _sequencerGrace) = (aggregator, grace);
        emit SequencerFeedSet(aggregator, grace);
    }

    /// @inheritdoc IPriceOracle
    function feedOf(address token) external view returns (Feed memory) {
        return _feeds[token];
    }

    /// @inheritdoc IPriceOracle
    function sequencerFeed() external view returns (address aggregator, uint32 grace) {
        return (_sequencerFeed, _sequencerGrace);
    }

    /// @inheritdoc IPriceOracle
    function price(address token) external view returns (uint256 priceWad, uint256 updatedAt) {
        _requireSequencer();
        (priceWad, updatedAt,) = _read(token);
    }

    /// @inheritdoc IPriceOracle
    function convert(address from, address to, uint256 amount) external view returns (uint256) {
        if (from == to) return amount;
        _requireSequencer();
        (uint256 fromPrice,, uint256 fromUnit) = _read(from);
        (uint256 toPrice,, uint256 toUnit) = _read(to);
        return Math.mulDiv(amount, fromPrice * toUnit, toPrice * fromUnit);
    }

    /// @return priceWad Price of a whole token, with 18 decimals.
    /// @return updatedAt When the feed last changed.
    /// @return unit Base units of a whole token.
    function _read(address token) internal view returns (uint256 priceWad, uint256 updatedAt, uint256 unit) {
        Feed memory feed = _feeds[token];
        require(feed.aggregator != address(0), PriceOracle_UnknownToken(token));
        int256 answer;
        // Of a round only answer and date count: ids and the old answeredInRound say nothing on current aggregators.
        // slither-disable-next-line unused-return
        (, answer,, updatedAt,) = IAggregatorV3(feed.aggregator).latestRoundData();
        require(answer > 0, PriceOracle_InvalidPrice(token, answer));
        // Freshness is a matter of seconds against heartbeats of hours; a validator's leeway does not count.
        // slither-disable-next-line timestamp
        require(
            updatedAt <= block.timestamp && block.timestamp - updatedAt <= feed.heartbeat,
            PriceOracle_StalePrice(token, updatedAt, feed.heartbeat)
        );
        uint256 positive = uint256(answer);
        require(
            positive >= feed.minimum && positive <= feed.maximum,
            PriceOracle_PriceOutOfBounds(token, answer, feed.minimum, feed.maximum)
        );
        priceWad = positive * 10 ** (PRICE_DECIMALS - feed.feedDecimals);
        unit = 10 ** feed.tokenDecimals;
    }

    function _requireSequencer() internal view {
        address aggregator = _sequencerFeed;
        if (aggregator == address(0)) return;
        // slither-disable-next-line unused-return
        (, int256 answer, uint256 startedAt,,) = IAggregatorV3(aggregator).latestRoundData();
        require(answer == SEQUENCER_UP && startedAt != 0, PriceOracle_SequencerDown());
        uint256 endsAt = startedAt + _sequencerGrace;
        // slither-disable-next-line timestamp
        require(block.timestamp > endsAt, PriceOracle_SequencerGracePeriod(endsAt));
    }
}
