"""The shape of the house, held by reading the code: each rule is also seen to fail."""

import ast
import textwrap
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

ROOT = Path(settings.BASE_DIR)

# What each package may import. Downwards only: wiring knows no tasks, the ledger knows nobody.
MAY_IMPORT = {
    "ledger": set(),
    "tasklist": {"ledger"},
    "accounts": {"ledger", "tasklist"},
    "tasks": {"accounts", "ledger", "tasklist"},
    "products": {"accounts", "ledger", "tasklist", "tasks"},
    "demo": {"accounts", "ledger", "products", "tasklist", "tasks"},
}
ONLY_FOR_A_LAPTOP = {"demo"}
WRITES = {
    *("save", "create", "update", "delete", "bulk_create", "bulk_update"),
    *("get_or_create", "update_or_create", "add", "remove", "set", "clear"),
    *("asave", "acreate", "aupdate", "adelete", "abulk_create", "abulk_update"),
    *("aget_or_create", "aupdate_or_create", "aadd", "aremove", "aset", "aclear"),
    *("execute", "executemany", "raw"),
    *("create_from_request", "record_usage"),  # of django-allauth's models
}
WRITING_FUNCTIONS = {"setup_user_email"}  # of django-allauth, called by their names alone
# Calls of these names that write to no model: sets, dicts, context variables, our own actions.
NO_WRITES = {
    "tasklist/request_id.py": {"current_request_id.set"},
    "ledger/doorway.py": {"_via.set", "_batch.set"},
    "ledger/worker/loop.py": {"over.set"},
    "tasklist/session_store.py": {"super().delete"},  # Django's own, of sessions
    "tasklist/settings.py": {"MIDDLEWARE.remove"},
    "tasklist/test_settings.py": {"MIDDLEWARE.remove"},
    "tasklist/management/commands/run.py": {"over.set"},
    "tasklist/rest/resources.py": {"self.verbs.create"},
    "tasklist/health.py": {"cursor.execute"},
    "tasklist/chores.py": {"cursor.execute"},  # of the cache, which is no model
    "tasklist/csv_admin.py": {"KeptInCache(name=name).remove"},
    "tasklist/csv_rows.py": {"self.verbs.create"},
    "tasklist/page_admin.py": {"self.verbs.create", "self.verbs.delete"},
    "tasklist/management/commands/migrate_locked.py": {"cursor.execute", "super().execute"},
}


