"""Our apps as they lie in the repository: a new one is in here by being there."""

from pathlib import Path

from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NAMES = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))


def our_models():
    """Every model of our apps, those included that Django makes for a ManyToManyField."""
    return [
        model
        for name in NAMES
        for model in apps.get_app_config(name).get_models(include_auto_created=True)
    ]
