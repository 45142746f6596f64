"""Has a kernel say when a host's code has come to its end, which is a while before the kernel is idle again.

Knows IPython and ipykernel: after the code, ipykernel waits half a millisecond, flushes twice more, answers, and only
then says that it is idle; a third of all that a run of `1+1` takes (measured). What the code has shown is on its way
before that. So the last thing that is evaluated with a host's code, Jupyter's `user_expressions`, flushes what was
printed and says "busy" once more, with a mark, in the order of the outputs. Nobody else takes that for anything.

It is not said where something could still be on its way: code that failed (nothing is evaluated then), streams that are
not ipykernel's, and whatever wrote to the file descriptors behind them, such as a program that was started: a thread of
ipykernel's reads these, so either something is left there to be read, or that thread has used processor time since.
Refuses to know who waits for the end; where it is not said, the reply and the status that follow are the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENDING", "USER_EXPRESSIONS", "says_end"]

_MARK = "mcp_notebook_code_ended"
_MODULE = "_mcp_notebook_ending"

ENDING = f"""
def make_ending(shell):
    import fcntl, sys, termios, time, types
    from ipykernel.iostream import OutStream

    class Nothing:
        def _ipython_display_(self):
            pass

    nothing = Nothing()
    used = {{}}

    def is_quiet(stream):
        watcher = getattr(stream, "watch_fd_thread", None)
        if watcher is None:
            return True
        left = fcntl.ioctl(stream._original_stdstream_fd, termios.FIONREAD, bytes(4))  # first: what is gone, took time
        before = used.get(stream.name)
        used[stream.name] = now = time.clock_gettime_ns(time.pthread_getcpuclockid(watcher.ident))
        return now == before and not any(left)

    def end():
        streams = sys.stdout, sys.stderr
        if all([type(each) is OutStream and is_quiet(each) for each in streams]):
            for each in streams:
                each.flush()
            kernel, content = shell.kernel, {{"execution_state": "busy", {_MARK!r}: True}}
            topic = f"kernel.{{kernel.ident}}.status".encode()
            kernel.session.send(kernel.iopub_socket, "status", content, kernel.get_parent("shell"), ident=topic)
        return nothing

    module = types.ModuleType({_MODULE!r})
    module.end = end
    for each in (sys.stdout, sys.stderr):
        is_quiet(each)
    sys.modules[module.__name__] = module
"""
"""Python that defines `make_ending`, to be called with IPython's shell."""

USER_EXPRESSIONS = {"end": f'getattr(__import__("sys").modules.get({_MODULE!r}), "end", int)()'}
"""What is evaluated with a host's code, as its request says; nothing is done where `make_ending` was not possible."""


def says_end(status: Mapping[str, Any]) -> bool:
    """Whether a status of a request says that its code has come to its end, and that all it showed was said before."""
    return _MARK in status
