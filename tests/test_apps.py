"""Each app of ours gets ready: Django passes over one whose configuration is ambiguous."""

from pathlib import Path

import pytest
from django.apps import apps
from django.core.checks.registry import registry

from tests.our_apps import NAMES, ROOT

pytestmark = pytest.mark.once


def test_every_app_of_ours_is_made_ready_by_its_own_configuration():
    installed = {
        config.name: type(config).__module__
        for config in apps.get_app_configs()
        if Path(config.path).parent == ROOT and config.name != "demo"
    }

    assert installed == {name: f"{name}.apps" for name in NAMES}
    assert "products" in installed


def test_what_a_deployment_checks_is_registered():
    ours = {
        check.__name__ for check in registry.deployment_checks if "tasklist" in check.__module__
    }
    assert ours == {
        *("no_keys_in_the_environment", "static_files_are_there", "media_bucket_is_ours"),
    }
