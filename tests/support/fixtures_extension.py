"""A Jupyter extension for tests: the conformance suite's fixtures on the product's own server, at its own /mcp.

The official suite wants tools, resources and prompts of certain names: those of tests/conformance/fixtures.ipynb. They
stand beside the product's here: what a host asks for by one of their names is answered by them, and lists show both.
All else is the product's: door, tokens, limits, transport, sessions, event store, audit, the seal of a call's state.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp.server.lowlevel import Server

    Handler = Callable[[Any, Any], Awaitable[Any]]

NOTEBOOK = Path(__file__).parents[1] / "conformance" / "fixtures.ipynb"

LISTS = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resource_templates",
    "prompts/list": "prompts",
}
"""Methods whose answers show both, and where in the answer."""

OURS: dict[str, Callable[[Any], bool]] = {
    "tools/call": lambda params: params.name.startswith(("test_", "json_schema_")),
    "prompts/get": lambda params: params.name.startswith("test_"),
    "resources/read": lambda params: str(params.uri).startswith("test://"),
    "resources/subscribe": lambda params: str(params.uri).startswith("test://"),
    "resources/unsubscribe": lambda params: str(params.uri).startswith("test://"),
    "completion/complete": lambda params: "test" in (getattr(params.ref, "name", None) or params.ref.uri),
    # The product's lists never change, so it has nothing to say about them.
    "subscriptions/listen": lambda params: bool(
        params.notifications.tools_list_changed or params.notifications.prompts_list_changed
    ),
}
"""Which requests are answered by a fixture."""


def run_notebook() -> Server[Any]:
    """Run the cells with the fixtures here, without the magics around them, and return their server."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    lines = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code").splitlines()
    code = "\n".join("" if line.startswith("%") else line for line in lines)
    # One namespace, and no `__future__` of this module, so that it is as in a notebook.
    names: dict[str, Any] = {"__name__": "fixtures"}
    exec(compile(code, NOTEBOOK.name, "exec", dont_inherit=True), names)  # noqa: S102  our own notebook
    return names["lowlevel"]


def add_fixtures(product: Server[Any], fixtures: Server[Any]) -> None:
    """Have the product's server answer for the fixtures, too."""
    for method, fixture in fixtures._request_handlers.items():
        own = product._request_handlers.get(method)
        if own is None:
            product.add_request_handler(method, fixture.params_type, fixture.handler)
        elif method in LISTS:
            both = show_both(own.handler, fixture.handler, LISTS[method])
            product.add_request_handler(method, own.params_type, both)
        elif method in OURS:
            either = choose(own.handler, fixture.handler, OURS[method])
            product.add_request_handler(method, own.params_type, either)
    find_own, find_fixture = product.get_tool_input_schema, fixtures.get_tool_input_schema
    assert find_own is not None
    assert find_fixture is not None
    product.get_tool_input_schema = lambda name: find_own(name) or find_fixture(name)


def show_both(own: Handler, fixture: Handler, name: str) -> Handler:
    async def answer(request: Any, params: Any) -> Any:
        result = await own(request, params)
        if params is not None and params.cursor:
            return result
        more = await fixture(request, params)
        return result.model_copy(update={name: [*getattr(result, name), *getattr(more, name)]})

    return answer


def choose(own: Handler, fixture: Handler, is_ours: Callable[[Any], bool]) -> Handler:
    async def answer(request: Any, params: Any) -> Any:
        return await (fixture if is_ours(params) else own)(request, params)

    return answer


class FixturesApp(ExtensionApp):
    """Adds the fixtures once the product has built its server."""

    name = "fixtures_extension"

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        [product] = serverapp.extension_manager.extension_apps["mcp_notebook_server"]
        add_fixtures(product.server.sdk, run_notebook())


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "support.fixtures_extension", "app": FixturesApp}]
