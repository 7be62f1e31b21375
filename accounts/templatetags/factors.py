from typing import Any

from django import template

from accounts.factors.adapter import Factors

register = template.Library()


@register.simple_tag(takes_context=True)
def factors_of_mine(context: dict[str, Any]) -> Factors:
    """What the person signs in with beside their password."""
    return Factors.of(context["user"])
