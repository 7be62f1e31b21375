"""Signing in by a provider of OpenID Connect: Amazon Cognito, or any other (settings.OPENID).

django-allauth walks the way to its page and back; what is here says whom the provider means,
and checks what it has signed. Its own ids never leave this package: to all others somebody
who came this way is a User like any.
"""
