"""What can go wrong for a person with a notebook, each worded once: what was wrong, what exists, what to do next.

Knows the sentences, and that a notebook shows each as one red line. Refuses to know the SDK's exceptions: `connection`
turns those into these.

    HostError
     +- UsageError              a %mcp line that cannot be read
     +- ConnectFailed
     |   +- CommandNotFound, ServerExited         stdio
     |   +- ServerUnreachable                     Streamable HTTP
     |   +- ServerRefused                         Streamable HTTP, also in the middle of a connection (CallFailed)
     |   +- SignInFailed                          the same: a person has to sign in there
     |   +- HandshakeFailed, ConnectTimedOut      both
     +- NotAllConnected         some of several servers
     +- DefinitionError         something in a definition is not to be had here
     |   +- VariableUnset, VariableUnknown         ${VAR}
     |   +- InputUnset, InputInvalid              ${input:id}
     |   +- EnvFileMissing                        envFile
     +- ConfigNotFound, ConfigInvalid, NotInConfig    configuration files, read
     +- RegistryFailed, NotConnectable       a registry of servers
     +- ExportRefused           a configuration file, written
     +- UnknownServer, UnknownLog
     +- UnknownTool, AmbiguousTool           and the same of prompts and resources
     +- NothingFound            a search that found nothing
     +- TemplateUnreadable      a URI template that cannot be expanded
     +- ArgumentError
     |   +- UnknownArgument, MissingArgument, WrongArgument, UnknownObject, NoBareName
     +- CallFailed
     |   +- ToolFailed          the tool answered isError; `result` has the answer
     |   +- RequestFailed       the server answered with a JSON-RPC error
     |   +- CallTimedOut, AnswerLost, InvalidAnswer
     |   +- Disconnected        the connection is gone
     |   |   +- NotSent          before a request was sent
     |   |   +- SessionForgotten   for good, by its name
     |   +- SessionReplaced     a session whose name another one has by now
     |   +- NoLogging           a server sends no log messages
     |   +- NotWatched          a server does not tell of the changes of something
     |   +- TaskCancelled       by the server, which had made a task of a call
     |   +- TaskRequired        a tool that can only be called as a task
     +- NotTabular              a result that is no table
     +- TableUnreadable         a result that says it is a table, and cannot be read as one
     +- PackageMissing          something that needs a package which is not there
     +- NoJupyterServer         none whose page could be shown
     +- NotInJupyter, NameUnfit, NameTaken, NotPublished, PublishFailed    %mcp publish
     +- NoModel, NoAnswer, UnknownVariable    a question to a language model
    Interrupted                 a %mcp line that the person interrupted; a KeyboardInterrupt
"""

from __future__ import annotations

from mcp_notebook.errors.arguments import (
    ArgumentError,
    MissingArgument,
    NoBareName,
    UnknownArgument,
    UnknownObject,
    WrongArgument,
)
from mcp_notebook.errors.asking import NoAnswer, NoModel, UnknownVariable
from mcp_notebook.errors.base import HostError, Interrupted, UsageError
from mcp_notebook.errors.calling import (
    AnswerLost,
    CallTimedOut,
    Disconnected,
    InvalidAnswer,
    NoLogging,
    NotSent,
    NotWatched,
    RequestFailed,
    SessionForgotten,
    SessionReplaced,
    TaskCancelled,
    TaskRequired,
    ToolFailed,
)
from mcp_notebook.errors.connecting import (
    CallFailed,
    CommandNotFound,
    ConnectFailed,
    ConnectTimedOut,
    HandshakeFailed,
    NoJupyterServer,
    NotAllConnected,
    ServerExited,
    ServerRefused,
    ServerUnreachable,
    SignInFailed,
    how_process_ended,
)
from mcp_notebook.errors.content import NotTabular, PackageMissing, TableUnreadable
from mcp_notebook.errors.definitions import (
    ConfigInvalid,
    ConfigNotFound,
    DefinitionError,
    EnvFileMissing,
    ExportRefused,
    InputInvalid,
    InputUnset,
    NotInConfig,
    VariableUnknown,
    VariableUnset,
)
from mcp_notebook.errors.names import (
    AmbiguousPrompt,
    AmbiguousResource,
    AmbiguousTool,
    NothingFound,
    TemplateUnreadable,
    UnknownLog,
    UnknownPrompt,
    UnknownResource,
    UnknownServer,
    UnknownTool,
    how_to_revive,
)
from mcp_notebook.errors.publishing import NameTaken, NameUnfit, NotInJupyter, NotPublished, PublishFailed
from mcp_notebook.errors.registry import NotConnectable, RegistryFailed

__all__ = [
    "AmbiguousPrompt",
    "AmbiguousResource",
    "AmbiguousTool",
    "AnswerLost",
    "ArgumentError",
    "CallFailed",
    "CallTimedOut",
    "CommandNotFound",
    "ConfigInvalid",
    "ConfigNotFound",
    "ConnectFailed",
    "ConnectTimedOut",
    "DefinitionError",
    "Disconnected",
    "EnvFileMissing",
    "ExportRefused",
    "HandshakeFailed",
    "HostError",
    "InputInvalid",
    "InputUnset",
    "Interrupted",
    "InvalidAnswer",
    "MissingArgument",
    "NameTaken",
    "NameUnfit",
    "NoAnswer",
    "NoBareName",
    "NoJupyterServer",
    "NoLogging",
    "NoModel",
    "NotAllConnected",
    "NotConnectable",
    "NotInConfig",
    "NotInJupyter",
    "NotPublished",
    "NotSent",
    "NotTabular",
    "NotWatched",
    "NothingFound",
    "PackageMissing",
    "PublishFailed",
    "RegistryFailed",
    "RequestFailed",
    "ServerExited",
    "ServerRefused",
    "ServerUnreachable",
    "SessionForgotten",
    "SessionReplaced",
    "SignInFailed",
    "TableUnreadable",
    "TaskCancelled",
    "TaskRequired",
    "TemplateUnreadable",
    "ToolFailed",
    "UnknownArgument",
    "UnknownLog",
    "UnknownObject",
    "UnknownPrompt",
    "UnknownResource",
    "UnknownServer",
    "UnknownTool",
    "UnknownVariable",
    "UsageError",
    "VariableUnknown",
    "VariableUnset",
    "WrongArgument",
    "how_process_ended",
    "how_to_revive",
]
