from django import template

from accounts.openid.adapter import provider_name

register = template.Library()
# The name of who else can sign people in; nothing where nobody can.
register.simple_tag(provider_name, name="openid_provider")
