"""What the OpenAPI document says beside what drf-spectacular reads from the views."""

import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from tasklist.rest.serializers import Body
from tasklist.rest.views import ApiViewSet, SingleViewSet

INTRODUCTION = """\
Sign in with `POST auth/login` and send what it answers as `access` in `Authorization: Bearer …`;
after 15 minutes `POST auth/refresh` gives the next one. Or make a personal token, `tl_…`, with
`POST tokens` or on the page, and send that: it is good until it expires or is revoked.

Every list answers `results`, `next` and `previous`: follow the links. Every error is
`application/problem+json` (RFC 9457) and names the field that is wrong. Every single thing has an
`ETag`; sent back as `If-Match`, it keeps you from overwriting somebody else.
"""
PROBLEM = "application/problem+json"
TAG = r'(W/)?"[\x21\x23-\x7e]*"'
MEANINGS = {
    "304": "It is still what you have.",
    "400": "Some of the input cannot be taken; `errors` says what.",
    "401": "Sign in first, or again; `type` says whether a second factor is needed.",
    "403": "You may not do that, or your personal token may not: `scope` is what it lacks.",
    "404": "There is nothing here, or nothing that you may see.",
    "405": "Not with this method.",
    "406": "Answers are JSON.",
    "409": "It does not go with what is there now, which `detail` names.",
    "412": "It was changed since; `current` is what it is now.",
    "413": "The body is too large.",
    "414": "The address is longer than 8 kB.",
    "415": "Bodies are JSON.",
    "429": "Too many tries; Retry-After says when to try again.",
    "500": "Our fault. Nothing was changed.",
    "503": "The database does not answer. Nothing was changed; try again.",
}


class Error(serializers.Serializer):
    """One thing that is wrong with the input."""

    field = serializers.CharField(allow_null=True, help_text="null: none in particular.")
    message = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer):
    """What went wrong, after RFC 9457."""

    type = serializers.CharField(help_text="`about:blank` where the status says it all.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.ListField(  # type: ignore[assignment]  # no attribute in the end
        child=Error(), required=False
    )
    scope = serializers.CharField(required=False, help_text="The scope that a token lacks.")
    current = serializers.DictField(required=False, help_text="The present state, with 412.")


class AutoSchema(SpectacularSchema):
    """Adds the problems that an operation answers with, and its conditions (RFC 9110)."""

    def get_operation_id(self) -> str:
        """`tasks_list`, `tasks_complete`, `users_me_partial_update`."""
        words = [part for part in self.path.split("/")[3:] if part and "{" not in part]
        verb = getattr(self.view, "action", None) or self.method.lower()
        words = [word.replace("-", "_") for word in words]
        return "_".join(words if words[-1] == verb else [*words, verb])

    def get_request_serializer(self) -> Any:
        """A PUT may leave out what the address names."""
        replacement = getattr(self.view, "replacement_class", None)
        is_put = getattr(self.view, "action", None) == "update"
        return replacement if replacement and is_put else super().get_request_serializer()

    def get_summary(self) -> str:
        """The first sentence of what the view says of itself."""
        return self.get_description().partition("\n")[0].partition(". ")[0].rstrip(".")

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self.conditions()]

    def conditions(self) -> Iterator[OpenApiParameter]:
        if not self.is_about_one():
            return
        name = "If-None-Match" if self.method == "GET" else "If-Match"
        yield OpenApiParameter(
            name,
            {"type": "string", "pattern": rf"^(\*|{TAG}(, ?{TAG})*)?$"},
            OpenApiParameter.HEADER,
            description="The ETag of the state that is meant, or several, or *.",
        )

    def is_about_one(self) -> bool:
        """Whether the operation is on one thing, which an ETag tells from its other states."""
        view = self.view
        return isinstance(view, SingleViewSet) and view.action not in view.about_several

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if self.is_about_one():
            for body in (bodies[status] for status in bodies if status != "204"):
                body["headers"] = {"ETag": {"schema": {"type": "string"}}}
        for status in self.problems():
            bodies[status] = self.problem(status)
        for status in self.bare():
            bodies[status] = {"description": MEANINGS[status]}
        return dict(sorted(bodies.items()))

    def problems(self) -> Iterator[str]:
        """The statuses that this operation can answer with when something is wrong."""
        yield from ("400", "405", "406", "500", "503")
        public = {} in self.get_auth()
        yield from ("401", "429")  # whoever sends too many tokens that are none is told to wait
        if not public or "register" in self.path:
            yield "403"
        if "{" in self.path:
            yield "404"
        if isinstance(self.view, ApiViewSet) and self.view.action in self.view.may_clash:
            yield "409"
        if self.is_about_one() and self.method != "GET":
            yield "412"
        if self.method in ("POST", "PUT", "PATCH"):
            yield from ("413", "415")

    def bare(self) -> Iterator[str]:
        """The statuses that say it all, without a body of ours."""
        yield "414"  # the server refuses before we see it
        if self.is_about_one() and self.method == "GET":
            yield "304"

    def problem(self, status: str) -> dict[str, Any]:
        schema = self.resolve_serializer(Problem, "response").ref
        return {"description": MEANINGS[status], "content": {PROBLEM: {"schema": schema}}}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """Bodies that are sent may not hold what nobody knows; PATCH has no defaults."""
        schema = super()._map_basic_serializer(serializer, direction)
        fields = schema.get("properties", {}).values()
        for field in fields:
            for name in [name for name, value in field.items() if isinstance(value, Decimal)]:
                field[name] = float(field[name])  # the limit of a column: JSON has no Decimal
        if direction == "request" and isinstance(serializer, Body):
            schema["additionalProperties"] = False
            if self.method == "PATCH":
                for field in fields:
                    field.pop("default", None)
        return schema


class MadeOnce(SchemaGenerator):
    """The document is the same for everybody, and costs a tenth of a second to make."""

    def get_schema(self, request: object = None, public: bool = True) -> Any:
        return document()


@functools.cache
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def introduced(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """With a word on how to begin, and paths as programs write them: both forms answer."""
    result["info"]["description"] = INTRODUCTION
    result["paths"] = {path.rstrip("/"): each for path, each in result["paths"].items()}
    return result
