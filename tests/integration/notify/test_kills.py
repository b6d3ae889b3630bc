"""Kills around every write of the outbox: each message comes at least once, and in order."""

from __future__ import annotations

from itertools import groupby

import pytest

from tests.integration.notify.life import EXPECTED, WRITES, live
from tests.integration.notify.webhook import Webhook
from tests.integration.sending.conftest import NewDatabase
from tests.support.deep import sampled

pytestmark = pytest.mark.deep

POINTS = [f"{moment}_{write}" for write in WRITES for moment in ("before", "inside", "after")]
"""Every second point is alternately both sides of one write and the inside of the next."""
SENT_TWICE = {"before_note_delivery", "inside_note_delivery"}
"""Only a message that was accepted, but not stored as sent, comes again."""


def test_life__undisturbed__each_message_comes_once(new_url: NewDatabase, hook: Webhook) -> None:
    assert live(new_url(), hook.url) == 0
    assert hook.titles == EXPECTED


@pytest.mark.parametrize("point", sampled(POINTS))
def test_life__killed_at_a_point__each_message_comes_in_order(
    new_url: NewDatabase, hook: Webhook, point: str
) -> None:
    assert live(new_url(), hook.url, kill=point) == 1, "the point was not met"
    assert [title for title, _ in groupby(hook.titles)] == EXPECTED
    assert len(hook.titles) - len(EXPECTED) == (point in SENT_TWICE)
