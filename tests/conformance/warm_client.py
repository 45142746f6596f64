"""Runs one program many times, each in a process of its own, without the second that its imports take.

The warm process has imported everything; for each run it forks, and the child has the asker's output and environment.
    python warm_client.py serve SOCKET PROGRAM     prints a line when it is ready
    python -I -S warm_client.py run SOCKET ARGS    is the program, as far as its parent can tell
"""

import importlib
import json
import os
import runpy
import signal
import socket
import sys


def run(path: str, arguments: list[str]) -> int:
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(path)
        socket.send_fds(link, [b"."], [1, 2])
        link.sendall(json.dumps([arguments, dict(os.environ)]).encode() + b"\n")
        return int(link.makefile().readline() or 1)


def serve(path: str, program: str) -> None:
    for name in _IMPORTED:
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(100)
        print("ready", flush=True)  # noqa: T201  who started us waits for it
        while True:
            link, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _run_here(link, program)
            link.close()
            _reap()


_IMPORTED = ("mcp_notebook.connection", "mcp_notebook.host", "mcp_notebook.approval.notebook", "jsonschema", "httpx")


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _run_here(link: socket.socket, program: str) -> None:
    status = 1
    try:
        _, descriptors, _, _ = socket.recv_fds(link, 1, 2)
        arguments, environment = json.loads(link.makefile().readline())
        for target, descriptor in zip((1, 2), descriptors, strict=True):
            os.dup2(descriptor, target)
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = [program, *arguments]
        signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started us may have left it ignored
        runpy.run_path(program, run_name="__main__")
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001  as the interpreter would
        import traceback  # noqa: PLC0415  only then

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        link.sendall(f"{status}\n".encode())
        os._exit(status)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3])
    sys.exit(run(sys.argv[2], sys.argv[3:]))
