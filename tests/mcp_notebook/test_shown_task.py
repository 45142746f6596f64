"""How a task of a server stands is said in one line."""

from __future__ import annotations

import pytest

from mcp_notebook.shown_task import ShownTask


@pytest.mark.parametrize(
    ("task", "text"),
    [
        (ShownTask("bake", "working"), "bake: the server works on it"),
        (ShownTask("bake", "working", "in the\noven"), "bake: the server works on it: in the oven"),
        (ShownTask("bake", "input_required"), "bake: the server waits for an answer"),
        (ShownTask("bake", "completed", "golden"), "bake: done, as a task of the server: golden"),
        (ShownTask("bake", "rising"), "bake: rising"),
    ],
)
def test_a_task_is_said_in_one_line(task: ShownTask, text: str) -> None:
    assert task.to_text() == text


def test_a_task_that_works_is_drawn_with_a_bar_that_moves() -> None:
    assert ShownTask("bake", "working", "<b>", 1.6).to_html() == (
        "<progress></progress> bake: the server works on it: &lt;b&gt; · 2 s"
    )
    assert ShownTask("bake", "completed").to_html() == "bake: done, as a task of the server · 0 s"


def test_a_task_that_nobody_waits_for_any_more_was_stopped_unless_it_had_ended() -> None:
    assert ShownTask("bake", "input_required", "salt?").stop().sentence.startswith("stopped; the server was told")
    assert ShownTask("bake", "failed").stop() == ShownTask("bake", "failed")
