"""Cron expressions in UTC, parsed by APScheduler's trigger, and their latest fire times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from keepers.model.errors.run import CronError

FIELDS = ("minute", "hour", "day", "month", "day_of_week")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
ANY = "*"
INSTANT = timedelta(microseconds=1)
FIRST_LOOK = timedelta(minutes=1)
WIDER = 8
"""Factor by which each search interval is longer than the previous one."""

LEAP_CYCLE = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2005, 1, 1, tzinfo=UTC))
"""Interval with every calendar date; an expression without a time in it never fires."""

_WEEKDAY = re.compile(r"(?P<first>\d|\*|[a-z]{3})(-(?P<last>\d|[a-z]{3}))?(/(?P<step>\d))?")


class Trigger(Protocol):
    """Used part of APScheduler's trigger."""

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Return the first fire time at or after now."""
        ...


class Cron:
    """Cron expression: minute, hour, day of month, month, day of week (0 is Sunday).

    Raises:
        CronError: The text is no cron expression, or never fires.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.trigger = _trigger(text)

    def first_from(self, moment: datetime) -> datetime | None:
        """Return the first fire time at or after a moment."""
        return self.trigger.get_next_fire_time(None, moment.astimezone(UTC))

    def newest(self, after: datetime | None, until: datetime) -> datetime | None:
        """Return the latest fire time in (`after`, `until`].

        Searches backwards in increasing steps, so that a long gap costs little.
        """
        span = FIRST_LOOK
        earliest = datetime.min.replace(tzinfo=UTC) if after is None else after + INSTANT
        while True:
            start = max(earliest, until - min(span, until - earliest))
            found = self.first_from(start)
            if found is not None and found <= until:
                return self._last(found, until)
            if start <= earliest:
                return None
            span *= WIDER

    def fires(self, after: datetime | None, until: datetime) -> bool:
        """Return whether there is a fire time in (`after`, `until`].

        Without `after`, check `until` alone.
        """
        found = self.first_from(until if after is None else after + INSTANT)
        return found is not None and found <= until

    def _last(self, found: datetime, until: datetime) -> datetime:
        while True:
            following = self.first_from(found + INSTANT)
            if following is None or following > until:
                return found
            found = following


def _trigger(text: str) -> Trigger:
    # Slow to import, and most commands do not need it.
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    fields = dict(zip(FIELDS, text.lower().split(), strict=False))
    if len(text.split()) != len(FIELDS):
        raise CronError(text, f"it has {len(text.split())} fields, not {len(FIELDS)}")
    if fields["day"] != ANY and fields["day_of_week"] != ANY:
        raise CronError(text, "it sets both day of month and day of week; set only one")
    fields["day_of_week"] = _weekdays(text, fields["day_of_week"])
    try:
        made = CronTrigger(**fields, timezone=UTC)
        first, end = LEAP_CYCLE
        bounded = CronTrigger(**fields, timezone=UTC, start_date=first, end_date=end)
    except ValueError as error:
        raise CronError(text, str(error)) from error
    if cast("Trigger", bounded).get_next_fire_time(None, first) is None:
        raise CronError(text, "no such day exists")
    return cast("Trigger", made)


def _weekdays(text: str, field: str) -> str:
    """Replace weekday numbers by names: the library counts from Monday, cron from Sunday."""
    if field == ANY:
        return ANY
    named = {WEEKDAYS[each % 7] for part in field.split(",") for each in _days(text, part)}
    return ",".join(day for day in WEEKDAYS if day in named)


def _days(text: str, part: str) -> range:
    match = _WEEKDAY.fullmatch(part)
    if match is None:
        raise CronError(text, f"{part!a} is not a day of the week")
    first, last, step = match["first"], match["last"], int(match["step"] or 1)
    if first == ANY:
        begin, end = 0, 6
    else:
        begin = _day(text, first)
        end = _day(text, last) if last else 6 if match["step"] else begin
        end = 7 if end == 0 and begin > 0 else end
    if step == 0 or end < begin:
        raise CronError(text, f"{part!a} is not a day of the week")
    return range(begin, end + 1, step)


def _day(text: str, name: str) -> int:
    if name in WEEKDAYS:
        return WEEKDAYS.index(name)
    if name.isdecimal() and int(name) <= len(WEEKDAYS):
        return int(name)
    raise CronError(text, f"{name!a} is not a day of the week")
