"""What is wrong with a source bundle, found before Elastic Beanstalk finds it, or ignores it.

Each finding is one line: the file, what is wrong, what to do.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy import lint_configs, lint_files, lint_gunicorn, lint_secrets
from deploy.command import DeployError, exit_status, say
from deploy.contents import Bundle
from deploy.eb_settings import Setting, settings_of_config, settings_of_template
from deploy.eb_settings import findings as faults_of_settings

TEMPLATE = Path(__file__).with_name("infra.yaml")
LIMIT = 512 * 1024**2  # bytes of a source bundle


def findings(path: Path, template: Path | None = TEMPLATE) -> list[str]:
    """What is wrong with the bundle, and with the options that the template sets beside it."""
    bundle = Bundle.read(path)
    configs, found = lint_configs.read_all(bundle)
    settings = settings_of(configs, template)
    gunicorn, faults = lint_gunicorn.read(bundle)
    found += too_large(path)
    found += faults
    found += lint_files.findings(bundle)
    found += lint_configs.findings(bundle, configs, settings)
    found += lint_secrets.findings(bundle)
    found += faults_of_settings(settings, gunicorn.graceful_timeout)
    return found


def settings_of(configs: Iterable[lint_configs.Config], template: Path | None) -> list[Setting]:
    """What the configuration files set, then the template, whose settings come before theirs."""
    settings = [
        setting for config in configs for setting in settings_of_config(config.path, config.content)
    ]
    if template and template.exists():
        settings += settings_of_template(f"deploy/{template.name}", template.read_text())
    return settings


def too_large(path: Path) -> list[str]:
    size = path.stat().st_size
    if size <= LIMIT:
        return []
    return [f"{path.name}: {size} bytes; {LIMIT} is the most. Leave files out."]


def check(path: Path) -> None:
    """Say what is wrong with the bundle.

    Raises DeployError where something is, and where it cannot be read.
    """
    found = findings(path)
    say("\n".join(found) or "Nothing is wrong with it.")
    if found:
        raise DeployError(f"{path} is not to be deployed. Mend what is said above.")


def main() -> int:
    parser = argparse.ArgumentParser(description="Look for what is wrong with a source bundle.")
    parser.add_argument("bundle", type=Path, help="the zip that make bundle made")
    path = parser.parse_args().bundle
    return exit_status(lambda: check(path))


if __name__ == "__main__":
    sys.exit(main())
