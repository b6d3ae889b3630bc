from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepers.model.run import TierSample
from keepers.model.vault import TierBand
from keepers.reports.chart import WIDTH, draw_chart
from keepers.reports.detail import Bands
from tests.unit.reports.records import BANDS, sample, whole
from tests.unit.reports.story import SAMPLES

LETTER_WIDTH, LETTER_HEIGHT = 7.0, 11.0
"""Average size in pixels of a letter of the chart, for its font sizes 12 to 14."""

ratios = st.tuples(*[st.integers(0, 10**9)] * 3)


def bands() -> Bands:
    l1, l2, l3 = (
        TierBand(minimum_bps=low, target_bps=target, maximum_bps=high)
        for low, target, high in BANDS
    )
    return l1, l2, l3


def drawn(samples: tuple[TierSample, ...], *marks: tuple[int, int]) -> ET.Element:
    return ET.fromstring(draw_chart(samples, bands(), marks))  # noqa: S314 - our own output


def boxes(chart: ET.Element) -> list[tuple[str, float, float, float, float]]:
    """Return each text with the approximate rectangle that it covers."""
    found: list[tuple[str, float, float, float, float]] = []
    for each in chart.iter("text"):
        said = each.text or ""
        x, y, width = float(each.attrib["x"]), float(each.attrib["y"]), len(said) * LETTER_WIDTH
        left = x - {"end": width, "middle": width / 2}.get(each.get("text-anchor", ""), 0)
        found.append((said, left, left + width, y - LETTER_HEIGHT, y))
    return found


def overlapping(chart: ET.Element) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, l1, r1, t1, b1), (other, l2, r2, t2, b2) in combinations(boxes(chart), 2)
        if l1 < r2 and l2 < r1 and t1 < b2 and t2 < b1
    ]


def test_chart__of_the_story__has_a_line_and_a_dot_per_sample_and_tier() -> None:
    chart = drawn(SAMPLES, (0, 1), (2, 2))
    assert len(list(chart.iter("polyline"))) == 3
    dots = [each for each in chart.iter("circle") if "dot" in each.get("class", "")]
    assert len(dots) == 3 * len(SAMPLES)
    assert next(each.text for each in chart.iter("title")) == (
        "2026-03-02 10:30:00, block 100: 100.00 %, outside its band"
    )


def test_chart__numbers_of_runs__stand_above_their_samples() -> None:
    chart = drawn(SAMPLES, (0, 1), (2, 2))
    heads = {
        each.text: each.attrib["x"] for each in chart.iter("text") if each.get("class") == "number"
    }
    dots = [each for each in chart.iter("circle") if "dot" in each.get("class", "")]
    assert heads == {"1": dots[0].attrib["cx"], "2": dots[2].attrib["cx"]}


@pytest.mark.parametrize("count", [1, 2, 5, 40, 400])
def test_chart__however_many_samples__no_labels_overlap(count: int) -> None:
    samples = tuple(sample(i, i, whole(10, 30, 60 + i % 5)) for i in range(count))
    marks = [(index, index + 1) for index in range(0, count, 2)]
    assert overlapping(drawn(samples, *marks)) == []


@given(values=st.lists(ratios, min_size=1, max_size=6))
@settings(max_examples=40)
def test_chart__any_values__stay_in_the_picture_without_overlaps(
    values: list[tuple[int, int, int]],
) -> None:
    chart = drawn(tuple(sample(i, i, each) for i, each in enumerate(values)))
    assert overlapping(chart) == []
    height = float(chart.attrib["viewBox"].split()[3])
    assert all(left >= 0 and right <= WIDTH for _, left, right, _, _ in boxes(chart))
    assert all(top >= 0 and bottom <= height for _, _, _, top, bottom in boxes(chart))
    for circle in chart.iter("circle"):
        assert 0 <= float(circle.attrib["cx"]) <= WIDTH
        assert 0 <= float(circle.attrib["cy"]) <= height


def test_chart__empty_vault__interrupts_the_lines() -> None:
    samples = tuple(
        sample(i, i, whole(*each)) for i, each in enumerate([(1, 1, 1), (0, 0, 0), (1, 1, 1)])
    )
    assert len(list(drawn(samples).iter("polyline"))) == 6


def test_chart__bands_not_known__draws_the_lines_alone() -> None:
    chart = ET.fromstring(draw_chart(SAMPLES, None))  # noqa: S314
    assert list(chart.iter("rect")) == []
    assert len(list(chart.iter("polyline"))) == 3
