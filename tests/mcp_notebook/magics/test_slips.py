"""Lines that are nearly right, and results that are not what was asked for: what a person sees, in a real kernel."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell
from support.kernelspecs import NEWEST
from support.notebook import Notebook, notebook_with_extension
from support.paths import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.cells import FinishedCell

WORKSHOP = CHECKOUT / "tests" / "mcp_notebook" / "workshop_server.py"

VARIABLES = '''
from mcp.server import MCPServer
import mcp_notebook
bench = MCPServer("bench")

@bench.tool()
def say(text: str) -> str:
    """Say it again."""
    return text

number, url, rows, word = 3, "http://127.0.0.1:9/mcp", [{"wood": "oak"}], "oak"
many = [{"wood": "oak"}, *[{"tree": "oak"}] * 3]
hole = float("nan")
'''


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One kernel, connected to the workshop and to a server of its own."""
    directory = tmp_path_factory.mktemp("kernel")
    with notebook_with_extension(NEWEST, directory) as notebook:
        notebook.run_well(f"%mcp connect shop -- {sys.executable} {WORKSHOP} stdio {directory}")
        notebook.run_well(VARIABLES)
        notebook.run_well("session = %mcp connect bench")
        yield notebook


def red_line(cell: FinishedCell) -> str:
    (error,) = cell.of_type("error")
    (line,) = error["traceback"]
    return re.sub(r"\x1b\[\d+m", "", line).removeprefix("MCP: ")


def shown(cell: FinishedCell) -> str:
    (result,) = cell.of_type("execute_result")
    return result["data"]["text/plain"]


