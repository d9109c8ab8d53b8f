"""gRPC status codes as the dispatch sees them, without any transport."""

from __future__ import annotations

from enum import IntEnum

from modelarts_provider.framework.printable import one_line


class StatusCode(IntEnum):
    """The status codes that this provider answers with; values are gRPC's."""

    OK = 0
    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    RESOURCE_EXHAUSTED = 8
    UNIMPLEMENTED = 12
    INTERNAL = 13


class RpcError(Exception):
    """A call ends with this status instead of a response.

    Terraform shows the message as "rpc error: code = ... desc = ..." without any resource address, so this is for
    calls that cannot be understood. Whatever a user can fix is a diagnostic in a response.

    Args:
        code: The status, never OK.
        message: One line for the person who reads Terraform's output.
    """

    def __init__(self, code: StatusCode, message: str) -> None:
        super().__init__(f"{code.name}: {one_line(message)}")
        self.code = code
        self.message = one_line(message)

    @classmethod
    def unimplemented(cls, method: str) -> RpcError:
        """The answer to a call that this provider does not know.

        Newer Terraform versions try such calls and go on without them when they see this code.
        """
        return cls(StatusCode.UNIMPLEMENTED, f"{method} is not implemented by this provider")
