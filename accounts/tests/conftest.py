import pytest
from django.core.cache import cache


@pytest.fixture
def no_code_used_yet():
    """allauth notes a used code of an app by the person's number, which the next test has too."""
    cache.clear()
