from typing import Any

from allauth.account.adapter import get_adapter
from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag(takes_context=True)
def may_sign_up(context: dict[str, Any]) -> bool:
    """Whether this visitor may open an account: no page offers what it would refuse."""
    return get_adapter().is_open_for_signup(context["request"])


@register.simple_tag
def registration() -> str:
    """Who may open an account: `open`, `invite` or `closed`."""
    return settings.REGISTRATION
