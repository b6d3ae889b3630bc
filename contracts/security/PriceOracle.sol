// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {IAggregatorV3} from "../interfaces/external/IAggregatorV3.sol";

/// @title Prices of tokens from Chainlink feeds; a bad price reverts
contract PriceOracle is IPriceOracle, AccessManaged {
    /// @dev Decimals of returned prices, and the maximum for a feed or token: so the price of a base unit fits 256 bits
    /// for every answer of 128 bits.
    uint8 private constant PRICE_DECIMALS = 18;
    /// @dev Gas of a conversion that may fail: for two feeds and the sequencer's. It is several times what the three
    /// need behind proxies, and small enough to be lost once for each of a portfolio's assets.
    uint256 private constant CONVERSION_GAS = 300_000;
    /// @dev Gas used between reading the remaining gas and the call.
    uint256 private constant CALL_GAS = 5_000;
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
    function tightenFeed(address token, uint32 heartbeat, uint128 minimum, uint128 maximum) external restricted {
        Feed storage feed = _feeds[token];
        require(feed.aggregator != address(0), PriceOracle_UnknownToken(token));
        require(
            heartbeat != 0 && heartbeat <= feed.heartbeat && minimum >= feed.minimum && maximum <= feed.maximum
                && minimum < maximum,
            PriceOracle_NotTighter(token)
        );
        (feed.heartbeat, feed.minimum, feed.maximum) = (heartbeat, minimum, maximum);
        emit FeedSet(token, feed.aggregator, heartbeat, minimum, maximum);
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
    function tryConvert(address from, address to, uint256 amount) external view returns (bool good, uint256 value) {
        uint256 available = gasleft();
        try this.convert{gas: CONVERSION_GAS}(from, to, amount) returns (uint256 converted) {
            return (true, converted);
        } catch {
            // A call gets all but a 64th of the available gas. A caller that sends less than the call should have gets
            // no answer: its failure would say nothing about the feeds.
            require(available - available / 64 >= CONVERSION_GAS + CALL_GAS, PriceOracle_InsufficientGas());
        }
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
        return Math.mulDiv(amount, _unitPrice(from), _unitPrice(to));
    }

    /// @inheritdoc IPriceOracle
    function unitPrice(address token) external view returns (uint256) {
        _requireSequencer();
        return _unitPrice(token);
    }

    /// @inheritdoc IPriceOracle
    function unitPrices(address[] calldata tokens) external view returns (uint256[] memory prices) {
        _requireSequencer();
        prices = new uint256[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            prices[i] = _unitPrice(tokens[i]);
        }
    }

    function _unitPrice(address token) internal view returns (uint256) {
        (uint256 priceWad,, uint8 decimals) = _read(token);
        return priceWad * 10 ** (PRICE_DECIMALS - decimals);
    }

    /// @return priceWad Price of a whole token, with 18 decimals.
    /// @return updatedAt When the feed last changed.
    /// @return decimals Decimals of the token.
    function _read(address token) internal view returns (uint256 priceWad, uint256 updatedAt, uint8 decimals) {
        Feed memory feed = _feeds[token];
        require(feed.aggregator != address(0), PriceOracle_UnknownToken(token));
        int256 answer;
        // Of a round only answer and date are used: ids and the old answeredInRound have no meaning on current
        // aggregators. One call per requested token, each of which must answer.
        // slither-disable-next-line unused-return,calls-loop
        (, answer,, updatedAt,) = IAggregatorV3(feed.aggregator).latestRoundData();
        require(answer > 0, PriceOracle_InvalidPrice(token, answer));
        // Freshness is a matter of seconds against heartbeats of hours; a validator's freedom does not matter.
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
        decimals = feed.tokenDecimals;
    }

    function _requireSequencer() internal view {
        address aggregator = _sequencerFeed;
        if (aggregator == address(0)) return;
        // slither-disable-next-line unused-return
        (, int256 answer, uint256 startedAt,,) = IAggregatorV3(aggregator).latestRoundData();
        bool up = answer == SEQUENCER_UP && startedAt != 0;
        // slither-disable-next-line timestamp
        require(up && startedAt <= block.timestamp, PriceOracle_SequencerDown());
        uint256 endsAt = startedAt + _sequencerGrace;
        // slither-disable-next-line timestamp
        require(block.timestamp > endsAt, PriceOracle_SequencerGracePeriod(endsAt));
    }
}