# What each line says, without the usage that follows it.
SLIPS = {
    "%mcp call shop add a=1": "There is a dot between server and tool: shop.add.",
    "%mcp call shop": "'shop' is a server: say which tool of it, as in shop.TOOL; %mcp tools shop shows them.",
    "%mcp tool shop add": "There is a dot between server and tool: shop.add.",
    "%mcp call add(a=1, b='x y')": "Leave out the brackets: add a=1 b='x y'.",
    "%mcp call add()": "Leave out the brackets: add.",
    "%mcp add a=1": "'add' is a tool: %mcp call add.",
    "%mcp shop.add a=1": "'shop.add' is a tool: %mcp call shop.add.",
    "%mcp shop": "'shop' is a server: %mcp tools shop shows what it can do.",
    "%mcp list tools": "Leave out 'list'.",
    "%mcp call say text=New York": ("'York' is not name=value. If it belongs to 'text', use quotes: text='New York'."),
    "%mcp call say text= x": "'x' is not name=value. If it belongs to 'text', use quotes: text=x.",
    "%mcp call say text = hello": "'text' is not name=value. There is no space around =, as in text=hello.",
    "%mcp call say hello": "'hello' is not name=value: write text=hello; say takes text: string.",
    "%mcp call say 'two words'": "'two words' is not name=value: write text='two words'; say takes text: string.",
    "%mcp call say text: two words": "'text:' is not name=value: write text='two words'; say takes text: string.",
    '%mcp call say {"text": "hello"}': (
        "All arguments as one JSON object stand below the line, which then begins with %%mcp call say."
    ),
    "%mcp call shop.saw boards=[] unit=two words": (
        "'words' is not name=value. If it belongs to 'unit', use quotes: unit='two words'."
    ),
    "%mcp call shop.saw boards=[{'wood': 'oak', 'length': 2}] cuts=1": (
        "What follows boards= is no JSON: Expecting property name enclosed in double quotes: line 1 column 3 (char 2). "
        'Write boards=[{"wood": "oak", "length": 2}].'
    ),
    '%mcp call shop.saw boards=[{"wood": "oak" "length": 2}]': (
        "What follows boards= is no JSON: Expecting ',' delimiter: line 1 column 17 (char 16)."
    ),
    "%mcp call say text=hello;": (
        "Leave out the ; at the end: -o NAME keeps a result without showing it. If it belongs to the value, put that "
        "in quotes."
    ),
    "%mcp help add": "'add' is a tool: %mcp tool add says all about it.",
    "%mcp tools add": "'add' is a tool: %mcp tool add says all about it.",
    "%mcp call add a=1, b=2": (
        "There is no comma between arguments: a=1 b=2. If it belongs to the value, put that in quotes: a='1,'."
    ),
    "%mcp call add a=1 # one": "'#' begins no comment here: put it into a line of its own, or in quotes.",
    "%mcp tools #all": "'#all' begins no comment here: put it into a line of its own, or in quotes.",
    "%mcp call add --a 1": "Unrecognized arguments: --a 1; arguments have no dashes, as in name=value.",
    "%mcp tools --all": "Unrecognized arguments: --all.",
    "%mcp call add a=1 a=2": "'a' is given twice: say it once, and several values as a list, a=[1, 2].",
    '%%mcp call add a=1\n{"a": 2}': "'a' is given in the line and below it: say it once.",
    "%mcp call add a=1 -o print": (
        "'print' is a name of Python's own, which nothing could use any more: choose another."
    ),
    "%mcp call add a=1 -o class": "'class' cannot be the name of a variable.",
    "%mcp call add a=1 --df --raw": "Say either --df or --raw.",
    '%%mcp call say\n{"text": $word.upper}': (
        "$word.upper is no name of a variable: run value = word.upper in another cell and write $value; for the text "
        'itself write "$word.upper".'
    ),
    "%%mcp call say\ntext: $nowhere": "This notebook has no 'nowhere'; for the text itself write \"$nowhere\".",
    "%%mcp call say\n[1]": (
        'The lines below must be a JSON object or a YAML mapping of the tool\'s arguments, such as {"NAME": "VALUE"} '
        "or NAME: VALUE."
    ),
    "%%mcp tools\nx": "tools takes no lines below it, so it begins with one %.",
    "%mcp connect x python -m server": "A command comes after --: %mcp connect x -- python -m server.",
    "%mcp connect python -m server": (
        "Say a name first, and -- before the command: %mcp connect NAME -- python -m server."
    ),
    "%mcp connect x --": "There is no command after --.",
    "%mcp connect http://127.0.0.1:9/mcp": "Say a name first: %mcp connect NAME http://127.0.0.1:9/mcp.",
    "%mcp connect x ftp://127.0.0.1/": "'ftp://127.0.0.1/' is no URL: that begins with http:// or https://.",
    "%mcp connect x http://127.0.0.1:9/ -- python": "Say either a URL or -- and a command.",
    "%mcp connect x --sse -- python": "-H and --sse are for a URL; a command has neither.",
    "%mcp connect x http://127.0.0.1:9/ -H oops": 'A header looks like -H "Name: value".',
    "%mcp connect x localhost:9/mcp": ("A URL begins with http:// or https://: %mcp connect x http://localhost:9/mcp."),
    "%mcp connect x http://127.0.0.1:9/ -H Authorization: Bearer t --sse": (
        'A header stands in quotes: -H "Authorization: Bearer t".'
    ),
    "%mcp connect my server -- python": "A name is one word: %mcp connect my_server -- python.",
    "%mcp connect x -- python {word}": "Nothing is filled in for {word}: write $word, or '{word}' for the text itself.",
    "%mcp connect x -- python $word.upper": (
        "$word.upper is no name of a variable: run value = word.upper in another cell and write $value."
    ),
    "%mcp connect x -- python $rows": "$rows is of type list, and a command takes texts, numbers and paths.",
    "%mcp connect x -- python $nowhere/x": (
        "Neither this notebook nor the environment has 'nowhere', so $nowhere/x stands for nothing; for the text "
        "itself write '$nowhere/x'."
    ),
    "%mcp disconnect": "Say which, or --all.",
    "%mcp hide --undo": "Say which: nothing is hidden.",
    "%mcp connect number": ("'number' is of type int, no server of the MCP SDK: say a URL, or -- and a command."),
    "%mcp connect url": "'url' is a text: say a name and where the URL is, %mcp connect NAME $url.",
    "%mcp connect session": "'session' is the session bench already: to connect anew, %mcp restart bench.",
    "%mcp connect x $number": "$number is of type int, neither a URL nor a server object.",
    "%mcp connect x $nowhere": "This notebook has no 'nowhere', so $nowhere stands for nothing.",
}

