"""Events of one session never reach another, and come again in order."""

import asyncio

from mcp.server.streamable_http import EventMessage
from mcp_types import JSONRPCNotification

from mcp_notebook_server.event_store import SessionEventStore, SessionKeys


def message(text: str) -> JSONRPCNotification:
    return JSONRPCNotification(jsonrpc="2.0", method=text)


async def replay(store: SessionEventStore, event_id: str) -> tuple[str | None, list[str]]:
    seen: list[str] = []

    async def take(event: EventMessage) -> None:
        assert isinstance(event.message, JSONRPCNotification)
        seen.append(event.message.method)

    return await store.replay_events_after(event_id, take), seen


def test_what_came_after_an_event_comes_again_in_order() -> None:
    async def story() -> None:
        store = SessionEventStore()
        SessionKeys(store).enter(None)
        first = await store.store_event("1", None)
        await store.store_event("1", message("a"))
        await store.store_event("2", message("of another stream"))
        last = await store.store_event("1", message("b"))
        assert await replay(store, first) == ("1", ["a", "b"])
        assert await replay(store, last) == ("1", [])

    asyncio.run(story())


def test_a_session_gets_nothing_of_another_that_counts_from_one_too() -> None:
    async def story() -> None:
        store = SessionEventStore()
        keys = SessionKeys(store)
        ours = keys.enter(None)
        keys.learn("ours", ours)
        event_of_ours = await store.store_event("1", None)
        await store.store_event("1", message("ours"))
        theirs = keys.enter(None)
        keys.learn("theirs", theirs)
        event_of_theirs = await store.store_event("1", None)
        await store.store_event("1", message("theirs"))

        keys.enter("ours")
        assert await replay(store, event_of_ours) == ("1", ["ours"])
        assert await replay(store, event_of_theirs) == (None, [])

    asyncio.run(story())


def test_what_is_no_event_id_brings_nothing() -> None:
    async def story() -> None:
        store = SessionEventStore()
        SessionKeys(store).enter(None)
        numbers = ("", "x", "-1", "²", "9" * 5000)
        name = (await store.store_event("1", message("a"))).partition(".")[0]
        for event_id in ("", ".", "1", "unknown.1", *(f"{name}.{number}" for number in numbers)):
            assert await replay(store, event_id) == (None, [])

    asyncio.run(story())


def test_memory_is_bounded_in_events_and_in_streams() -> None:
    async def story() -> None:
        store = SessionEventStore(events=3, streams=2)
        SessionKeys(store).enter(None)
        first = await store.store_event("1", None)
        for text in "abcd":
            await store.store_event("1", message(text))
        assert await replay(store, first) == ("1", ["b", "c", "d"])
        await store.store_event("2", message("x"))
        await store.store_event("3", message("y"))
        assert await replay(store, first) == (None, [])

    asyncio.run(story())


def test_a_forgotten_session_is_a_new_one() -> None:
    keys = SessionKeys(SessionEventStore(), limit=1)
    key = keys.enter(None)
    keys.learn("a", key)
    assert keys.enter("a") is key
    keys.forget("a")
    assert keys.enter("a") is not key


def test_memory_is_bounded_in_bytes_whatever_the_messages() -> None:
    async def story() -> None:
        store = SessionEventStore(size=1000)
        SessionKeys(store).enter(None)
        first = await store.store_event("1", message("a"))
        await store.store_event("2", message("x" * 500))
        await store.store_event("3", message("y" * 500))
        assert await replay(store, first) == (None, [])
        kept = await store.store_event("4", message("b"))
        huge = await store.store_event("5", message("z" * 1001))
        assert await replay(store, huge) == (None, [])
        assert await replay(store, kept) == (None, [])
        assert store._bytes == 0

    asyncio.run(story())


def test_what_is_kept_of_a_session_goes_with_it_and_no_other_session_s() -> None:
    async def story() -> None:
        store = SessionEventStore()
        keys = SessionKeys(store)
        events: dict[str, str] = {}
        for name in ("a", "b"):
            keys.learn(name, keys.enter(None))
            events[name] = await store.store_event("1", None)
            await store.store_event("1", message(name))
        keys.forget("a")
        keys.enter("b")
        assert await replay(store, events["b"]) == ("1", ["b"])
        assert len(store._streams) == len(store._by_name) == 1

    asyncio.run(story())
