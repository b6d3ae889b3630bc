"""Health, readiness and metrics over HTTP without authentication, for a trusted address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TypeAlias

from aiohttp import web

from keepers.web.connection import ServerLimits
from keepers.web.server import HttpReply, HttpServer, serving

PLAIN = "text/plain"
LIMITS = ServerLimits(connections=16, grace=0.5)

Pages: TypeAlias = Mapping[str, Callable[[], HttpReply]]
"""Page functions by path, called in threads."""


def page_application(pages: Pages) -> web.Application:
    """Return the application that answers GET requests with pages."""

    async def answer(request: web.Request) -> web.Response:
        make = pages.get(request.raw_path.partition("?")[0])
        if request.method != "GET":
            problem = b"only GET is answered\n"
            return HttpReply(HTTPStatus.NOT_IMPLEMENTED, problem, PLAIN).response()
        if make is None:
            return HttpReply(HTTPStatus.NOT_FOUND, b"no such page\n", PLAIN).response()
        return (await asyncio.to_thread(make)).response()

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    return application


@contextmanager
def serving_pages(host: str, port: int, pages: Pages) -> Generator[str]:
    """Serve pages in a thread.

    Yields:
        The URL.

    Raises:
        ListenError: The address cannot be used.
    """
    with serving(HttpServer(page_application(pages), LIMITS), host, port) as url:
        yield url
