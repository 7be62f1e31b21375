"""What docs/deploy.md and docs/sources.md name exists, and the other way round."""

import re
from pathlib import Path

import boto3
import pytest
import yaml
from botocore import xform_name
from django.core.management import get_commands

from deploy import deploy, destroy
from deploy.aws import Account
from deploy.rehearse import faults, probes
from deploy.template import RELEASE, Template
from ledger.models import Delivery
from ledger.worker.verdicts import Fate
from tasklist.checks import AWS_KEYS

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "deploy.md").read_text()
SOURCES = (ROOT / "docs" / "sources.md").read_text()
TEMPLATE = Template((ROOT / "deploy" / "infra.yaml").read_text())
CONFIGS = [yaml.safe_load(path.read_text()) for path in sorted(ROOT.glob(".ebextensions/*"))]

BLOCKS = re.findall(r"```\w*\n(.*?)```", GUIDE, re.DOTALL)
SPANS = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL))
CODE = [*BLOCKS, *SPANS]


def named(pattern):
    """What the guide's code names by this pattern."""
    return {found for code in CODE for found in re.findall(pattern, code)}


def rows(heads, text=GUIDE):
    """The cells of the table with these words in its head, without the marks of code."""
    lines = text.splitlines()
    [start] = [n for n, line in enumerate(lines) if line.startswith(heads)]
    table = []
    for line in lines[start + 2 :]:
        if not line.lstrip().startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip()[1:-1].split("|")])
    return table


def plain(cell):
    return cell.strip("` ")


def anchors(text):
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", ["deploy.md", "sources.md"])
def test_every_link_leads_somewhere(name):
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / "docs" / name).read_text())
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        target = ROOT / "docs" / path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def test_every_make_target_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"deploy", "destroy", "bundle", "rehearse"} <= named(r"\bmake ([a-z]+)") <= targets


def test_the_table_of_parameters_is_the_templates():
    documented = {
        plain(name): plain(default) for name, default, _ in rows("| parameter | default |")
    }
    assert documented == {
        name: facts.get("Default", "")
        for name, facts in TEMPLATE.parameters.items()
        if name != RELEASE
    }


def test_parameters_are_given_values_that_the_template_takes():
    given = set().union(*(re.findall(r"\b([A-Z]\w+)=([^\s\"']*)", code) for code in CODE))
    given = {(name, value) for name, value in given if not name.isupper()}
    assert {"DatabaseMultiAZ", "CertificateArn", "WithCognito"} <= {name for name, _ in given}
    for name, value in given - {("Name", "Value")}:
        facts = TEMPLATE.parameters[name]
        allowed = facts.get("AllowedValues", [value])
        if name == "EmailFrom":  # a whole value; those of others are shortened
            assert re.fullmatch(facts["AllowedPattern"], value)
        assert value in allowed, (name, value)


def options_of(main, capsys):
    """The long options that a command knows, by its own help."""
    with pytest.raises(SystemExit):
        main(["--help"])
    return set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help"}


def test_the_table_of_options_is_the_commands(capsys):
    documented = {
        option
        for cell, _ in rows("| option | meaning |")
        for option in re.findall(r"--[a-z-]+", cell)
    }
    assert documented == options_of(deploy.main, capsys)


def test_options_given_to_make_are_those_of_the_command(capsys):
    for target, main in (("deploy", deploy.main), ("destroy", destroy.main)):
        given = named(rf'make {target} OPTIONS="([^"]*)"')
        options = {option for each in given for option in re.findall(r"--[a-z-]+", each)}
        assert options <= options_of(main, capsys)
    assert "--yes-destroy" in options_of(destroy.main, capsys) & named(r"(--yes-destroy)")


def test_every_command_of_manage_py_exists():
    commands = named(r"manage\.py ([a-z_]+)") | {"showmigrations", "shell", "migrate"}
    assert {"invite_admin", "sqlmigrate"} <= commands <= set(get_commands())


def test_the_first_administrator_is_made_as_the_deployment_says():
    assert f"```sh\n{deploy.INVITE}\n```" in GUIDE
    assert deploy.REGION in GUIDE
    assert f"stack {deploy.STACK} in {deploy.REGION}" in GUIDE


def aws_commands():
    """(service, operation, options) of every `aws` command in the guide."""
    command = re.compile(r"\baws (?!command)([a-z0-9-]+) ([a-z-]+)((?:(?!&&).)*)")
    for code in CODE:
        for service, operation, rest in command.findall(re.sub(r"\s*\n\s+", " ", code)):
            yield service, operation, set(re.findall(r"--([a-z-]+)", rest))


