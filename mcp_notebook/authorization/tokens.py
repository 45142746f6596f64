"""Carries what is kept of a server into the SDK's flow, and out of it.

Knows what the SDK forgets from one kernel to the next: when a token ends, and where it is renewed. Belongs on the loop
thread; the file is read and written on others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from anyio.to_thread import run_sync
from mcp.shared.auth import OAuthClientInformationFull, OAuthMetadata, OAuthToken
from pydantic import BaseModel, ValidationError

from mcp_notebook.authorization.store import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.client.auth.oauth2 import OAuthContext

    from mcp_notebook.authorization.store import Store

__all__ = ["KeptTokens"]

M = TypeVar("M", bound=BaseModel)


class KeptTokens:
    """The SDK's storage of one server.

    Args:
        url: of the server.
        store: where it is kept.
        given: what the person's definition says that this notebook is; None if the authorization server is to say.
        hide: called with what is secret, before it is used.
    """

    def __init__(
        self, url: str, store: Store, given: OAuthClientInformationFull | None, hide: Callable[[list[str]], None]
    ) -> None:
        self._url = url
        self._store = store
        self._given = given
        self._hide = hide
        self._state: object = None
        self._kept = Kept()
        self.context: OAuthContext | None = None

    async def refresh(self) -> None:
        """Take what another kernel has kept meanwhile: it may have renewed the tokens, and then ours are void."""
        state = self._store.state
        if state == self._state or self.context is None:
            return
        kept = await run_sync(self._store.find, self._url) or Kept()
        if self.context.lock.statistics().locked:  # somebody is signing in right now
            return
        self._kept, self._state = kept, state
        self.context.current_tokens = await self.get_tokens()
        self.context.client_info = await self.get_client_info()
        self.context.token_expiry_time = self._kept.expires_at
        if self.context.oauth_metadata is None:
            self.context.oauth_metadata = _read(OAuthMetadata, self._kept.metadata)

    @property
    def current(self) -> str | None:
        """The access token; None if there is none."""
        tokens = self.context and self.context.current_tokens
        return tokens.access_token if tokens else None

    @property
    def has_to_be_renewed(self) -> bool:
        """Whether the token is over, and can be renewed without the person."""
        context = self.context
        return context is not None and not context.is_token_valid() and context.can_refresh_token()

    @property
    def port(self) -> int:
        """The port that the registration names for the browser to come back to; 0 if it names none."""
        client = _read(OAuthClientInformationFull, self._kept.client)
        uris = (client and client.redirect_uris) or []
        return next((uri.port for uri in uris if uri.host == "127.0.0.1" and uri.port), 0)

    async def get_tokens(self) -> OAuthToken | None:
        """See the SDK's `TokenStorage`."""
        tokens = _read(OAuthToken, self._kept.tokens)
        if tokens is not None:
            self._hide([tokens.access_token, tokens.refresh_token or ""])
        return tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """See the SDK's `TokenStorage`."""
        if self.context is None:
            raise AssertionError("tokens without a flow")
        self._hide([tokens.access_token, tokens.refresh_token or ""])
        metadata = self.context.oauth_metadata
        client = self.context.client_info
        issuer = None if metadata is None else str(metadata.issuer)
        await self._keep(
            Kept(
                issuer=issuer or (client and client.issuer),
                client=self._kept.client if client is None or self._given is not None else _write(client),
                tokens=_write(tokens),
                expires_at=self.context.token_expiry_time,
                metadata=None if metadata is None else _write(metadata),
            )
        )

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """See the SDK's `TokenStorage`."""
        return self._given or _read(OAuthClientInformationFull, self._kept.client)

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """See the SDK's `TokenStorage`."""
        if client_info.client_secret:
            self._hide([client_info.client_secret])
        known = self._kept if self._kept.issuer == client_info.issuer else Kept(client_info.issuer)
        await self._keep(replace(known, client=_write(client_info)))

    async def _keep(self, kept: Kept) -> None:
        self._kept = kept
        await run_sync(self._store.keep, self._url, kept)
        self._state = self._store.state


def _write(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True)


def _read(kind: type[M], value: dict[str, Any] | None) -> M | None:
    try:
        return None if value is None else kind.model_validate(value)
    except ValidationError:  # of another version, or changed by hand: as if it were not there
        return None