def modules():
    """(path from the root, syntax tree) of every module that is no test and no migration."""
    for package in MAY_IMPORT:
        for path in sorted((ROOT / package).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in where and "/tests/" not in where:
                yield where, ast.parse(path.read_text())


def imported_packages(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def upward_imports(where, tree):
    package = where.partition("/")[0]
    allowed = MAY_IMPORT[package] | {package}
    return [
        f"{where} imports {name}"
        for name in imported_packages(tree)
        if name in MAY_IMPORT and name not in allowed
    ]


def writes(where, tree):
    """Calls that write to a model, outside the places that may."""
    if "/actions/" in where:
        return []
    actions = action_modules(tree)
    by_name = [
        f"{where}:{call.lineno} {call.func.id}"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in WRITING_FUNCTIONS
    ]
    return by_name + [
        f"{where}:{call.lineno} {ast.unparse(call.func)}"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and ast.unparse(call.func.value) not in actions
        and ast.unparse(call.func) not in NO_WRITES.get(where, ())
    ]


def action_modules(tree):
    """Names that stand for a module of actions in this file, and for nothing else in it."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".actions")
        for alias in node.names
    }
    assigned = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return imported - assigned


def hidden_work(where, tree):
    """Signals, and save() or delete() overrides: work that nobody sees from the call."""
    found = [
        f"{where}:{node.lineno} {node.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name in {"save", "delete"}
        and "models" in where
    ]
    signals = {"django.dispatch", "django.db.models.signals"}
    return found + [
        f"{where}:{node.lineno} signals"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in signals
    ]


def loose_actions(where, tree):
    """Actions that take positions, or do not say who acts."""
    if "/actions/" not in where:
        return []
    return [
        f"{where}:{node.lineno} {node.name}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(decorator) == "action" for decorator in node.decorator_list)
        and (node.args.args or "by" not in {arg.arg for arg in node.args.kwonlyargs})
    ]


def long_functions(where, tree):
    return [
        f"{where}:{node.lineno} {node.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno > 60
    ]


RULES = [upward_imports, writes, hidden_work, loose_actions, long_functions]


@pytest.mark.parametrize("rule", RULES)
def test_the_code_keeps_the_rule(rule):
    assert [found for where, tree in modules() for found in rule(where, tree)] == []


@pytest.mark.parametrize(
    ("rule", "where", "planted"),
    [
        (upward_imports, "ledger/feed.py", "from tasks.models import Task"),
        (upward_imports, "tasklist/paging.py", "import accounts.models"),
        (upward_imports, "accounts/views.py", "def f():\n    from tasks import rows"),
        (upward_imports, "tasks/apps.py", "from demo import team"),
        (writes, "tasks/views/tasks.py", "task.save()"),
        (writes, "tasks/views/tasks.py", "Task.objects.filter(pk=1).update(title='x')"),
        (writes, "tasks/forms.py", "task.labels.set([])"),
        (writes, "accounts/adapter.py", "user.delete()"),
        (writes, "tasks/views/trash.py", "tasks = Task.objects.all()\ntasks.update(title='x')"),
        (
            writes,
            "tasks/views/agenda.py",
            "from tasks.actions import tasks\ntasks = f()\ntasks.delete()",
        ),
        (writes, "tasks/rows.py", "connection.cursor().execute('DELETE FROM tasks_task')"),
        (writes, "tasks/rows.py", "await task.asave()"),
        (writes, "accounts/admin/people.py", "UserSession.objects.create_from_request(request)"),
        (writes, "accounts/api/second_factor.py", "form.authenticator.record_usage()"),
        (writes, "accounts/registering.py", "setup_user_email(request, user, [])"),
        (hidden_work, "tasks/models/tasks.py", "class T:\n    def save(self): ..."),
        (hidden_work, "tasks/apps.py", "from django.db.models.signals import post_save"),
        (loose_actions, "tasks/actions/tasks.py", "@action\ndef complete(task, by): ..."),
        (loose_actions, "tasks/actions/tasks.py", "@action\ndef complete(*, task): ..."),
        (long_functions, "tasks/rows.py", "def f():\n" + "    x = 1\n" * 61),
    ],
)
def test_the_rule_sees_a_planted_violation(rule, where, planted):
    assert rule(where, ast.parse(textwrap.dedent(planted))) != []


def test_what_drives_a_browser_lies_where_make_test_looks_for_it():
    mark = "pytest.mark." + "browser"
    marked = {
        path.relative_to(ROOT).as_posix()
        for package in (*MAY_IMPORT, "tests")
        for path in (ROOT / package).rglob("test_*.py")
        if mark in path.read_text()
    }

    assert marked == {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/browser").glob("test_*.py")
    }


def test_most_functions_are_short():
    """The median under 10 lines, as the design asks."""
    lengths = sorted(
        node.end_lineno - node.lineno + 1
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    )

    assert lengths[len(lengths) // 2] < 10


def test_every_app_is_tested_and_deployed():
    """What lists the apps by name lists all of them."""
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    pytest_looks_at = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]
    deployed = (ROOT / ".ebignore").read_text().splitlines()

    assert apps == set(MAY_IMPORT) - ONLY_FOR_A_LAPTOP
    assert set(MAY_IMPORT) - set(pytest_looks_at["ini_options"]["testpaths"]) == set()
    assert {app for app in MAY_IMPORT if f"!/{app}/" in deployed} == apps


def test_the_smallest_app_is_read_in_ten_minutes():
    """It is the model for the next one: what others need as well moves below it."""
    read = [path for path in (ROOT / "products").rglob("*.py") if not in_tests_or_migrations(path)]

    assert sum(path.read_text().count("\n") for path in read) in range(400, 600)


def in_tests_or_migrations(path):
    return not {"tests", "migrations"}.isdisjoint(path.parts)


def test_files_stay_readable():
    lines = {
        path: path.read_text().count("\n")
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("*.py")
    }

    assert {
        str(path): count
        for path, count in lines.items()
        if count > 300 and "tests" not in path.parts
    } == {}
