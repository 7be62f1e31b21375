"""The lint says what the platform would ignore, refuse or publish, and what to do about it."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from deploy import lint, lint_secrets
from deploy.changes import KEPT
from tests.deployment.bundles import ROOT, Change, add, chmod, drop, swap, working_directory

pytestmark = pytest.mark.once

CAPACITY = ".ebextensions/20_capacity.config"
DEPLOY = ".ebextensions/30_deploy.config"
RELEASE = ".ebextensions/90_release.config"
MORE = ".ebextensions/99_more.config"
SMOKE = ".platform/hooks/postdeploy/90_smoke.sh"
HOOK = "#!/usr/bin/env bash\n"
BIND = """f"127.0.0.1:{os.environ.get('PORT', '8000')}\""""
TRUE = ("true", "True", "TRUE", "yes", "Yes", "on", "ON", "y", "1", "'true'")
# In pieces, so that nobody looking for secrets finds one here.
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\n"
ACCESS_KEY = "AKIA" + "ABCDEFGHIJKLMNOP"

FOUR_OF_THE_ISSUE: dict[str, tuple[list[Change], str]] = {
    "a misspelt option": (
        [swap(CAPACITY, "MaxSize", "MaxSizze")],
        "aws:autoscaling:asg MaxSizze: there is no such option. Is it MaxSize?",
    ),
    **{
        f"a leader-only command where there is no leader ({word})": (
            [
                swap(DEPLOY, "DeploymentPolicy: Immutable", "DeploymentPolicy: TrafficSplitting"),
                swap(RELEASE, "  02_migrate:\n", f"  02_migrate:\n    leader_only: {word}\n"),
            ],
            f"{RELEASE}: 02_migrate: would never run, since TrafficSplitting has no leader",
        )
        for word in TRUE
    },
    "a hook without run bit": (
        [chmod(SMOKE, 0o100644)],
        f"{SMOKE}: has no run bit",
    ),
    "a secret": (
        [add("tasks/key.py", PRIVATE_KEY)],
        "tasks/key.py: line 1 holds a private key",
    ),
}
CONFIGS: dict[str, tuple[list[Change], str]] = {
    "a tab": ([add(MORE, "packages:\n\tyum: {}\n")], f"{MORE}: holds a tab"),
    "no YAML": ([add(MORE, "packages: [\n")], f"{MORE}: is no YAML"),
    "a list": ([add(MORE, "- packages\n")], f"{MORE}: is no YAML of keys and values"),
    "a tag": ([add(MORE, "Resources: !Ref x\n")], f"{MORE}: the platform takes no YAML tags"),
    "an unknown key": ([add(MORE, "option_setings: {}\n")], "no key option_setings"),
    "another suffix": (
        [add(".ebextensions/99_more.yaml", "packages: {}\n")],
        ".ebextensions/99_more.yaml: the platform reads only *.config",
    ),
    "an unknown package manager": ([add(MORE, "packages: {dnf: {gcc: []}}\n")], "manager dnf"),
    "a package of Amazon Linux 2": (
        [add(MORE, "packages: {yum: {mariadb-devel: []}}\n")],
        "cannot install mariadb-devel",
    ),
    "a function that is not one here": (
        [add(MORE, "Resources: {X: {Properties: {Y: [{'Fn::Sub': z}]}}}\n")],
        f"{MORE}: Fn::Sub does not work",
    ),
    **{
        f"{kind} that goes with the environment": (
            [add(MORE, f"Resources: {{It: {{Type: '{kind}'}}}}\n")],
            f"{MORE}: It would go with the environment",
        )
        for kind in KEPT
    },
    "a command without a command": (
        [add(MORE, "container_commands: {01_x: {cwd: /tmp}}\n")],
        f"{MORE}: 01_x: holds no command",
    ),
    "an unknown key of a command": (
        [swap(RELEASE, "  02_migrate:\n", "  02_migrate:\n    ignore_errors: true\n")],
        f"{RELEASE}: 02_migrate: the platform knows no key ignore_errors",
    ),
    **{
        f"leader_only that says {word}": (
            [swap(RELEASE, "  02_migrate:\n", f"  02_migrate:\n    leader_only: {word}\n")],
            f"{RELEASE}: 02_migrate: leader_only is neither true nor false",
        )
        for word in ("sometimes", "2", "''", "[true]")
    },
    "leader_only with a test": (
        [add(MORE, "container_commands: {01_x: {command: 'true', leader_only: true, test: x}}\n")],
        f"{MORE}: 01_x: leader_only and test exclude each other",
    ),
    "python without its environment": (
        [
            swap(
                RELEASE, "source /var/app/venv/*/bin/activate && python manage.py check", "python x"
            )
        ],
        f"{RELEASE}: 01_check: runs without the virtual environment",
    ),
    "the environment too late": (
        [add(MORE, "container_commands: {01_x: {command: 'pip list; . /x/bin/activate'}}\n")],
        f"{MORE}: 01_x: runs without the virtual environment",
    ),
    "a command that takes another's place": (
        [add(MORE, "container_commands: {02_migrate: {command: 'true'}}\n")],
        f"{MORE}: 02_migrate: takes the place of the one in {RELEASE}",
    ),
    "a number that another file has": (
        [add(".ebextensions/30_more.config", "packages: {}\n")],
        f".ebextensions/30_more.config: {DEPLOY} has the number 30 too",
    ),
    "a file that is not there": (
        [swap(RELEASE, "manage.py check", "managed.py check")],
        f"{RELEASE}: 01_check: there is no managed.py",
    ),
    "an option that the gunicorn settings contradict": (
        [swap("gunicorn.conf.py", "graceful_timeout = 20", "graceful_timeout = 30")],
        "DeregistrationDelay 30 cuts off requests",
    ),
}
FILES: dict[str, tuple[list[Change], str]] = {
    **{
        f"no {path}": ([drop(path)], f"{path}: is missing")
        for path in (
            *("requirements.txt", "staticfiles.json", ".ebextensions/90_release.config"),
            *(SMOKE, ".platform/hooks/prebuild/10_rds_ca.sh"),
        )
    },
    **{
        f"a {path}": ([add(path, "x")], f"{path}: does not belong into a bundle")
        for path in (
            *(".env", "tasks/db.sqlite3", "tasks/tests/test_x.py", ".git/config", "var/x"),
            *("tasks/rds.pem", "static/css/app.css", "node_modules/x/index.js", "deploy/x.yaml"),
        )
    },
    "an empty manifest": ([add("staticfiles.json", '{"paths": {}}')], "names no static files"),
    "a broken manifest": ([add("staticfiles.json", "[")], "names no static files"),
    "no web process": ([add("Procfile", "worker: true\n")], "Procfile: has no process web"),
    "a module that is not there": (
        [swap("Procfile", "tasklist.wsgi", "tasklist.wsgy")],
        "Procfile: web starts tasklist.wsgy",
    ),
    "a configuration that is not there": (
        [swap("Procfile", "gunicorn.conf.py", "unicorn.py")],
        "Procfile: web reads unicorn.py",
    ),
    **{
        f"bind = {bind}": (
            [swap("gunicorn.conf.py", BIND, f"{bind}  # not 8000")],
            "gunicorn.conf.py: does not listen on port 8000",
        )
        for bind in (
            *("""f"127.0.0.1:{os.environ.get('PORT', '8001')}\"""", "'127.0.0.1:18000'"),
            *("['127.0.0.1:8001', '[::1]:80']", "'unix:/run/8000.sock'", "[]"),
        )
    },
    "settings of gunicorn that are no Python": (
        [swap("gunicorn.conf.py", BIND, "'")],
        "gunicorn.conf.py: cannot be read (SyntaxError: unterminated string literal",
    ),
    "settings of gunicorn that need what is not there": (
        [swap("gunicorn.conf.py", BIND, "os.environ['PORT']")],
        "gunicorn.conf.py: cannot be read (KeyError: 'PORT')",
    ),
    "another port on the command line": (
        [swap("Procfile", "gunicorn ", "gunicorn --bind=127.0.0.1:8001 ")],
        "Procfile: web listens on 127.0.0.1:8001",
    ),
    "a location outside of the server": (
        [add(".platform/nginx/conf.d/more.conf", "location /x { return 404; }\n")],
        ".platform/nginx/conf.d/more.conf: a location breaks nginx here",
    ),
    "a requirement without a hash": (
        [add("requirements/base.txt", "django==5.2.19\n")],
        "requirements/base.txt: django has no version with a hash",
    ),
    "a requirement without a version": (
        [add("requirements/base.txt", f"django>=5 --hash=sha256:{'0' * 64}\n")],
        "requirements/base.txt: django has no version with a hash",
    ),
    "requirements that are not there": (
        [add("requirements.txt", "-r requirements/prod.txt\n")],
        "requirements.txt: includes requirements/prod.txt",
    ),
    "a hook of no stage": (
        [add(".platform/hooks/predeplyo/10.sh", HOOK, 0o100755)],
        ".platform/hooks/predeplyo/10.sh: no such stage",
    ),
    "a hook without interpreter": (
        [add(SMOKE, "true\n", 0o100755)],
        f"{SMOKE}: does not say what runs it",
    ),
    "a hook from Windows": (
        [add(SMOKE, HOOK.replace("\n", "\r\n"), 0o100755)],
        f"{SMOKE}: has line ends of Windows",
    ),
    **{
        f"a hook that {words} of {shebang}": (
            [add(SMOKE, f"#!{shebang}\nif true\n", 0o100755)],
            f"{SMOKE}: {words} it (",
        )
        for shebang, words in {
            "/usr/bin/env bash": "bash cannot read",
            "/bin/sh": "bash cannot read",
            "/usr/bin/env -S bash -eu": "bash cannot read",
            "/usr/bin/env python3": "Python cannot read",
            "/usr/bin/python3.11 -I": "Python cannot read",
        }.items()
    },
}
SECRETS: dict[str, tuple[list[Change], str]] = {
    "an access key": (
        [add("tasks/aws.py", f'x = "{ACCESS_KEY}"\n')],
        "tasks/aws.py: line 1 holds an AWS access key",
    ),
    "a password in an address": (
        [add(MORE, "files: {/x: {content: 'mysql://tasklist:hunter2@db/tasklist'}}\n")],
        f"{MORE}: line 1 holds a password in an address",
    ),
    "a literal that is said to be a secret": (
        [add(MORE, "# one\nfiles: {/x: {content: 'API_TOKEN=abcdefgh12345678'}}\n")],
        f"{MORE}: line 2 holds a secret",
    ),
    "a literal in a hook": (
        [add(SMOKE, f"{HOOK}password='correct-horse'\n", 0o100755)],
        f"{SMOKE}: line 2 holds a secret",
    ),
}
PYTHON_SECRETS = (
    'SECRET_KEY="hunter2hunter2"',
    'DATABASE_PASSWORD = "hunter2hunter2"',
    "database_password: Final[str] = 'hunter2hunter2'",
    'password: str | None = "hunter2hunter2"',
    'os.environ["SECRET_KEY"] = "hunter2hunter2"',
    'SECRET_KEY = (\n    r"hunter2hunter2"\n)',
    'connect(user="tasklist", passwd=b"hunter2hunter2")',
    'DATABASES = {"default": {"PASSWORD": "hunter2hunter2"}}',
    'token = "hunter2 and hunter2"',
    'api_key = f"hunter2hunter2"',
    'PASSWORD = """hunter2hunter2"""',
    '# SECRET_KEY = "hunter2hunter2"',
    f'AWS_SECRET_ACCESS_KEY = "{"hunter2/" * 5}"',
)
SETTINGS_SECRETS = {
    "Procfile": "web: env SECRET_KEY=hunter2hunter2 gunicorn tasklist.wsgi:application",
    ".platform/hooks/prebuild/20_more": "#!/bin/sh\nexport db_password=hunter2hunter2",
    "tasks/a.json": '{"SECRET_KEY": "hunter2hunter2"}',
    "tasks/b.json": '{"client-secret-value": "hunter2hunter2"}',
    "tasks/c.json": r'{"SecretString": "{\"password\": \"hunter2hunter2\"}"}',
    "tasks/d.json": '{"apiKey" : "hunter2#hunter2"}',
    "tasks/e.yaml": "auth:\n  Token: hunter2hunter2",
}
ADDRESSES = {
    "tasks/a.py": "# mysql://u:hunter2hunter@db/x",
    "tasks/b.py": 'cache = "redis://:hunter2@cache:6379/0"',
    "tasks/c.html": "https://tasklist:hunter2@example.org/",
    "tasks/d.txt": "postgres+psycopg://${USER}:hunter2@db",
    "tasks/e": "mysql://tasklist:hunter2@db/tasklist",
}
SECRETS |= {
    text: ([add("tasks/more.py", f"{text}\n")], "tasks/more.py: line 1 holds a secret")
    for text in PYTHON_SECRETS
}
SECRETS |= {
    text: (
        [add(path, f"{text}\n", 0o100755)],
        f"{path}: line {len(text.splitlines())} holds a secret",
    )
    for path, text in SETTINGS_SECRETS.items()
}
SECRETS |= {
    text: ([add(path, f"{text}\n")], f"{path}: line 1 holds a password in an address")
    for path, text in ADDRESSES.items()
}
NO_SECRETS = {
    "tasks/a.py": (
        *('SECRET_KEY = env("SECRET_KEY")', 'token = f"{kind}-{number:08}"', 'password = "short"'),
        *('FORMS = {"reset_password": "accounts.forms.ResetPasswordForm"}',),
        *('TOKEN_URL = "https://example.org/oauth2/token"', 'f(password, name="something")'),
        *('def f(password: str, name="something"): ...', 'fields = ("password", "password2")'),
        *('KEY = "arn:aws:secretsmanager:eu:1:secret:x"', 'PASSWORD = _("Your new password")'),
        *("# mysql://user:password@host", 'f"mysql://{user}:{password}@{host}"'),
        *('"mysql://%s:%s@%s" % place', '"http://localhost:8000/@me"'),
        *('PASSWORD_CHANGED = "password_changed", _("Password changed")',),
    ),
    "tasks/a.sh": (
        *('password="$1"', "token=$(cat x)", 'url="mysql://$USER:$PASSWORD@$HOST"'),
        *("SECRET_KEY=arn:aws:secretsmanager:eu:1:secret:x", "mysql://${U:-u}:${P}@h"),
    ),
    "tasks/a.json": (
        '{"admin/js/unusable_password_field.js": "admin/js/unusable_password_field.0123.js"}',
    ),
}
PLANTED = FOUR_OF_THE_ISSUE | CONFIGS | FILES | SECRETS


