"""Delivery of the outbox: at least once and in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog

from keepers.model.errors.run import StoreRefusedError, StoreUnavailableError
from keepers.model.notice import Message, MessageState, Severity
from keepers.notifications.destination import Destination, destinations_of
from keepers.store.database import Database
from keepers.store.messages import (
    claim_message,
    has_due,
    note_delivery,
    queue_reminders,
    reminders_due,
    skip_unwanted,
)

T = TypeVar("T")

NO_ANSWER = "no response within {seconds:g} seconds"
STILL_BUSY = "an earlier attempt still waits for its response"
FAILED_INSIDE = "Apprise itself failed"

_late: dict[str, threading.Event] = {}
"""End of this process's last attempt that timed out, by destination."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """Delivery rules; times in seconds unless named otherwise.

    Attributes:
        minimum_severity: Messages below it are not sent.
        reminder_hours: Interval of reminders while trouble continues.
        timeout: Timeout of one destination for one message.
        first_retry: Delay after the first failure; doubles with each further one, up to
            `longest_retry`.
        most_tries: Attempts before a message is given up, by default within about an hour.
    """

    minimum_severity: Severity = Severity.INFO
    reminder_hours: int = 6
    timeout: float = 20.0
    first_retry: float = 15.0
    longest_retry: float = 900.0
    most_tries: int = 10

    @property
    def reminder(self) -> timedelta:
        """Return the time after which continuing trouble is reported again."""
        return timedelta(hours=self.reminder_hours)

    @property
    def claim(self) -> timedelta:
        """Return the time for which a message in delivery is reserved for one sender."""
        return timedelta(seconds=2 * self.timeout)

    def retry(self, tries: int) -> timedelta | None:
        """Return the delay after the given number of attempts; None to give up."""
        if tries >= self.most_tries:
            return None
        return timedelta(seconds=min(self.longest_retry, self.first_retry * 2 ** (tries - 1)))


@dataclass(slots=True)
class Delivered:
    """Counts of a delivery round."""

    sent: int = 0
    failed: int = 0
    later: int = 0


class NotificationSender:
    """Sender of due messages; several may share one database, each message goes to one."""

    def __init__(
        self,
        database: Database,
        *,
        urls: Sequence[str],
        policy: DeliveryPolicy,
        make: Callable[[list[str]], tuple[Destination, ...]] = destinations_of,
    ) -> None:
        """Initialise with the URLs, which are secret.

        Raises:
            UnusableDestinationError: A URL is unusable.
        """
        self._database = database
        self._policy = policy
        self._destinations = {each.name: each for each in make(list(urls))}

    async def deliver(self) -> Delivered:
        """Send all due messages; end the round without an error if the database is unavailable.

        After a crash, a message is sent again once its claim has expired.
        """
        done = Delivered()
        try:
            if not await asyncio.to_thread(self._prepare):
                return done
            while (message := await asyncio.to_thread(self._claim)) is not None:
                await self._send(message, done)
        except (StoreUnavailableError, StoreRefusedError) as error:
            _log.error("delivery_stopped", reason=str(error))
        return done

    def _prepare(self) -> bool:
        """Queue reminders and skip unwanted messages; return whether any message is due."""
        now, reminder = self._database.now(), self._policy.reminder
        if self._database.read(lambda connection: reminders_due(connection, now - reminder)):
            self._database.transact("remind", lambda w: queue_reminders(w, reminder))
        if not self._database.read(lambda connection: has_due(connection, now)):
            return False
        least, anybody = self._policy.minimum_severity, bool(self._destinations)
        self._database.transact("skip_messages", lambda w: skip_unwanted(w, least, anybody=anybody))
        return anybody

    def _claim(self) -> Message | None:
        names, claim = tuple(self._destinations), self._policy.claim
        return self._database.transact("claim_message", lambda w: claim_message(w, names, claim))

    async def _send(self, message: Message, done: Delivered) -> None:
        chosen = [self._destinations[name] for name in message.destinations]
        errors = await asyncio.gather(*(self._hand_over(each, message) for each in chosen))
        results = list(zip(chosen, errors, strict=True))
        delivered = [each.name for each, error in results if error is None]
        problems = [f"{each.shown}: {error}" for each, error in results if error is not None]
        error = "; ".join(problems) or None
        state = await asyncio.to_thread(self._note, message, delivered, error)
        done.sent += state is MessageState.SENT
        done.failed += state is MessageState.FAILED
        done.later += state is MessageState.QUEUED
        if error is not None:
            facts = {"message": message.message_id, "tries": message.tries, "reason": error}
            given_up = state is MessageState.FAILED
            (_log.error if given_up else _log.warning)("message_not_taken", state=state, **facts)

    def _note(self, message: Message, delivered: list[str], error: str | None) -> MessageState:
        names, retry = tuple(self._destinations), self._policy.retry(message.tries)

        return self._database.transact(
            "note_delivery",
            lambda w: note_delivery(w, message, names, delivered, error=error, retry=retry),
        )

    async def _hand_over(self, destination: Destination, message: Message) -> str | None:
        """Send, unless an earlier attempt still runs; its thread cannot be stopped."""
        seconds = self._policy.timeout
        earlier, ended = _late.get(destination.name), threading.Event()
        if earlier is not None and not earlier.is_set():
            return STILL_BUSY

        def send() -> str | None:
            try:
                return destination.send(message)
            finally:
                ended.set()

        try:
            return await asyncio.wait_for(in_daemon(send, FAILED_INSIDE), seconds)
        except TimeoutError:
            _late[destination.name] = ended
            return NO_ANSWER.format(seconds=seconds)


async def in_daemon(work: Callable[[], T], otherwise: T) -> T:
    """Run `work` in a daemon thread; return `otherwise` if it raises."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def resolve(outcome: T) -> None:
        if not future.done():
            future.set_result(outcome)

    def run() -> None:
        outcome = otherwise
        try:
            outcome = work()
        finally:
            with suppress(RuntimeError):  # the loop is closed and no task waits
                loop.call_soon_threadsafe(resolve, outcome)

    threading.Thread(target=run, daemon=True, name="delivery").start()
    return await future
