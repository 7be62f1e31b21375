"""What runs on GitHub: nothing that is not here, with no right that it does not need."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / ".github" / "workflows").iterdir())
TEXTS = {path.name: path.read_text() for path in PATHS}
# YAML 1.1 takes the key `on` for true.
WORKFLOWS = {
    name: yaml.safe_load(text.replace("\non:\n", '\n"on":\n')) for name, text in TEXTS.items()
}
JOBS = [
    (f"{name}:{job}", workflow, facts)
    for name, workflow in WORKFLOWS.items()
    for job, facts in workflow["jobs"].items()
]
STEPS = [(where, step) for where, _, facts in JOBS for step in facts.get("steps", [])]
ACTIONS = {"actions/checkout", "actions/setup-python", "aws-actions/configure-aws-credentials"}


def job(where):
    [facts] = [facts for name, _, facts in JOBS if name == where]
    return facts


def lines(where):
    return [step["run"] for name, step in STEPS if name == where and "run" in step]


def test_workflows_are_test_and_deploy():
    assert set(WORKFLOWS) == {"test.yml", "deploy.yml"}
    for name, workflow in WORKFLOWS.items():
        more = {"concurrency"} if name == "deploy.yml" else set()
        assert set(workflow) == {"name", "on", "permissions", "jobs"} | more


def test_everything_reads_and_only_the_deployment_signs_in_to_aws():
    assert {name: each["permissions"] for name, each in WORKFLOWS.items()} == {
        name: {"contents": "read"} for name in WORKFLOWS
    }
    more = {where: facts["permissions"] for where, _, facts in JOBS if "permissions" in facts}
    assert more == {"deploy.yml:deploy": {"contents": "read", "id-token": "write"}}


def test_a_pull_request_is_tested_and_cannot_deploy():
    assert set(WORKFLOWS["test.yml"]["on"]) == {"push", "pull_request", "workflow_call"}
    assert WORKFLOWS["deploy.yml"]["on"] == {
        "push": {"branches": ["main"]},
        "workflow_dispatch": None,
    }


def test_what_fails_its_tests_is_not_deployed():
    assert job("deploy.yml:test")["uses"] == "./.github/workflows/test.yml"
    deployment = job("deploy.yml:deploy")
    assert deployment["needs"] == "test"
    assert not re.search(r"always|failure|cancelled", deployment["if"])


def test_pushes_are_deployed_in_their_order_one_at_a_time_and_none_is_broken_off():
    """Tests included: else an older push, slower in them, takes the place of a newer one."""
    workflow = WORKFLOWS["deploy.yml"]
    assert workflow["concurrency"] == {"group": "production", "cancel-in-progress": False}
    assert not any("concurrency" in facts for _, _, facts in JOBS)
    assert job("deploy.yml:deploy")["environment"] == "production"


def test_a_push_is_compared_with_the_head_of_main_before_anything_of_it_runs():
    checkout, look, *rest = job("deploy.yml:deploy")["steps"]
    push, other = "github.event_name == 'push' && 'refs/heads/main'", "github.sha"
    assert checkout["with"]["ref"] == f"${{{{ {push} || {other} }}}}"
    assert "if" not in look
    assert look["id"] == "head"
    assert any("make deploy" in step.get("run", "") for step in rest)
    for step in rest:
        assert step["if"] == "steps.head.outputs.newest == 'true'"


def git(folder, *arguments):
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", *names, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def looked(folder, tested):
    """Status and output of the step that compares a tested commit with main, which is in folder."""
    [step] = [step for _, step in STEPS if step.get("id") == "head"]
    output = folder.parent / "output"
    output.write_text("")
    known = {"PATH": os.environ["PATH"], "GITHUB_SHA": tested, "GITHUB_OUTPUT": str(output)}
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]], cwd=folder, env=known, capture_output=True, check=False
    )
    return done.returncode, output.read_text()


def test_only_the_head_of_main_is_deployed(tmp_path):
    folder = tmp_path / "main"
    folder.mkdir()
    git(folder, "init", "-q")
    commits = []
    for message in ("older", "newer"):
        git(folder, "commit", "-q", "--allow-empty", "-m", message)
        commits.append(git(folder, "rev-parse", "HEAD"))
    older, newer = commits
    assert looked(folder, newer) == (0, "newest=true\n")
    assert looked(folder, older) == (0, "")
    nowhere = tmp_path / "nowhere" / "main"
    nowhere.mkdir(parents=True)
    status, said = looked(nowhere, newer)
    assert status != 0
    assert said == ""


def test_the_deployment_has_a_role_and_no_key():
    [credentials] = [
        step["with"] for _, step in STEPS if "configure-aws-credentials" in step.get("uses", "")
    ]
    assert credentials == {
        "role-to-assume": "${{ vars.AWS_ROLE_ARN }}",
        "aws-region": "${{ vars.AWS_REGION }}",
    }
    assert lines("deploy.yml:deploy")[1:] == ['make deploy OPTIONS="--region $AWS_REGION"']


@pytest.mark.parametrize("name", TEXTS)
def test_no_secret_stands_in_a_workflow_or_is_read_by_it(name):
    text = TEXTS[name]
    assert "secrets." not in text
    assert not re.search(r"AKIA|arn:aws|-----BEGIN", text)
    passwords = re.findall(r"(?i)(?:password|secret|token)\w*: *([^\s#]+(?: [^#]*}})?)", text)
    passwords += re.findall(r"://\w+:(.*?)@", text)
    allowed = {"${{ github.sha }}", "write"}  # a permission: id-token: write
    assert {each.strip() for each in passwords} <= allowed


def test_actions_are_known_pinned_and_leave_no_credentials_behind():
    used = [step for _, step in STEPS if "uses" in step]
    assert used
    for step in used:
        action, _, version = step["uses"].partition("@")
        assert action in ACTIONS, action
        assert re.fullmatch(r"v\d+|[0-9a-f]{40}", version), step["uses"]
        if action == "actions/checkout":
            assert step["with"]["persist-credentials"] is False


def test_no_line_of_shell_is_made_of_what_others_write():
    """An expression inside `run` is pasted before the shell reads it: titles, branches, names."""
    for where, step in STEPS:
        assert "${{" not in step.get("run", ""), where


def test_every_job_ends():
    for where, _, facts in JOBS:
        assert "uses" in facts or facts["timeout-minutes"] <= 60, where


def test_the_whole_check_runs_where_its_packages_are():
    everything = job("test.yml:everything")
    assert ".ci/run" in lines("test.yml:everything")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert everything["container"].startswith("debian:")
    assert "chromium" in (ROOT / "tests" / "system_packages.sh").read_text()


def test_the_tests_run_on_the_mysql_of_the_stack():
    mysql = job("test.yml:mysql")
    template = (ROOT / "deploy" / "infra.yaml").read_text()
    [family] = re.findall(r"Family: mysql([\d.]+)", template)
    [python] = re.findall(r"platform/Python ([\d.]+) running", template)
    assert mysql["services"]["mysql"]["image"] == f"mysql:{family}"
    assert "health-cmd" in mysql["services"]["mysql"]["options"]
    assert mysql["container"].startswith(f"python:{python}-")
    assert mysql["env"]["DEBUG"] == "1"
    assert mysql["env"]["DATABASE_URL"].startswith("mysql://")
    [install, test] = [line for line in lines("test.yml:mysql") if line.startswith("python -m")]
    assert "--require-hashes -r requirements/dev.txt" in install
    assert test == 'python -m pytest -m "not browser and not once"'


def test_the_tests_have_the_collation_of_the_stack():
    [script] = [line for line in lines("test.yml:mysql") if "SET GLOBAL" in line]
    template = (ROOT / "deploy" / "infra.yaml").read_text()
    for name in ("character_set_server", "collation_server"):
        [value] = re.findall(rf"{name}: (\w+)", template)
        assert f"SET GLOBAL {name} = '{value}'" in script


def test_every_make_target_and_file_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(step.get("run", "") for _, step in STEPS)
    assert {"deploy"} <= set(re.findall(r"\bmake ([a-z]+)", text)) <= targets
    for path in re.findall(r"requirements/\S+|docs/\S+\.md", "\n".join(TEXTS.values())):
        assert (ROOT / path).is_file(), path
