"""Modules are joined as they would be imported."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from mcp_notebook.explorer.widget import ExplorerWidget
from mcp_notebook.joined import join_modules
from support.paths import SCRIPTS

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "entry.js": 'import { twice as double, name } from "./inner/one.js";\n'
    'import { plus } from "./two.js";\n'
    "const own = 1;\nexport default { value: `${name} ${plus(double(own))}` };\n",
    "two.js": 'import { own } from "./inner/one.js";\nexport const plus = (value) => value + own;\n',
    "inner/one.js": 'const hidden = 2;\nexport const own = 40;\nexport const name = "joined";\n'
    "export function twice(value) {\n  return hidden * value;\n}\n",
}


def test_each_module_keeps_its_own_names(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    joined = tmp_path / "joined.mjs"
    joined.write_text(f"{join_modules(tmp_path / 'entry.js')}\n")
    run = "import(process.argv[1]).then((module) => console.log(module.default.value))"
    ran = subprocess.run(
        [str(SCRIPTS / "node"), "--eval", run, str(joined)], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "joined 42\n"


def test_the_explorer_is_one_module_that_node_can_read(tmp_path: Path) -> None:
    joined = tmp_path / "explorer.mjs"
    joined.write_text(ExplorerWidget._esm)
    subprocess.run([str(SCRIPTS / "node"), "--check", str(joined)], check=True)
    assert "import " not in ExplorerWidget._esm
