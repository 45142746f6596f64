"""Node programs that nobody here wrote: the official conformance suite and server-everything.

Installed once below .cache, exactly as tests/node/package-lock.json says, with the node of this environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from support.paths import CACHE, CHECKOUT, SCRIPTS, alone_in_cache

if TYPE_CHECKING:
    from pathlib import Path

LOCKED = CHECKOUT / "tests" / "node"
INSTALLED = CACHE / "node"


def node_command(package: str, entry: str = "dist/index.js") -> list[str]:
    """The command that runs a package's program, such as "@modelcontextprotocol/server-everything"."""
    with alone_in_cache("node"):
        _install()
    return [str(SCRIPTS / "node"), str(INSTALLED / "node_modules" / package / entry)]


def _install() -> None:
    if _same(LOCKED / "package-lock.json", INSTALLED / "installed-lock.json"):
        return
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKED / name, INSTALLED / name)
    environment = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    environment |= {"npm_config_cache": str(CACHE / "npm"), "npm_config_update_notifier": "false"}
    environment |= {"NODE_USE_SYSTEM_CA": "1"}  # as pip does: companies and sandboxes have certificates of their own
    npm = [str(SCRIPTS / "npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(npm, cwd=INSTALLED, env=environment, check=True)
    shutil.copy(LOCKED / "package-lock.json", INSTALLED / "installed-lock.json")  # last: says that it is whole


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()
