"""The way to AWS: every call goes through `Account`, which a dry run has print them instead."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from deploy.command import DeployError, say

THREADS = 16
CONFIG = Config(
    connect_timeout=10,
    read_timeout=60,
    retries={"mode": "standard", "max_attempts": 5},
    max_pool_connections=THREADS,
)
SIGN_IN_AGAIN = "sign in to AWS again and run the same command: it goes on from what is there"
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
UNKNOWN = (
    *("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"),
    *("SignatureDoesNotMatch", "IncompleteSignature", "AuthFailure"),
)
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403")
LONG = 200  # characters of a value that a dry run still prints


class AwsError(DeployError):
    """AWS said no; `code` is its own name for why."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Account:
    """An account in one region.

    In a dry run writes are printed and not sent. Reads are printed, too; they are sent until
    the first write is held back, or not at all where there is no access. From then on every
    answer is what its caller assumes.
    """

    def __init__(self, region: str, *, dry_run: bool = False) -> None:
        self.region = region
        self.dry_run = dry_run
        self.assuming = False
        self.secrets: set[str] = set()  # values that are not to be printed
        self._session: boto3.Session | None = None
        self._clients: dict[str, Any] = {}

    def connect(self) -> None:
        """Find out whose account this is. Without access a dry run assumes an empty one."""
        try:
            answer = self.read("sts", "get_caller_identity", assumed={})
        except AwsError as error:
            if not self.dry_run:
                raise
            self.assuming = True
            say(f"# {error}\n# An empty account is assumed.")
        else:
            say(f"Account {answer['Account']}, region {self.region}.")

    def write(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Make a call that changes something."""
        if self.dry_run:
            self._show(service, operation, parameters)
            self.assuming = True
            return {}
        return self._send(service, operation, parameters)

    def read(
        self, service: str, operation: str, *, assumed: dict[str, Any], **parameters: Any
    ) -> dict[str, Any]:
        """Make a call that changes nothing."""
        if self.dry_run:
            self._show(service, operation, parameters)
        return assumed if self.assuming else self._send(service, operation, parameters)

    def pages(
        self, service: str, operation: str, *, assumed: dict[str, Any], **parameters: Any
    ) -> Iterator[dict[str, Any]]:
        """Make a call that changes nothing and answers in pages, as far as they are read."""
        if self.dry_run:
            self._show(service, operation, parameters)
        if self.assuming:
            yield assumed
            return
        with explained(service):
            yield from self._client(service).get_paginator(operation).paginate(**parameters)

    def _show(self, service: str, operation: str, parameters: Mapping[str, Any]) -> None:
        name = self._client(service).meta.method_to_api_mapping[operation]
        say(f"{service}:{name} {json.dumps(self._shown(parameters))}")

    def _shown(self, value: Any) -> Any:
        """The value as a dry run prints it: without secrets, and nothing at length."""
        if isinstance(value, Mapping):
            return {name: self._shown(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._shown(part) for part in value]
        if isinstance(value, str):
            return "****" if value in self.secrets else shortened(value)
        return value if isinstance(value, bool | int) else str(value)

    def _send(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        sent = {
            name: value.read_bytes() if isinstance(value, Path) else value
            for name, value in parameters.items()
        }
        with explained(service):
            answer: dict[str, Any] = getattr(self._client(service), operation)(**sent)
        return answer

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            with explained(service):
                self._session = self._session or boto3.Session(region_name=self.region)
                self._clients[service] = self._session.client(service, config=CONFIG)
        return self._clients[service]


def shortened(text: str) -> str:
    return text if len(text) <= LONG else f"<{len(text.encode()):,} bytes>"


@contextmanager
def explained(service: str) -> Iterator[None]:
    """Turn what botocore raises into an AwsError of one line."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        raise AwsError(refusal(service, error, code), code) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise AwsError(no_access(error)) from error


def refusal(service: str, error: ClientError, code: str) -> str:
    action, message = f"{service}:{error.operation_name}", one_line(error.response["Error"])
    if code in EXPIRED:
        return f"the credentials have expired: {SIGN_IN_AGAIN}."
    if code in UNKNOWN:
        return f"AWS does not know these credentials ({code}): {SIGN_IN_AGAIN}."
    if code in DENIED:
        return f"{action} is not allowed to you: {message}. Ask for a policy that allows it."
    return f"{action} failed: {message} ({code})."


def one_line(error: Mapping[str, Any]) -> str:
    return " ".join(str(error.get("Message", "no reason given")).split()).rstrip(".")


def no_access(error: Exception) -> str:
    """Say what to mend where a call did not even reach AWS."""
    what = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound):
        return f"{what}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    if isinstance(error, SSOError | TokenRetrievalError):
        return f"{what}: {SIGN_IN_AGAIN}."
    if isinstance(error, ConnectionError | HTTPClientError):
        return f"{what}. Look at the network and at the name of the region."
    return f"{what}."
