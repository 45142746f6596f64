"""Host tokens on the page: made, renewed and ended, by the same rules as on the command line.

Knows the JSON that the page sends. Refuses to know the rules (`access.tokens`, `access.profiles`).

    POST   mcp-notebook/api/tokens                 makes one; "secret" is in this answer, and nowhere else ever again
    POST   mcp-notebook/api/tokens/<name>/renew    gives it its lifetime again
    DELETE mcp-notebook/api/tokens/<name>          ends it, and all that its hosts have open
"""

# tornado types its decorators without arguments:
# pyright: reportUntypedFunctionDecorator=false

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from pydantic import BaseModel, ConfigDict, ValidationError
from tornado.web import HTTPError, authenticated

from mcp_notebook_server.access.profiles import revoke_token, write_credential
from mcp_notebook_server.access.tokens import Scope, parse_lifetime
from mcp_notebook_server.dashboard.person import PersonsAPIHandler, tell_mistakes
from mcp_notebook_server.places import profile_file

__all__ = ["RenewalHandler", "TokenHandler", "TokensHandler"]


class _Wanted(BaseModel):
    """A token as the person asks for it; the fields are the options of `mcp-notebook token create`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    scopes: list[Scope] = []
    kernels: list[str] = []
    notebooks: list[str] = []
    expires: str = "30d"
    trusts_host_consent: bool = False
    profile: bool = False


class TokensHandler(PersonsAPIHandler):
    """All tokens."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Make one."""
        try:
            wanted = _Wanted.model_validate(self.get_json_body())
        except ValidationError as error:
            said = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
            raise HTTPError(400, "; ".join(said)) from None
        with tell_mistakes():
            token, secret = self.overview.tokens.create(
                wanted.name,
                scopes=wanted.scopes,
                kernels=wanted.kernels,
                notebooks=wanted.notebooks,
                lifetime=parse_lifetime(wanted.expires),
                trusts_host_consent=wanted.trusts_host_consent,
            )
        if wanted.profile:
            write_credential(profile_file(token.name), secret)
        self.overview.changes.tell()
        await self.answer_with_state(secret=None if wanted.profile else secret)


class RenewalHandler(PersonsAPIHandler):
    """The lifetime of one token."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Begin it anew."""
        with tell_mistakes():
            self.overview.tokens.renew(name)
        self.overview.changes.tell()
        await self.answer_with_state()


class TokenHandler(PersonsAPIHandler):
    """One token."""

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """End it."""
        with tell_mistakes():
            revoke_token(self.overview.tokens, name)
        self.overview.changes.tell()
        await self.answer_with_state()
