"""The SDK's OAuth flow, watched over: whom it may ask on a server's word, and what it means when it fails.

Knows that everything in the flow is named by a server that nobody trusts yet: addresses of other computers in the
kernel's network are not asked. A failure ends one request and not the connection. Belongs on the loop thread.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata
from pydantic import AnyUrl

from mcp_notebook.authorization.addresses import may_ask
from mcp_notebook.authorization.callback import Listener
from mcp_notebook.authorization.store import Store, default_file
from mcp_notebook.authorization.tokens import KeptTokens
from mcp_notebook.display import one_line
from mcp_notebook.errors import HostError, SignInFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from mcp_notebook.approval.callers import Caller
    from mcp_notebook.authorization.callback import Callback
    from mcp_notebook.authorization.sign_in import SignIn
    from mcp_notebook.config import HTTPServer, OAuthClient

__all__ = ["Authorization", "Unauthorized"]

# What fails here is said in one sentence. `MCPServer()` in a cell sets Python's logging up, and then the SDK would show
# the same as a traceback before it. Whoever sets a level for this logger gets that.
_logger = logging.getLogger("mcp.client.auth.oauth2")
if not _logger.level:
    _logger.setLevel(logging.CRITICAL)


class Unauthorized(Exception):
    """A request that stays refused.

    Attributes:
        response: the server's refusal.
        why: what kept us from signing in; None if the server offers no such thing.
    """

    def __init__(self, response: httpx2.Response, why: HostError | None) -> None:
        super().__init__(response, why)
        self.response = response
        self.why = why


class Authorization(httpx2.Auth):
    """Signs requests to one server in.

    Args:
        definition: of the server.
        sign_in: has the person sign in.
        hide: called with what is secret, before it is used.
    """

    def __init__(self, definition: HTTPServer, sign_in: SignIn, hide: Callable[[list[str]], None]) -> None:
        self._url = definition.url
        self._sign_in = sign_in
        self._client = definition.oauth
        self._tokens = KeptTokens(definition.url, Store(default_file()), _given(definition.oauth), hide)
        self._listener: Listener | None = None
        self._came_back: Callback | None = None
        self._given_up: tuple[Caller | None, HostError | None] | None = None
        metadata = OAuthClientMetadata(
            client_name="mcp-notebook", redirect_uris=[AnyUrl("http://127.0.0.1/callback")], scope=_scope(self._client)
        )
        self._provider = OAuthClientProvider(
            definition.url,
            metadata,
            self._tokens,
            redirect_handler=self._on_redirect,
            callback_handler=self._on_callback,
            client_metadata_url=self._client and self._client.metadata_url,
        )
        self._tokens.context = self._provider.context

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """See `httpx2.Auth`. Only what has to sign in waits for others that do: a call can be silent for long.

        Raises:
            Unauthorized: the server refuses the request, and signing in did not come about.
        """
        await self._tokens.refresh()
        refusal: httpx2.Response | None = None
        token = self._tokens.current
        if not self._tokens.has_to_be_renewed:
            if token is not None:
                request.headers["Authorization"] = f"Bearer {token}"
            response = yield request
            if not _wants_sign_in(response):
                return
            await response.aread()
            refusal = response
        flow = self._sign_in_flow(request, refusal, token)
        try:
            outgoing = await anext(flow)
            while True:
                outgoing = await flow.asend((yield outgoing))
        except StopAsyncIteration:
            return
        finally:
            await flow.aclose()

    async def _sign_in_flow(
        self, request: httpx2.Request, refusal: httpx2.Response | None, used: str | None
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Run the SDK's flow, which begins with the request: a refusal that came already is not asked for again.

        Args:
            request: what is to be signed in.
            refusal: its answer without signing in; None if it was not tried.
            used: the token that it had.
        """
        flow = self._provider.async_auth_flow(request)
        listener: Listener | None = None
        try:
            outgoing = await anext(flow)
            known = refusal if self._tokens.current == used else None  # else another request signed in meanwhile
            while True:
                if outgoing is not request:
                    self._check_may_ask(outgoing.url)
                response, known = (known or (yield outgoing)), None
                if outgoing is request and _wants_sign_in(response) and listener is None:
                    await response.aread()
                    refusal = response
                    self._check_not_given_up(response)
                    self._sign_in.check_possible()
                    listener = self._listen()
                outgoing = await flow.asend(response)
        except StopAsyncIteration:
            return
        except Unauthorized:
            raise
        except Exception as error:
            self._given_up = self._sign_in.caller, self._why(error)
            response = refusal or httpx2.Response(HTTPStatus.UNAUTHORIZED, request=request)
            raise Unauthorized(response, self._given_up[1]) from error
        finally:
            if listener is not None:
                listener.close()
            await flow.aclose()

    def _check_not_given_up(self, response: httpx2.Response) -> None:
        """Do not try again for the same cell: what connects speaks one era after the other."""
        if self._given_up is not None and self._given_up[0] is self._sign_in.caller:
            raise Unauthorized(response, self._given_up[1])

    def _listen(self) -> Listener:
        """Open the port that the browser comes back to: it has to be known before this notebook registers."""
        port = (self._client and self._client.callback_port) or self._tokens.port
        self._listener = Listener(port)
        self._provider.context.client_metadata.redirect_uris = [AnyUrl(self._listener.redirect_uri)]
        return self._listener

    async def _on_redirect(self, url: str) -> None:
        if self._listener is None:
            raise AssertionError("nobody was refused")
        self._came_back = await self._sign_in.sign_in(url, self._listener)

    async def _on_callback(self) -> AuthorizationCodeResult:
        came_back, self._came_back = self._came_back, None
        if came_back is None:
            raise AssertionError("the person was not asked")
        return AuthorizationCodeResult(code=came_back.code, state=came_back.state, iss=came_back.issuer)

    def _check_may_ask(self, url: httpx2.URL) -> None:
        if not may_ask(str(url), self._url):
            where = one_line(f"{url.scheme}://{url.host}", 200)
            raise SignInFailed(
                self._sign_in.server, f"the server sends us to {where}, which is no public https address"
            )

    def _why(self, error: Exception) -> HostError | None:
        context = self._provider.context
        if isinstance(error, HostError):
            return error
        if context.oauth_metadata is None and context.protected_resource_metadata is None:
            return None
        return SignInFailed(self._sign_in.server, one_line(str(error), 300))


def _wants_sign_in(response: httpx2.Response) -> bool:
    if response.status_code == HTTPStatus.FORBIDDEN:
        return "insufficient_scope" in response.headers.get("www-authenticate", "")
    return response.status_code == HTTPStatus.UNAUTHORIZED


def _given(client: OAuthClient | None) -> OAuthClientInformationFull | None:
    if client is None or not client.client_id:
        return None
    return OAuthClientInformationFull(
        client_id=client.client_id,
        client_secret=client.client_secret,
        issuer=client.issuer,
        token_endpoint_auth_method="client_secret_basic" if client.client_secret else "none",
    )


def _scope(client: OAuthClient | None) -> str | None:
    return " ".join(client.scopes) or None if client else None
