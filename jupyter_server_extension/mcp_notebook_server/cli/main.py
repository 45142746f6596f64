"""The words of the command line, and which function each leads to.

Knows arguments, exit codes and where a failure is printed. Refuses to know what a command does; each lives in its own
module, imported only when it is asked for, so that `mcp-notebook token` never loads the SDK.
"""

from __future__ import annotations

import argparse
import sys
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from mcp_notebook_server._version import __version__
from mcp_notebook_server.errors import CommandError
from mcp_notebook_server.hosts import HOSTS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: words after the command's name; None: those of this process.
    """
    options = _parser().parse_args(arguments)
    run = resolve_name(f"mcp_notebook_server.cli.{options.run}")
    try:
        return run(options)
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mcp-notebook", description="MCP for people who work in notebooks: tokens for hosts, a bridge, a demo."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_token(commands.add_parser("token", help="create, list, renew and revoke host tokens"))
    _add_stdio(commands.add_parser("stdio", help="reach this machine's Jupyter from a host that speaks stdio"))
    _add_config(commands.add_parser("config", help="print or write what a host needs to reach this Jupyter"))
    _add_doctor(commands.add_parser("doctor", help="find what keeps hosts away, and how to mend it"))
    _add_demo(commands.add_parser("demo", help="see one kernel read another over MCP, in half a minute"))
    return parser


def _add_token(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    create = verbs.add_parser("create", help="make a token; it is printed once")
    create.add_argument("name", metavar="NAME", help="such as claude-code")
    create.add_argument("--read", action="store_true", help="read variables, dataframes and notebooks (always given)")
    create.add_argument(
        "--write", action="store_true", help="change cells; they run later, so this is nearly --execute"
    )
    create.add_argument("--execute", action="store_true", help="run code: everything that you may do on this machine")
    create.add_argument("--kernel", action="append", default=[], metavar="ID", help="see only this kernel (repeatable)")
    create.add_argument(
        "--notebook", action="append", default=[], metavar="PATH", help="see only this notebook's kernel"
    )
    create.add_argument(
        "--published",
        action="append",
        default=[],
        metavar="NAME",
        help="call this published server, and nothing else unless that is said, too (repeatable; '*': all)",
    )
    create.add_argument("--expires", default="30d", metavar="DURATION", help="such as 12h, 30d, 8w (default: 30d)")
    create.add_argument("--trust-host-consent", action="store_true", help="believe the host when it says you agreed")
    create.add_argument(
        "--profile", action="store_true", help="keep it for `mcp-notebook stdio` instead of printing it"
    )
    create.set_defaults(run="token:create_token")

    verbs.add_parser("list", help="show what there is, never the tokens").set_defaults(run="token:list_tokens")

    keep = verbs.add_parser(
        "keep", help="keep a token of a Jupyter elsewhere, read from standard input, for `stdio --url`"
    )
    keep.add_argument("name", metavar="NAME")
    keep.set_defaults(run="token:keep_token")

    renew = verbs.add_parser("renew", help="give a token its lifetime again; its string stays")
    renew.add_argument("name", metavar="NAME")
    renew.set_defaults(run="token:renew_token")

    revoke = verbs.add_parser("revoke", help="end a token")
    revoke.add_argument("name", metavar="NAME")
    revoke.set_defaults(run="token:revoke_token")


def _add_stdio(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", required=True, metavar="NAME", help="made by `token create NAME --profile`")
    parser.add_argument("--url", metavar="URL", help="of the endpoint (default: the running Jupyter server's)")
    _add_place(parser)
    parser.add_argument(
        "--wait",
        type=float,
        default=25,
        metavar="SECONDS",
        help="for which a message waits while Jupyter starts or restarts (default: 25)",
    )
    parser.set_defaults(run="bridge:run_bridge")


def _add_place(parser: argparse.ArgumentParser) -> None:
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--notebook", metavar="PATH", help="the host sees this notebook alone; path as Jupyter shows it")
    one.add_argument("--published", metavar="NAME", help="the host sees the server that a notebook publishes as NAME")


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", metavar="HOST", help=f"one of {', '.join(HOSTS)}")
    parser.add_argument(
        "--name", default="jupyter", metavar="NAME", help="of the server in the host (default: jupyter)"
    )
    parser.add_argument(
        "--profile",
        metavar="NAME",
        help="of the token that the bridge presents; made if it is not there (default: HOST)",
    )
    _add_place(parser)
    parser.add_argument(
        "--url", metavar="URL", help="of an endpoint on another machine, such as https://hub/user/me/mcp"
    )
    parser.add_argument("--write", action="store_true", help="put it into the host's file, and keep a copy of that")
    parser.add_argument("--file", metavar="FILE", help="the host's file (default: its own)")
    parser.set_defaults(run="config:write_config")


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--origin", metavar="URL", help="of a web page that is to use the endpoint: is it let in?")
    parser.set_defaults(run="doctor:run_doctor")


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", action="store_true", help="leave JupyterLab running, ready for your own host")
    parser.set_defaults(run="demo:run_demo")