@pytest.fixture(autouse=True, scope="module")
def read_once() -> Iterator[None]:
    """The files of the bundle that no test changes are looked through for secrets once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lint_secrets, "secrets_in", cache(lint_secrets.secrets_in))
        yield


def pack(tmp_path: Path, *changes: Change) -> Path:
    draft = working_directory()
    for change in changes:
        change(draft)
    return draft.pack(tmp_path / "bundle.zip")


def findings(tmp_path: Path, *changes: Change) -> list[str]:
    """Without the stack's template, which takes longer to read than all else."""
    return lint.findings(pack(tmp_path, *changes), None)


def lint_command(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.lint", str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_nothing_is_wrong_with_our_own_files(tmp_path: Path) -> None:
    assert lint.findings(pack(tmp_path)) == []


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_the_one_finding(tmp_path: Path, fault: str) -> None:
    changes, words = PLANTED[fault]
    (found,) = findings(tmp_path, *changes)
    assert words in found
    assert "\n" not in found


def test_no_finding_repeats_a_secret(tmp_path: Path) -> None:
    changes = [change for changes, _ in SECRETS.values() for change in changes]
    found = "\n".join(findings(tmp_path, *changes))
    assert found
    assert not any(secret in found for secret in (ACCESS_KEY, "hunter2", "abcdefgh", "horse"))


@pytest.mark.parametrize("word", ["false", "False", "no", "off", "n", "0"])
def test_a_command_that_is_not_for_the_leader_alone_is_right(tmp_path: Path, word: str) -> None:
    more = swap(RELEASE, "  02_migrate:\n", f"  02_migrate:\n    leader_only: {word}\n")
    assert findings(tmp_path, more) == []


@pytest.mark.parametrize("bind", ["'0.0.0.0:8000'", "['[::1]:8000', 'unix:x']", "':' + str(8000)"])
def test_port_8000_is_right_however_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bind: str
) -> None:
    monkeypatch.setenv("PORT", "8001")
    assert findings(tmp_path, swap("gunicorn.conf.py", BIND, bind)) == []
    assert findings(tmp_path, swap("gunicorn.conf.py", f"bind = {BIND}", "")) == []
    assert findings(tmp_path) == []


