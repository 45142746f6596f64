"""A person signs in to a server, in a kernel, in front of a real authorization server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from support.clicks import AskingCell
from support.kernelspecs import NEWEST
from support.notebook import notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook

GUARDED = Path(__file__).with_name("guarded_server.py")


class Guarded:
    """The server, and what happened there."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._lines = process.stdout
        self.url = self._lines.readline().strip()

    def next_word(self) -> str:
        return self._lines.readline().strip()


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    with subprocess.Popen([sys.executable, str(GUARDED)], stdout=subprocess.PIPE, text=True) as process:
        yield Guarded(process)
        process.kill()


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    with notebook_with_extension(NEWEST, tmp_path_factory.mktemp("kernel")) as notebook:
        yield notebook


def connect(notebook: Notebook, guarded: Guarded) -> AskingCell:
    return AskingCell(notebook.client, f"%mcp connect guarded {guarded.url}")


def sign_in(cell: AskingCell) -> None:
    """Allow the page, and open it as a browser does: that comes back to the kernel by itself."""
    comm, question = cell.next_question()
    cell.answer(comm, "accept")
    cell.next_question()
    page = httpx.get(question["link"]["url"], follow_redirects=True)
    assert "You are signed in" in page.text


def kept_file(notebook: Notebook) -> Path:
    [file] = Path(notebook.environment["HOME"]).rglob("authorization.json")
    return file


def test_a_person_signs_in_once_and_what_is_kept_is_theirs_alone(notebook: Notebook, guarded: Guarded) -> None:
    cell = connect(notebook, guarded)
    comm, question = cell.next_question()
    assert question["asker"] == "guarded"
    assert question["link"]["host"] in guarded.url
    cell.answer(comm, "accept")
    comm, waiting = cell.next_question()
    assert [field["name"] for field in waiting["fields"]] == ["address"]
    # Any page can send a browser to the port: what is not the end of this sign-in changes nothing.
    back = httpx.URL(question["link"]["url"]).params["redirect_uri"]
    assert httpx.get(f"{back}?code=stolen&state=guessed").status_code == 400
    assert httpx.get(f"{back}?error=access_denied&state=guessed").status_code == 400
    assert "You are signed in" in httpx.get(question["link"]["url"], follow_redirects=True).text
    assert cell.finish().reply["status"] == "ok"
    assert [guarded.next_word(), guarded.next_word()] == ["registered", "signed-in"]
    file = kept_file(notebook)
    assert file.stat().st_mode & 0o077 == 0
    tokens = json.loads(file.read_text())["servers"][guarded.url]["tokens"]
    assert notebook.run_well("x = %mcp call guarded.secret\nprint(x.text)").text == "42\n"
    [shown] = notebook.run_well("%mcp log guarded --raw").of_type("execute_result")
    log = shown["data"]["text/plain"]
    assert tokens["access_token"] not in log
    assert "authorization" in log.lower()
    # Another connection finds what is kept, and nobody is asked.
    assert connect(notebook, guarded).finish().reply["status"] == "ok"


def test_a_token_that_is_void_means_signing_in_anew_and_the_call_goes_on(notebook: Notebook, guarded: Guarded) -> None:
    notebook.run_well("%mcp call guarded.spoil")
    cell = AskingCell(notebook.client, "x = %mcp call guarded.secret\nprint(x.text)")
    sign_in(cell)
    assert cell.finish().text.splitlines()[-1] == "42"
    assert guarded.next_word() == "signed-in"


def test_a_token_whose_time_is_over_is_renewed_without_the_person(notebook: Notebook, guarded: Guarded) -> None:
    file = kept_file(notebook)
    kept = json.loads(file.read_text())
    kept["servers"][guarded.url]["expires_at"] = 1.0
    changed = file.with_name("changed")
    changed.write_text(json.dumps(kept))
    changed.chmod(0o600)
    changed.replace(file)  # as another kernel does
    assert notebook.run_well("x = %mcp call guarded.secret\nprint(x.text)").text == "42\n"
    assert guarded.next_word() == "renewed"


def test_the_address_of_the_last_page_can_be_pasted_from_another_computer(notebook: Notebook, guarded: Guarded) -> None:
    signed_out = notebook.run_well("%mcp signout guarded").text
    assert signed_out == "Signed out of guarded. The connection is closed: %mcp restart guarded\n"
    assert guarded.next_word() == "revoked"
    assert notebook.run_well("%mcp signout guarded").text.startswith("Nobody was signed in to guarded.")
    cell = AskingCell(notebook.client, "%mcp restart guarded")
    comm, question = cell.next_question()
    cell.answer(comm, "accept")
    comm, _ = cell.next_question()
    cell.answer(comm, "accept", {"address": httpx.get(question["link"]["url"]).headers["location"]})
    assert cell.finish().reply["status"] == "ok"
    assert [guarded.next_word(), guarded.next_word()] == ["registered", "signed-in"]


def test_an_address_of_another_sign_in_is_refused(notebook: Notebook, guarded: Guarded) -> None:
    notebook.run_well("%mcp signout guarded")
    assert guarded.next_word() == "revoked"
    cell = connect(notebook, guarded)
    comm, _ = cell.next_question()
    cell.answer(comm, "accept")
    comm, _ = cell.next_question()
    cell.answer(comm, "accept", {"address": "https://example.com/?code=x&state=another"})
    reply = cell.finish().reply
    assert reply["ename"] == "SignInFailed"
    assert reply["evalue"] == "guarded: you are not signed in: the address is not the end of this sign-in."


def test_a_no_is_asked_for_once(notebook: Notebook, guarded: Guarded) -> None:
    cell = connect(notebook, guarded)
    comm, _ = cell.next_question()
    cell.answer(comm, "decline")
    reply = cell.finish().reply
    assert reply["evalue"] == "guarded: you are not signed in: it was declined."


def test_where_nobody_is_there_it_fails_clearly(notebook: Notebook, guarded: Guarded) -> None:
    cell = AskingCell(notebook.client, f"%mcp connect guarded {guarded.url}", takes_input=False)
    assert cell.finish().reply["evalue"] == (
        "guarded: you are not signed in: it was declined (nobody is there to answer)."
    )
