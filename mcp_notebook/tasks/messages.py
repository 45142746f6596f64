"""What client and server say to each other about tasks, as the extension's schema has it (SEP-2663).

Knows the shapes on the wire; those of the SDK (2.3.0) are of protocol 2025-11-25, which were others. Refuses to know
what is done with them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp_types import (
    CancelTaskRequest,
    ErrorData,
    GetTaskRequest,
    InputRequests,
    InputResponses,
    Request,
    RequestParams,
    Result,
    TaskStatus,
)
from pydantic import Field

__all__ = ["EXTENSION", "RESULT_TYPE", "Answers", "CancelTask", "CreatedTask", "GetTask", "Task", "UpdateTask"]

EXTENSION = "io.modelcontextprotocol/tasks"
RESULT_TYPE = "task"


class _Task(Result):
    """What is said of a task at any time.

    Attributes:
        task_id: names it to its server.
        status: how it stands.
        status_message: the server's words about that; None if there are none.
        poll_interval_ms: how long to wait before asking again, in milliseconds; None leaves it to the client.
    """

    task_id: str
    status: TaskStatus
    status_message: str | None = None
    poll_interval_ms: Annotated[int, Field(ge=0)] | None = None


class CreatedTask(_Task):
    """The answer to a call, in place of its result."""

    result_type: Literal["task"] = RESULT_TYPE


class Task(_Task):
    """The answer to `tasks/get`.

    Attributes:
        input_requests: what the server needs to know to go on, by keys of its own.
        result: of the call, once it is completed.
        error: JSON-RPC's, once it has failed.
    """

    input_requests: InputRequests = Field(default_factory=dict)
    result: dict[str, Any] | None = None
    error: ErrorData | None = None


class GetTask(GetTaskRequest):
    """Asks how a task stands."""

    name_param = "taskId"


class CancelTask(CancelTaskRequest):
    """Asks that a task be ended."""

    name_param = "taskId"


class Answers(RequestParams):
    """Answers to what a task's server asked, by its keys."""

    task_id: str
    input_responses: InputResponses


class UpdateTask(Request[Answers, Literal["tasks/update"]]):
    """Gives a task answers."""

    method: Literal["tasks/update"] = "tasks/update"
    params: Answers
    name_param = "taskId"