def test_every_call_to_aws_exists_with_its_options():
    calls = list(aws_commands())
    assert len(calls) >= 8
    for service, operation, options in calls:
        model = boto3.Session(region_name="eu-central-1").client(service).meta.service_model
        known = {xform_name(name, "-"): name for name in model.operation_names}
        assert operation in known, (service, operation)
        members = model.operation_model(known[operation]).input_shape.members
        allowed = {xform_name(name, "-") for name in members} | {"region", "query", "output"}
        assert options <= allowed, (service, operation, options - allowed)


def test_every_name_in_capital_letters_is_known():
    variables = named(r"(?<![\w/:$.-])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b")
    documented = (ROOT / ".env.example").read_text()
    workflows = "".join(path.read_text() for path in ROOT.glob(".github/workflows/*"))
    for name in variables - {"AWS_PROFILE", "UTC_TIMESTAMP", "USER_PASSWORD_AUTH", *AWS_KEYS}:
        assert re.search(rf"\b{name}\b", documented) or f"vars.{name}" in workflows, name
    assert set(AWS_KEYS) <= variables


def test_every_name_of_the_stack_is_in_a_template():
    words = {span for span in SPANS if re.fullmatch(r"[A-Z][a-z]+(?:[A-Z][A-Za-z]*)+", span)}
    text = TEMPLATE.text + "".join(path.read_text() for path in ROOT.glob(".ebextensions/*"))
    assert {"ApplicationSecret", "CognitoIssuer", "DashboardUrl", "EnvironmentHost"} <= words
    for word in words - {"PowerUserAccess"}:
        assert re.search(rf"\b{word}\b", text), word
    outputs = {word for word in words if word.startswith("Cognito")}
    outputs |= {"DashboardUrl", "EnvironmentHost"}
    assert outputs <= set(TEMPLATE.content["Outputs"])


def test_every_alarm_is_explained():
    ours = [
        *TEMPLATE.content["Resources"].items(),
        *(pair for config in CONFIGS for pair in config.get("Resources", {}).items()),
    ]
    alarms = {name for name, facts in ours if facts["Type"] == "AWS::CloudWatch::Alarm"}
    alarms -= {"AWSEBCloudwatchAlarmLow"}  # the platform's own, which scales and tells nobody
    assert {plain(name) for name, _, _ in rows("| alarm | meaning |")} == alarms


def test_where_no_mail_arrives_every_state_and_line_of_the_log_is_explained():
    states = {state for row in rows("   | state |") for state in row[0].split(", ")}
    assert states == set(Delivery.State.labels)
    told = [*(ROOT / "ledger" / "worker").glob("*.py"), ROOT / "tasklist" / "metrics.py"]
    worker = "".join(path.read_text() for path in [*told, ROOT / "ledger" / "chores.py"])
    worker = re.sub(r"%(\(\w+\))?[sd]", "…", re.sub(r'"\n +"', "", worker))
    lines = {line for row in rows("   | line |") for line in re.findall(r"`([^`]+)`", row[0])}
    for line in lines - {"NEVER", "UNKNOWN"}:
        assert line.replace("LATER, ", "…, ") in worker, line
    assert {"NEVER", "UNKNOWN", "LATER"} == set(Fate.__members__)


def test_every_step_of_a_release_is_explained():
    commands = {name for config in CONFIGS for name in config.get("container_commands", {})}
    hooks = {path.name for path in ROOT.glob(".platform/hooks/*/*")}
    table = " ".join(" ".join(row) for row in rows("| | step |"))
    assert {*re.findall(r"`(\d\d_\w+)`", table)} == commands
    assert {*re.findall(r"`(\d\d_\w+\.sh)`", table)} == hooks


def test_every_log_group_of_the_database_is_named_with_an_end():
    database = TEMPLATE.content["Resources"]["Database"]["Properties"]
    groups = {
        f"/aws/rds/instance/DATABASE/{log}" for log in database["EnableCloudwatchLogsExports"]
    }
    assert named(r"/aws/rds/instance/[\w/…]*") == groups
    ends = named(r"aws logs put-retention-policy --log-group-name (\S+) --retention-in-days \d+")
    assert ends == groups


def test_every_fault_that_the_rehearsal_tries_is_told():
    text = " ".join(GUIDE.split())
    for name in names_of_faults():
        told = "each required variable missing" if name.endswith(" missing") else name
        assert told in text, name