@pytest.mark.parametrize(
    "hook",
    [
        "#!/usr/bin/env python3\nprint(*[\n    1])\n",
        "#!/usr/bin/perl -w\nmy @x = (1, 2);\n",
        "#!/bin/sh\nif true; then :; fi\n",
        "#!/usr/bin/env\n",
    ],
)
def test_a_hook_is_read_by_what_runs_it(tmp_path: Path, hook: str) -> None:
    assert findings(tmp_path, add(SMOKE, hook, 0o100755)) == []


@pytest.mark.parametrize("path", NO_SECRETS)
def test_what_only_looks_like_a_secret_is_none(tmp_path: Path, path: str) -> None:
    assert findings(tmp_path, add(path, "\n".join(NO_SECRETS[path]))) == []


def test_a_secret_by_reference_is_none(tmp_path: Path) -> None:
    lines = "x: 'SECRET_KEY=$SECRET_KEY'\ny: 'PASSWORD: arn:aws:secretsmanager:eu:1:secret:x'\n"
    found = findings(tmp_path, add(MORE, lines))
    assert not any("holds" in each for each in found)


def test_a_bundle_larger_than_the_platform_takes_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint, "LIMIT", 1000)
    (found,) = findings(tmp_path)
    assert "1000 is the most" in found


def test_the_options_of_the_stack_are_looked_at_too(tmp_path: Path) -> None:
    template = tmp_path / "infra.yaml"
    option = "{Namespace: aws:autoscaling:asg, OptionName: MinSizze, Value: '2'}"
    template.write_text(f"Resources: {{E: {{Properties: {{OptionSettings: [{option}]}}}}}}\n")
    (found,) = lint.findings(pack(tmp_path), template)
    assert "deploy/infra.yaml: aws:autoscaling:asg MinSizze" in found


@pytest.mark.parametrize(("changes", "code"), [([], 0), ([chmod(SMOKE, 0o100644)], 1)])
def test_the_command_says_what_it_finds_and_fails(
    tmp_path: Path, changes: list[Change], code: int
) -> None:
    result = lint_command(pack(tmp_path, *changes))
    assert result.returncode == code
    assert ("has no run bit" in result.stdout) == bool(code)


@pytest.mark.parametrize("content", [None, b"no zip"])
def test_what_is_no_bundle_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bundle.zip"
    if content:
        path.write_bytes(content)
    result = lint_command(path)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Stopped: {path} is no bundle")