# What these say is all.
ERRORS = {
    "%mcp connect x $url": (
        "x: nothing answers at http://127.0.0.1:9/mcp (connection refused). Is the server running, and the "
        "address right?"
    ),
    "%mcp call say text=$rows[0]['wood']": (
        "say: argument 'text' is $rows[0]['wood'], but $ takes the name of a variable alone. Run value = "
        "rows[0]['wood'] and write text=$value; for the text itself write text=\"$rows[0]['wood']\"."
    ),
    "%mcp call shop.saw boards=oak,ash": (
        "saw: argument 'boards' is 'oak,ash', but must be array of {wood: string, length?: number}. Write "
        'boards=[{"wood": "TEXT"}]. saw takes boards: array of {wood: string, length?: number}, cuts?: '
    ),
    '%mcp call shop.saw boards={"wood": "oak"}': (
        "saw: argument 'boards' is '{\"wood\": \"oak\"}', but must be array of {wood: string, length?: number}. Write "
        'boards=[{"wood": "oak"}]. '
    ),
    '%%mcp call shop.saw\n{"boards": {"wood": "oak"}}': (
        'saw: argument \'boards\' is {"wood": "oak"}, but must be array of {wood: string, length?: number}. Write '
        'boards=[{"wood": "oak"}]. '
    ),
    "%mcp call shop.saw boards=$many": ("saw: argument 'boards' is wrong at [1]: 'wood' is a required property. "),
    "%mcp call say text={word}": (
        "say: argument 'text' is {word}, and nothing is filled in for braces. Write text=$word for the object of that "
        "name, text='{word}' for the text. "
    ),
    "%mcp call nobody.add a=1": "There is no server 'nobody'. Connected: shop, bench.",
    "%mcp call shop.xyz": "shop has no tool 'xyz'. There are: add, saw, wait, ",
    "%mcp hide --undo draft": (
        "'draft' is not among what is hidden: nothing is hidden. Usage: %mcp hide [PATTERN...] [--undo]"
    ),
    "%mcp call shop.saw boards='$rows'": (
        "saw: argument 'boards' is '$rows', but must be array of {wood: string, length?: number}. Write "
        "boards=$rows without quotes for the object of that name. "
    ),
    '%%mcp call shop.saw\n{"boards": "$rows"}': (
        "saw: argument 'boards' is \"$rows\", but must be array of {wood: string, length?: number}. Write "
        "boards=$rows without quotes for the object of that name. "
    ),
    "%mcp call shop.saw boards:=$rows": (
        "saw: argument 'boards' is given with := and so must be JSON, but '$rows' is not (Expecting value: line 1 "
        "column 1 (char 0)). Write boards=$rows. "
    ),
    "%mcp call shop.saw boards=[] ratio=$hole": (
        "saw: argument 'ratio' cannot be sent: it has nan, for which JSON has no word; replace it, for example by None."
    ),
    "%mcp call shop.saw boards=[] ratio:=NaN": (
        "saw: argument 'ratio' cannot be sent: it has nan, for which JSON has no word; replace it, for example by None."
    ),
    "%mcp call shop.saw boards=[] glue=yes": (
        "saw: argument 'glue' is 'yes', but must be boolean. Write glue=true or glue=false. "
    ),
    "%mcp tools -s bench": (
        "No tool has 'bench' in its name or description. For the tools of the server bench: %mcp tools bench"
    ),
}


def test_a_slip_says_the_right_line(notebook: Notebook) -> None:
    said = {line: red_line(notebook.run(line)).partition(" Usage: %mcp")[0] for line in SLIPS}
    assert said == SLIPS


def test_a_wrong_argument_says_what_to_write(notebook: Notebook) -> None:
    said = {line: red_line(notebook.run(line)) for line in ERRORS}
    assert {line: text[: len(ERRORS[line])] for line, text in said.items()} == ERRORS


@pytest.mark.parametrize("line", ["%mcp status", "%mcp list", "%mcp servers", "%mcp ls"])
def test_other_words_for_the_status_are_understood(notebook: Notebook, line: str) -> None:
    assert shown(notebook.run_well(line)) == shown(notebook.run_well("%mcp"))


def test_help_is_where_people_look_for_it(notebook: Notebook) -> None:
    page = shown(notebook.run_well("%mcp help call"))
    assert "rows=$df         the object itself" in page
    assert "n:=[1, 2]        JSON, whatever the schema says" in page
    for line in ("%mcp call --help", "%mcp call -h", "%mcp call add a=1 --help"):
        assert shown(notebook.run_well(line)) == page
    assert shown(notebook.run_well("%mcp --help")) == shown(notebook.run_well("%mcp help"))
    assert "legacy: the protocol until 2025-11-25" in shown(notebook.run_well("%mcp help connect"))
    assert "A B     how B differs from A" in shown(notebook.run_well("%mcp help log"))


