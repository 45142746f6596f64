"""What a tool is: a name, two schemas, a scope, and an asynchronous function.

Knows how a tool is described to a host and how its arguments are checked. Refuses to know any particular tool, and how
calls arrive (`server`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from mcp_types import Tool as ToolDefinition
from mcp_types import ToolAnnotations
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from mcp_notebook_server.access.calls import Call
from mcp_notebook_server.errors import InvalidArguments

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from mcp_types import ContentBlock

    from mcp_notebook_server.access.calls import Proposal
    from mcp_notebook_server.access.tokens import HostToken, Scope
    from mcp_notebook_server.agent.link import Agents
    from mcp_notebook_server.binding import Binding
    from mcp_notebook_server.execution import Execution, Executions
    from mcp_notebook_server.kernels import RunningKernels
    from mcp_notebook_server.lifecycle import KernelLifecycle
    from mcp_notebook_server.notebooks import Notebooks

__all__ = ["Answer", "Arguments", "Context", "Continued", "Tool"]


class Arguments(BaseModel):
    """Arguments of a tool; what the schema does not name is refused, so that a misspelt argument is noticed."""

    model_config = ConfigDict(extra="forbid", strict=True)


ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)


@dataclass(frozen=True)
class Context:
    """What a tool may use.

    Attributes:
        token: the token of the host that calls.
        kernels: the running kernels.
        agents: reads variables.
        executions: runs code.
        lifecycle: starts and ends kernels.
        notebooks: the documents of notebooks.
        read_notebook: gives the cells of a notebook that this host may see.
        approved: what a person was shown and permitted for this very call; None if the token alone permits it.
        report: tells the host how far the call is (a number that grows, None, a text); None if it did not ask for that.
        takes_tasks: whether the host takes a task for an answer; see `Continued`.
    """

    token: HostToken
    kernels: RunningKernels
    agents: Agents
    executions: Executions
    lifecycle: KernelLifecycle
    notebooks: Notebooks
    read_notebook: Callable[[str, Context], Awaitable[Sequence[Mapping[str, Any]]]]
    approved: Proposal | None = None
    report: Callable[[float, None, str], Awaitable[None]] | None = None
    takes_tasks: bool = False


@dataclass(frozen=True)
class Answer:
    """What a tool gives back.

    Attributes:
        text: for the model, bounded.
        structured: the same facts, as `outputSchema` says.
        attachments: what goes beside the text, such as images.
        is_error: whether what was to be done failed by itself, such as code that raised.
    """

    text: str
    structured: Mapping[str, Any]
    attachments: Sequence[ContentBlock] = ()
    is_error: bool = False


@dataclass(frozen=True)
class Continued:
    """What a tool gives back instead, to a host that takes tasks: the call goes on, and its answer comes later.

    Attributes:
        execution: what goes on.
        answer: gives the answer, as things stand.
    """

    execution: Execution
    answer: Callable[[], Awaitable[Answer]]


@dataclass(frozen=True)
class Tool(Generic[ArgumentsT]):
    """One tool of ours.

    Attributes:
        name: as hosts call it.
        title: as people read it.
        description: for the model: what it gives and when to use it.
        scope: what a host token must give.
        arguments: the model of its arguments.
        result: the TypedDict of its structured content.
        run: does it; raises a `ServerError` where it cannot.
        annotations: what a host may tell its person.
        propose: says what it would do, for a person who is asked; every tool has one that does more than read.
        concerns_own: says whether a call is only about what this host itself has begun, for which nobody is asked.
        fits: says whether the tool makes sense at an address.
    """

    name: str
    title: str
    description: str
    scope: Scope
    arguments: type[ArgumentsT]
    result: type
    run: Callable[[Context, ArgumentsT], Awaitable[Answer | Continued]]
    annotations: ToolAnnotations
    propose: Callable[[Context, ArgumentsT], Awaitable[Proposal]] | None = None
    concerns_own: Callable[[Context, ArgumentsT], Awaitable[bool]] | None = None
    fits: Callable[[Binding], bool] = lambda _: True

    def __post_init__(self) -> None:
        if self.scope != "read" and self.propose is None:
            raise TypeError(f"{self.name} can change something and does not say what: nobody could approve it")

    @cached_property
    def definition(self) -> ToolDefinition:
        """The tool as `tools/list` shows it."""
        return ToolDefinition(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=_without_titles(self.arguments.model_json_schema()),
            output_schema=_without_titles(TypeAdapter(self.result).json_schema(mode="serialization")),
            annotations=self.annotations,
        )

    def definition_at(self, binding: Binding) -> ToolDefinition:
        """The tool as `tools/list` shows it at an address that fills in some of its arguments."""
        if not binding.values:
            return self.definition
        schema = binding.narrow_schema(self.definition.input_schema)
        return self.definition.model_copy(update={"input_schema": schema})

    def check(self, arguments: Mapping[str, Any]) -> ArgumentsT:
        """Return the arguments, typed and complete.

        Raises:
            InvalidArguments: if they do not fit.
        """
        try:
            return self.arguments.model_validate(arguments)
        except ValidationError as error:
            raise InvalidArguments(self.name, self._explain(error), list(self.arguments.model_fields)) from None

    def _explain(self, error: ValidationError) -> list[str]:
        """Return what is wrong with each argument, and what that is: a model that has guessed shall not guess again."""
        problems: dict[str, list[str]] = {}
        for each in error.errors():
            place = ".".join(map(str, each["loc"]))
            problems.setdefault(place.partition(".")[0], []).append(f"{place}: {each['msg']}")
        fields = self.arguments.model_fields
        about = {name: field.description for name, field in fields.items() if name in problems and field.description}
        return ["; ".join(told) + (f" ({about[name]})" if name in about else "") for name, told in problems.items()]

    async def call(self, context: Context, arguments: Mapping[str, Any]) -> Answer:
        """Check `arguments` and run.

        Raises:
            InvalidArguments: if they do not fit.
            ServerError: whatever `run` raises.
        """
        answer = await self.run(context, self.check(arguments))
        if isinstance(answer, Continued):
            raise TypeError(f"{self.name} goes on as a task, and whoever called it takes none")
        return answer

    async def propose_call(self, context: Context, arguments: ArgumentsT) -> Call:
        """Return what a person is asked before the tool runs with these arguments.

        Raises:
            ServerError: whatever `propose` raises, such as for a kernel that there is not.
        """
        if self.propose is None:
            raise TypeError(f"{self.name} only reads, and nobody is asked about that")
        proposal = await self.propose(context, arguments)
        others = arguments.model_dump(mode="json", exclude={"kernel"})
        return Call(context.token, self.name, self.scope, others, proposal)


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop the titles pydantic gives to every property: they repeat the names, and a model pays for each."""
    return cast("dict[str, Any]", _strip(schema))


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _strip(each) for key, each in items if not (key == "title" and isinstance(each, str))}
    if isinstance(value, list):
        return [_strip(each) for each in cast("list[Any]", value)]
    return value
