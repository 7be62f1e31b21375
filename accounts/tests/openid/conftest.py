import pytest

from tests.openid import issuer


@pytest.fixture
def provider(settings):
    """A provider of OpenID Connect that the site is set up for."""
    with issuer() as found:
        settings.OPENID = found.settings
        yield found
