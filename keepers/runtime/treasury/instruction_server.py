"""Server of instructions over HTTP, while the service keeps the treasuries."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import structlog

from keepers.config import Settings
from keepers.config.errors import SecretUnavailableError
from keepers.config.passwords import treasury_secret
from keepers.config.service import address_of
from keepers.runtime.process.database import opened
from keepers.runtime.treasury.instructions import desk_of
from keepers.telemetry.redaction import REDACTOR
from keepers.web.instructions import InstructionService, serving_instructions

SHORTEST_TOKEN = 16
"""Characters: what is shorter could be guessed."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@contextmanager
def instruction_server(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> Generator[None]:
    """Take instructions where `[treasury.http]` has an address.

    Raises:
        SecretUnavailableError: The token is not where the settings say, or is too short.
        ListenError: The address cannot be used.
        InputError, DeploymentError: Settings or deployments do not fit.
        StoreUnavailableError: The database cannot be opened.
    """
    http = None if settings.treasury is None else settings.treasury.http
    address = None if http is None or http.listen is None else address_of(http.listen)
    if http is None or address is None:
        yield
        return
    token = treasury_secret("http", http.token_variable, http.token_file, environment)
    REDACTOR.hide(token.get_secret_value())
    if len(token.get_secret_value()) < SHORTEST_TOKEN:
        problem = f"its token has less than {SHORTEST_TOKEN} characters; make a longer one"
        raise SecretUnavailableError("http", problem, section="treasury")
    # A pool of its own: a crowd of requests waits for its connections alone.
    with opened(settings) as database:
        service = InstructionService(desk_of(settings, database), token)
        with serving_instructions(*address, service) as url:
            _log.info("taking_instructions", url=url)
            yield
