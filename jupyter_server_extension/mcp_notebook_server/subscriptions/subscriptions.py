"""Who follows what, in both eras of the protocol: `resources/subscribe` in a session, and `subscriptions/listen`.

Knows the SDK's way of telling a host. Refuses to know how a change is noticed (`sources`, `cells`). A host hears only
of what it may see, asked anew before each notification, and of nothing more once its token, session or stream ends.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated

from mcp_notebook_server.errors import InvalidAddress, ServerError
from mcp_notebook_server.subscriptions.cells import FollowedCells
from mcp_notebook_server.subscriptions.errors import NotFollowed, TooManySubscriptions
from mcp_notebook_server.subscriptions.following import Follower, Hearing
from mcp_notebook_server.subscriptions.live import LiveNotebooks
from mcp_notebook_server.subscriptions.sources import Sources
from mcp_notebook_server.subscriptions.topics import FOLLOWED, Topic, find_topic
from mcp_notebook_server.tools.notebooks import find_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from jupyter_events import EventLogger
    from mcp.server.context import ServerRequestContext
    from mcp_types import SubscriptionsListenRequestParams, SubscriptionsListenResult

    from mcp_notebook_server.access.tokens import HostToken
    from mcp_notebook_server.notebooks import Notebooks
    from mcp_notebook_server.tools.tool import Context

__all__ = ["Subscriptions"]

_MOST = 500
"""Addresses that one token follows at a time."""


class Subscriptions:
    """All of them; belongs to the Jupyter server's event loop.

    Args:
        kernel_manager: Jupyter's.
        events: Jupyter's.
        notebooks: the documents of notebooks.
        find_fault: says why a token no longer counts; None while it does.
    """

    def __init__(
        self,
        kernel_manager: Any,
        events: EventLogger,
        notebooks: Notebooks,
        find_fault: Callable[[HostToken], str | None],
    ) -> None:
        self._sources = Sources(kernel_manager, events, self.tell, self.hear_of_path, self._share)
        self._live = LiveNotebooks(notebooks.find_shared, self.tell, self.hear_of_notebook)
        self._notebooks = notebooks
        self._find_fault = find_fault
        self._by_topic: defaultdict[Topic, set[Follower]] = defaultdict(set)
        self._by_session: defaultdict[str, dict[str, Follower]] = defaultdict(dict)
        self._cells: dict[str, FollowedCells] = {}
        self._counts: Counter[str] = Counter()
        self._streams: set[ListenHandler] = set()

    def tell(self, topic: Topic) -> None:
        """Let those hear who follow a topic that has changed."""
        for follower in self._by_topic.get(topic, ()):
            follower.changes.tell()

    def hear_of_notebook(self, path: str) -> None:
        """Tell that a notebook has changed, and find which cells of it did."""
        self.tell(Topic(notebook=path))
        if path in self._cells:
            self._cells[path].changes.tell()

    def hear_of_path(self, path: str) -> None:
        """Tell that a file has changed, or a directory has gone with all that is in it."""
        for notebook in {topic.notebook for topic in self._by_topic}:
            if notebook == path or notebook.startswith(f"{path}/"):
                self.hear_of_notebook(notebook)

    async def subscribe(
        self, context: Context, session_id: str, uri: str, tell: Callable[[str], Awaitable[None]]
    ) -> None:
        """Tell a host of the legacy era of changes at an address, until it unsubscribes or its session ends.

        Raises:
            ServerError: if it cannot be followed, or not by this host.
        """
        if uri in self._by_session.get(session_id, {}):
            return
        follower = await self._follow(context, uri, tell)
        if uri in self._by_session[session_id]:  # asked twice at once
            follower.stop()
        else:
            self._by_session[session_id][uri] = follower

    def unsubscribe(self, session_id: str, uri: str) -> None:
        """Tell a session no more of changes at an address; nothing if it does not follow it."""
        follower = self._by_session.get(session_id, {}).pop(uri, None)
        if follower is not None:
            follower.stop()

    def forget_session(self, session_id: str) -> None:
        """Tell a session nothing any more, since it has ended."""
        for follower in self._by_session.pop(session_id, {}).values():
            follower.stop()

    async def listen(
        self, context: Context, request: ServerRequestContext[Any], params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """Serve a stream of the modern era; what its host may not follow is left out of what is acknowledged."""
        bus = InMemorySubscriptionBus()
        stream = ListenHandler(bus)
        followers: dict[str, Follower] = {}

        async def tell(uri: str) -> None:
            await bus.publish(ResourceUpdated(uri))

        self._streams.add(stream)
        try:
            for uri in dict.fromkeys(params.notifications.resource_subscriptions or ()):
                try:
                    followers[uri] = await self._follow(context, uri, tell)
                except ServerError:
                    continue
            honoured = params.notifications.model_copy(update={"resource_subscriptions": list(followers)})
            return await stream(request, params.model_copy(update={"notifications": honoured}))
        finally:
            self._streams.discard(stream)
            for follower in followers.values():
                follower.stop()

    def close(self) -> None:
        """Say goodbye to those who listen, and listen no longer."""
        for stream in self._streams:
            stream.close()
        for session_id in list(self._by_session):
            self.forget_session(session_id)
        for cells in self._cells.values():
            cells.stop()
        self._live.close()
        self._sources.close()

    async def _follow(self, context: Context, uri: str, tell: Callable[[str], Awaitable[None]]) -> Follower:
        topic = await self._find_topic(context, uri)
        digest = context.token.digest
        if self._counts[digest] >= _MOST:
            raise TooManySubscriptions(_MOST)
        follower = Follower(topic, uri, context, tell, self._decide, self._forget)
        self._counts[digest] += 1
        self._by_topic[topic].add(follower)
        await follower.start()
        return follower

    async def _find_topic(self, context: Context, uri: str) -> Topic:
        """Return what a host means, and begin to listen to it.

        Raises:
            ServerError: if it cannot be followed, or not by this host.
        """
        topic = find_topic(uri)
        if topic is None:
            raise NotFollowed(uri, [str(template) for template in FOLLOWED])
        if topic.kernel:
            kernel_id = await context.kernels.get_id(topic.kernel, context.token)
            self._sources.listen_to_kernel(kernel_id)
            return Topic(kernel=kernel_id)
        await find_path(context, topic.notebook)
        self._sources.listen_to_notebooks()
        await self._live.watch(topic.notebook)
        if topic.cell:
            await self._find_cell(context, uri, topic)
        return topic

    async def _find_cell(self, context: Context, uri: str, topic: Topic) -> None:
        cells = await context.read_notebook(topic.notebook, context)
        if topic.cell not in [cell.get("id") for cell in cells]:
            raise InvalidAddress(uri, f"the notebook has no cell {topic.cell!r}")
        if topic.notebook not in self._cells:
            self._cells[topic.notebook] = FollowedCells(topic.notebook, self._read_cells, self.tell)
        await self._cells[topic.notebook].add(topic.cell, cells)

    async def _share(self, path: str) -> None:
        """Watch a notebook that somebody has just begun to share, if anybody follows it."""
        if any(topic.notebook == path for topic in self._by_topic) and await self._live.watch(path):
            self.hear_of_notebook(path)

    async def _read_cells(self, path: str) -> Sequence[Mapping[str, Any]]:
        return (await self._notebooks.get(path).read()).cells

    async def _decide(self, follower: Follower) -> Hearing:
        context, topic = follower.context, follower.topic
        if self._find_fault(context.token) is not None:
            return "never"
        if topic.notebook:
            return "now" if await _finds(find_path(context, topic.notebook)) else "not now"
        if not context.kernels.is_running(topic.kernel):
            return "last"
        return "now" if await _finds(context.kernels.get_id(topic.kernel, context.token)) else "not now"

    def _forget(self, follower: Follower) -> None:
        topic = follower.topic
        self._by_topic[topic].discard(follower)
        self._counts[follower.context.token.digest] -= 1
        if self._by_topic[topic]:
            return
        del self._by_topic[topic]
        others = [each for each in self._by_topic if each.notebook == topic.notebook]
        if not others:
            self._live.leave(topic.notebook)
        if topic.notebook in self._cells and not any(each.cell for each in others):
            self._cells.pop(topic.notebook).stop()


async def _finds(search: Awaitable[str]) -> bool:
    """Whether a host finds what it looks for: what it may not see is not there."""
    try:
        await search
    except ServerError:
        return False
    return True