def names_of_faults():
    names = re.findall(r'Fault\("([^"]+)"', Path(faults.__file__).read_text())
    assert len(names) >= 10
    return set(names)


def test_what_it_costs_adds_up():
    items = [(item, int(cost.strip("*"))) for item, cost in rows("| item | a month |")]
    costs = dict(items)
    single = sum(cost for item, cost in items if not item.startswith(("**", "more")))
    assert costs["**in all**"] == single


def test_figures_of_the_guide_are_those_of_template_and_environment():
    database = TEMPLATE.content["Resources"]["Database"]["Properties"]
    parameters = TEMPLATE.content["Resources"]["DatabaseParameterGroup"]["Properties"]["Parameters"]
    [group] = [
        config for config in CONFIGS if "aws:autoscaling:asg" in config.get("option_settings", {})
    ]
    capacity = group["option_settings"]
    disk = capacity["aws:autoscaling:launchconfiguration"]["RootVolumeSize"]
    assert f"2 × {disk} GB gp3" in GUIDE
    assert f"its disk, {database['AllocatedStorage']} GB" in GUIDE
    assert f"RDS keeps {database['BackupRetentionPeriod']} days" in GUIDE
    assert f"of {parameters['max_connections']} connections" in GUIDE
    # An immutable release doubles the most there can be; the sizes up to t4g.large have 2 vCPUs.
    vcpus = 2 * int(capacity["aws:autoscaling:asg"]["MaxSize"]) * 2
    assert f"at least {vcpus} vCPUs" in GUIDE
    grace = group["Resources"]["AWSEBAutoScalingGroup"]["Properties"]["HealthCheckGracePeriod"]
    assert f"in its first {grace // 60} minutes" in GUIDE
    assert TEMPLATE.parameters["InstanceType"]["Default"] in rows("| item |")[0][0]


def test_the_guide_says_what_stays_after_the_stack_has_gone():
    end = " ".join(GUIDE.partition("## Taking it away")[2].partition("\n## ")[0].split())
    database = TEMPLATE.content["Resources"]["Database"]["Properties"]
    assert database["DeleteAutomatedBackups"] is False
    assert f"automated backups of its last {database['BackupRetentionPeriod']} days" in end
    assert "`elasticbeanstalk-REGION-ACCOUNT`" in end
    assert end.index("CNAME made by hand") < end.index("make destroy")
    kept = {
        name
        for name, facts in TEMPLATE.content["Resources"].items()
        if facts.get("DeletionPolicy", "").startswith("Retain")
    }
    assert kept == {"StaticBucket", "MediaBucket", "UserPool"}
    assert "buckets of static files and media, the user pool" in end


def test_the_guide_says_what_instances_share_with_others_of_the_account():
    policies = TEMPLATE.content["Resources"]["InstanceRole"]["Properties"]["Policies"]
    [platform] = [each for each in policies if each["PolicyName"] == "platform"]
    assert "elasticbeanstalk-${AWS::Region}-${AWS::AccountId}/resources" in str(platform)
    needed = " ".join(GUIDE.partition("## What is needed")[2].partition("\n## ")[0].split())
    assert "an account, one of its own" in needed.lower()
    assert "`elasticbeanstalk-REGION-ACCOUNT`" in needed


def test_a_dry_run_needs_no_credentials(monkeypatch, capsys):
    for name in (*AWS_KEYS, "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    account = Account(deploy.REGION, dry_run=True)
    account.connect()
    assert "An empty account is assumed" in capsys.readouterr().out


# The five source systems

MET = {
    *("0.8", "0.9", "0.13", "1.6", "1.7", "4.4", "4.5", "4.6", "4.7"),
    *("3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7"),
}
TABLE = rows("| # | there | here |", SOURCES)


def test_every_row_that_has_to_be_met_is_there_once():
    numbers = [row[0] for row in TABLE]
    assert set(numbers) >= MET
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_what_holds_a_row_exists(row):
    *_, places, holders = row
    for place in re.findall(r"`([^`]+)`", places):
        assert (ROOT / place).exists(), place
    tests = re.findall(r"`([\w/]+\.py)::(\w+)`", holders)
    for path, name in tests:
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), name
    steps = re.findall(r"rehearsal: `([^`]+)`", holders)
    assert set(steps) <= names_of_faults() | names_of_probes()
    assert tests or steps or re.fullmatch(r"as \d\.\d+", holders)


def names_of_probes():
    """The steps of the rehearsal as it prints them."""
    asked = [name for name in vars(probes.Probes) if not name.startswith("_")]
    return {name.replace("_", " ") for name in asked}
