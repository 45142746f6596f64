"""Where configuration files usually are: in a project, and in a person's own folders.

Knows the names that hosts give them. Refuses to read them (`config_files`).
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["PROJECT_FILES", "find_config_files", "find_workspace"]

PROJECT_FILES = (".mcp.json", "mcp.json", ".vscode/mcp.json", ".cursor/mcp.json", "claude_desktop_config.json")
"""In a project's folder, the first one first: Claude Code and others, VS Code, Cursor."""

_IN_HOME = (".cursor/mcp.json", ".codeium/windsurf/mcp_config.json", ".copilot/mcp-config.json", ".claude.json")
_IN_SETTINGS = (("Code", "User/mcp.json"), ("Claude", "claude_desktop_config.json"))


def find_config_files(folder: Path | None) -> list[Path]:
    """Find the configuration files that are there, the nearest first.

    Args:
        folder: the only one to look in; None for the current one, those above it up to the repository's, and then the
            person's own.
    """
    folders = _find_project_folders(Path.cwd()) if folder is None else [folder]
    own = _list_own_files() if folder is None else []
    files = [one / name for one in folders for name in PROJECT_FILES] + own
    return [file for file in dict.fromkeys(files) if file.is_file()]


def find_workspace(file: Path) -> Path:
    """Find the folder that a file is about (`${workspaceFolder}`): the project's, or the current one."""
    if file.absolute() in _list_own_files():
        return Path.cwd()
    folder = file.absolute().parent
    return folder.parent if folder.name.startswith(".") else folder


def _find_project_folders(folder: Path) -> list[Path]:
    """Find a folder and those above it up to the repository's; outside of any repository, only itself."""
    above = [folder, *folder.parents]
    root = next((i for i, one in enumerate(above) if (one / ".git").exists()), 0)
    return above[: root + 1]


def _list_own_files() -> list[Path]:
    import platformdirs  # noqa: PLC0415  where settings are differs by system; not before somebody asks

    settings = [
        platformdirs.user_config_path(host, appauthor=False, roaming=True) / name for host, name in _IN_SETTINGS
    ]
    return [*(Path.home() / name for name in _IN_HOME), *settings]
