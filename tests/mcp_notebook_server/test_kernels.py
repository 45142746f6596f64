"""Which kernel a host means."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mcp_notebook_server.errors import AmbiguousKernel, UnknownKernel
from mcp_notebook_server.kernels import RunningKernel, choose_kernel


def kernel(kernel_id: str, notebook: str | None = None) -> RunningKernel:
    return RunningKernel(kernel_id, "python3", "python", notebook, "idle", datetime.now(UTC))


KERNELS = [kernel("abc-1", "work/a.ipynb"), kernel("abc-2"), kernel("def-3", "b.ipynb")]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("abc-2", "abc-2"),
        ("d", "def-3"),
        ("abc-1", "abc-1"),
        ("work/a.ipynb", "abc-1"),
        ("/work/a.ipynb", "abc-1"),
        (" b.ipynb ", "def-3"),
    ],
)
def test_an_id_its_beginning_or_a_notebook_names_a_kernel(said: str, meant: str) -> None:
    assert choose_kernel(said, KERNELS).id == meant


@pytest.mark.parametrize("said", ["", "/", "x", "a.ipynb", "work/", "ABC-1", ".."])
def test_what_names_none_is_answered_with_those_there_are(said: str) -> None:
    with pytest.raises(UnknownKernel, match=r"Running: abc-1 \(work/a.ipynb\), abc-2, def-3 \(b.ipynb\)"):
        choose_kernel(said, KERNELS)


@pytest.mark.parametrize("said", ["/home/me/x.ipynb", "home/me/x.ipynb", "e"])
def test_one_that_was_started_elsewhere_goes_by_its_file_too(said: str) -> None:
    elsewhere = replace(kernel("ee-4"), external="/home/me/x.ipynb")
    assert choose_kernel(said, [*KERNELS, elsewhere]) is elsewhere
    with pytest.raises(UnknownKernel, match=r"ee-4 \(/home/me/x.ipynb\)"):
        choose_kernel("x.ipynb", [*KERNELS, elsewhere])


def test_what_a_kernel_says_of_itself_takes_no_notebooks_place() -> None:
    with pytest.raises(AmbiguousKernel, match="abc-1, ee-4"):
        choose_kernel("work/a.ipynb", [*KERNELS, replace(kernel("ee-4"), external="work/a.ipynb")])


def test_a_beginning_that_fits_two_is_answered_with_both() -> None:
    with pytest.raises(AmbiguousKernel, match="abc-1, abc-2"):
        choose_kernel("abc", KERNELS)


def test_where_none_runs_the_answer_says_what_to_open() -> None:
    with pytest.raises(UnknownKernel, match="Open a notebook"):
        choose_kernel("abc", [])