def test_a_result_that_is_no_table_is_kept_and_shown(notebook: Notebook) -> None:
    cell = notebook.run_well("%mcp call say text=hello --df")
    sentence = "MCP: This result is no table: it has structure. See .text, .structured and .content."
    assert cell.text == f"{sentence} It is shown as it came.\n"
    assert shown(cell) == "hello"
    assert notebook.run_well("print(_.text)").text == "hello\n"
    assert notebook.run_well("%mcp call say text=hello --df -o kept").text == f"{sentence} kept has it as it came.\n"
    cell = notebook.run_well("x = %mcp call say text=hello --df\nprint(kept.text, x.text)")
    assert sorted(cell.text.splitlines()) == [f"{sentence} It is kept as it came.", "hello hello"]


def test_a_flat_object_is_one_row(notebook: Notebook) -> None:
    cell = notebook.run_well("frame = %mcp call shop.saw boards=[] label=oak --df -o same\nprint(type(frame).__name__)")
    assert cell.text.startswith("Result\n")  # boards is a list: not flat
    notebook.run_well("%mcp connect time -- python -m mcp_server_time")
    frame = notebook.run_well("frame = %mcp call get_current_time timezone=UTC --df\nprint(frame.shape)")
    assert frame.text == "(1, 4)\n"
    notebook.run_well("%mcp disconnect time")


def test_both_ways_of_keeping_go_together(notebook: Notebook) -> None:
    assert notebook.run_well("x = %mcp call add a=1 -o y\nprint(x is y, x.text)").text == "True 1\n"
    assert notebook.run_well("%mcp call add a=1 -o y").of_type("execute_result") == []


def test_dollar_is_an_object_outside_quotes_and_a_text_inside(notebook: Notebook) -> None:
    said = {
        "%mcp call say text=$word": "oak",
        "%mcp call say text='$word'": "$word",
        '%mcp call say text="$word is $5"': "$word is $5",
        "%mcp call say 'text=$word'": "$word",
        "%mcp call say text=$5": "$5",
        '%%mcp call say\n{"text": $word}': "oak",
        '%%mcp call say\n{"text": "$word"}': "$word",
        "%%mcp call say\ntext: $word": "oak",
        "%%mcp call say\ntext: '$word'": "$word",
    }
    assert {line: shown(notebook.run_well(line)) for line in said} == said
    boards = notebook.run_well('%%mcp call shop.saw -o sawn\n{"boards": $rows, "cuts": 2}')
    assert boards.text == ""
    assert notebook.run_well("print(sawn.structured['boards'][0]['wood'])").text == "oak\n"


def test_dollar_sees_the_variables_of_a_function(notebook: Notebook) -> None:
    cell = notebook.run_well(
        "def speak(inner):\n    said = %mcp call say text=$inner\n    return said.text\n"
        "print(speak('from inside'), speak('again'))"
    )
    assert cell.text == "from inside again\n"
    line = "get_ipython().run_line_magic('mcp', 'call say text=$inner -o said')"
    assert notebook.run_well(f"def f(inner):\n    {line}\nf('x')\nprint(said.text)").text == "x\n"


def test_a_server_object_is_connected_under_another_name(notebook: Notebook) -> None:
    assert shown(notebook.run_well("%mcp connect again $bench")) == "<Session again: open, modern, 1 tool>"
    notebook.run_well("%mcp disconnect again")


def test_empty_lists_and_lost_servers_are_said(notebook: Notebook) -> None:
    assert notebook.run_well("%mcp prompts bench").text == "bench has no prompts.\n"
    assert notebook.run_well("%mcp resources").text == "No server that is connected has any resources.\n"
    notebook.run_well("gone = mcp_notebook.connect('gone', 'python -m mcp_server_time')\ngone.close()")
    said = "gone is closed: %mcp restart gone"
    assert notebook.run_well("%mcp tools").text == f"{said}\n"
    assert notebook.run_well("%mcp prompts").text == f"{said}\nNo server that is connected has any prompts.\n"
    assert red_line(notebook.run("%mcp call get_time")).endswith(f" ({said})")
    assert red_line(notebook.run("%mcp prompt review")).endswith(f" ({said})")
    assert red_line(notebook.run("%mcp read notes://x")).endswith(f" ({said})")
    assert red_line(notebook.run("%mcp disconnect gne")) == (
        f"There is no server 'gne'. Connected: shop, bench. ({said}) Did you mean 'gone'?"
    )
    notebook.run_well("%mcp restart gone")
    assert "This session of gone was replaced when gone was connected again" in red_line(
        notebook.run("gone.call('get_current_time', timezone='UTC')")
    )
    notebook.run_well("%mcp disconnect gone")


