import re
import uuid
from fnmatch import fnmatchcase

from django import template
from django.http import HttpRequest
from django.template import RequestContext
from django.urls import ResolverMatch, resolve
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def current(context: RequestContext, *names: str) -> SafeString:
    """` aria-current="page"` where the page has one of these names; `mfa_*` are all of a kind."""
    match = shown(context["request"])
    here = match is not None and any(fnmatchcase(match.view_name, name) for name in names)
    return mark_safe(' aria-current="page"' if here else "")  # noqa: S308  a constant


def shown(request: HttpRequest) -> ResolverMatch | None:
    """The page that is shown.

    Whoever had to show who they are has the page they wanted answered where they were asked:
    there `resolver_match` is of the question, and the path is that of the page.
    """
    match = request.resolver_match
    if match and fnmatchcase(match.view_name, "*reauthenticate*"):
        return resolve(request.path_info)
    return match


@register.simple_tag
def submission() -> SafeString:
    """The number of a form, so that sent twice it still creates once."""
    return format_html('<input type="hidden" name="submission" value="{}">', uuid.uuid4())


@register.simple_tag
def initials(name: str) -> str:
    """`ann.lee` and `Ann Lee` → AL, `demo` → DE."""
    words = [word for word in re.split(r"[\s._-]+", name) if word]
    letters = [word[0] for word in words[:2]] if len(words) > 1 else [name[:2]]
    return "".join(letters).upper()
