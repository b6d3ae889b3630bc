"""Log of what a check of the inventory left as it is: each change once, not at every check."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from keepers.transfers.inventory.dependencies import Leftover

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class LeftoverLog:
    """Logs leftovers that are new or have another text, and those that are gone."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def update(self, leftovers: Sequence[Leftover]) -> None:
        """Log what changed since the check before: a note as information, the rest as a warning."""
        for each in leftovers:
            if self._texts.get(each.key) != each.text:
                log = _log.info if each.is_note else _log.warning
                log("left_as_it_is", about=each.key, text=each.text)
        now = {each.key: each.text for each in leftovers}
        for key in self._texts.keys() - now.keys():
            _log.info("no_longer_left", about=key)
        self._texts = now
