"""What goes to a model beside texts is seen by the person: a question's card alone, in a page of its own."""

from __future__ import annotations

import base64
import io
import wave
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from mcp_types import AudioContent, CreateMessageRequestParams, ImageContent, SamplingMessage, TextContent
from playwright.sync_api import expect

from mcp_notebook.approval.question import Asker, Question
from mcp_notebook.approval.sampling_form import request_fields
from mcp_notebook.approval.sampling_request import read_request
from mcp_notebook.approval.widget import QuestionWidget, new_view

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOW = """async ([code, question]) => {
  const { default: widget } = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const state = { question, problems: {}, outcome: "" };
  const send = (said) => { if (said.event === "answer") window.sent = said; };
  widget.render({ model: { get: (name) => state[name], on() {}, off() {}, send }, el: document.body });
}"""


def picture() -> ImageContent:
    drawn = io.BytesIO()
    Figure(figsize=(1, 1), dpi=80).savefig(drawn, format="png")
    return ImageContent(data=base64.b64encode(drawn.getvalue()).decode(), mime_type="image/png")


def sound() -> AudioContent:
    recorded = io.BytesIO()
    with wave.open(recorded, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    return AudioContent(data=base64.b64encode(recorded.getvalue()).decode(), mime_type="audio/wav")


def first_look(*content: Any) -> Question:
    """The question that a request to a model becomes."""
    params = CreateMessageRequestParams(messages=[SamplingMessage(role="user", content=list(content))], max_tokens=1)
    fields = request_fields(read_request(params, for_person=False))
    return Question("sampling", Asker("poet"), "A request", "It goes to a model.", fields, accept_label="Send")


def test_the_person_sees_and_hears_what_goes_to_the_model_and_leaves_some_of_it_out(page: Page) -> None:
    question = first_look(TextContent(text="What is it?"), picture(), sound())
    page.evaluate(SHOW, [QuestionWidget._esm, new_view(question, print).question])
    expect(page.get_by_role("img", name="user: send the image")).to_have_js_property("naturalWidth", 80)
    page.wait_for_function("Math.abs(document.querySelector('audio').duration - 1) < 0.01")
    page.get_by_role("combobox", name="user: send the audio").select_option("no")
    page.get_by_role("button", name="Send").click()
    assert page.evaluate("window.sent.content") == {"0.0": "What is it?", "0.1": True, "0.2": False}
