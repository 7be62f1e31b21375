"""Each app of ours gets ready: Django passes over one whose configuration is ambiguous."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks.registry import registry

pytestmark = pytest.mark.once


@pytest.mark.parametrize("label", ["accounts", "ledger", "products", "tasklist", "tasks"])
def test_an_app_is_made_ready_by_its_own_configuration(label):
    assert label in settings.INSTALLED_APPS
    assert type(apps.get_app_config(label)).__module__ == f"{label}.apps"


def test_what_a_deployment_checks_is_registered():
    ours = {
        check.__name__ for check in registry.deployment_checks if "tasklist" in check.__module__
    }
    assert ours == {
        *("no_keys_in_the_environment", "static_files_are_there", "media_bucket_is_ours"),
    }