def test_a_server_that_starts_slowly_is_said_to_be_waited_for(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run_well("import mcp_notebook.opening as s; usual = s.SLOW_SECONDS; s.SLOW_SECONDS = 0.1")
    script = tmp_path / "slow.py"
    script.write_text(
        "import pathlib, sys, time\nprint('Downloading numpy', file=sys.stderr, flush=True)\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)\n"
        "import mcp_server_time; mcp_server_time.main()\n"
    )
    connecting = notebook.client.execute(f"%mcp connect slow -- python {script}", allow_stdin=True)
    texts: list[str] = []
    while "slow: waiting for the server: Downloading numpy" not in texts:
        message = notebook.client.get_iopub_msg(timeout=20)
        texts += [message["content"]["data"]["text/plain"]] if "data" in message["content"] else []
    (tmp_path / "go").touch()
    cell = finish_cell(notebook.client, connecting)
    assert cell.of_type("update_display_data")[-1]["data"]["text/plain"] == "slow: connected"
    assert cell.text == ""
    notebook.run_well("%mcp disconnect slow")
    alone = notebook.run_well(f"s.SLOW_SECONDS = 0.01\n%mcp connect slow -- python {script}\ns.SLOW_SECONDS = usual")
    assert alone.of_type("display_data") == []  # nobody looks: what a run gives does not depend on the machine's speed
    notebook.run_well("%mcp disconnect slow")


def test_a_command_has_a_home_variables_and_the_environment(notebook: Notebook) -> None:
    notebook.run_well("import os, sys; os.environ['MCP_TEST_KIND'] = 'stdio'; folder, program = 'x', sys.executable")
    line = f"%mcp connect odd -- $program {WORKSHOP} $MCP_TEST_KIND $folder"
    assert shown(notebook.run_well(f"odd = {line}\nodd")).startswith("<Session odd: open")
    # `%mcp` cuts a long path: asked of the session, which does not.
    shown_line = f"{shlex.quote(str(WORKSHOP))} '${{MCP_TEST_KIND}}' x\n"  # quoted, where the checkout's path wants it
    assert notebook.run_well("print(odd.definition.shown)").text.endswith(shown_line)
    tilde = red_line(notebook.run("%mcp connect y -- ~/no/such/program"))
    assert str(notebook.environment["HOME"]) in tilde
    assert "'~/no/such/program'" in red_line(notebook.run("%mcp connect y -- '~/no/such/program'"))


def test_several_connections_are_closed_in_one_line(notebook: Notebook) -> None:
    notebook.run_well("%mcp connect first $bench\n%mcp connect second $bench")
    assert red_line(notebook.run("%mcp disconnect first nobody")).startswith("There is no server 'nobody'.")
    assert notebook.run_well("%mcp disconnect first second").text == "Disconnected from first, second.\n"


def test_hidden_names_can_be_shown_again(notebook: Notebook) -> None:
    notebook.run_well("%mcp hide draft 'secret_*'")
    assert shown(notebook.run_well("%mcp hide --undo draft")).split("\n") == ["hidden from every host", "secret_*"]
    assert notebook.run_well("%mcp hide 'secret_*' --undo").text.startswith("No names are hidden.")


def test_a_quote_inside_double_quotes_has_a_backslash(notebook: Notebook) -> None:
    assert shown(notebook.run_well(r'%mcp call say text="she said \"hi\" to me"')) == 'she said "hi" to me'
    assert shown(notebook.run_well('%mcp call say text="C:\\temp\\"')) == "C:\\temp\\"


def test_nothing_connected_is_said_by_every_list(tmp_path: Path) -> None:
    with notebook_with_extension(NEWEST, tmp_path) as notebook:
        lines = ["%mcp", "%mcp tools", "%mcp resources", "%mcp templates", "%mcp prompts", "%mcp tools -s x"]
        said = "Nothing is connected. Begin with: %mcp connect NAME -- COMMAND ARGS...\n"
        assert {line: notebook.run_well(line).text for line in lines} == dict.fromkeys(lines, said)
