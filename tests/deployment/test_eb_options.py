"""Options that the platform would ignore or refuse are found, and ours do what was asked for."""

import re
from pathlib import Path

import pytest
import yaml

from deploy import lint, lint_configs
from deploy.eb_settings import Setting, findings, settings_of_config, settings_of_template
from tests.deployment.bundles import working_directory

pytestmark = pytest.mark.once

GRACEFUL_TIMEOUT = 20
# Seconds for all of a deployment but the wait for another that migrates: the packages, the
# certificates (two minutes at worst), the check, the smoke test (one and a half).
REST = 270
PROCESS = "aws:elasticbeanstalk:environment:process:default"
ENVIRONMENT = "aws:elasticbeanstalk:application:environment"
SECRETS = "aws:elasticbeanstalk:application:environmentsecrets"
TRIGGER = "aws:autoscaling:trigger"
ACTIONS = "aws:elasticbeanstalk:managedactions"
COMMAND = "aws:elasticbeanstalk:command"
DRAINED = (PROCESS, "DeregistrationDelay", "30")  # so that nothing is said about that
BESIDE = (COMMAND, "DeploymentPolicy", "Immutable")  # likewise


def found(*settings: tuple[str, str, str | None]) -> list[str]:
    given = [Setting("x.config", *setting) for setting in (DRAINED, BESIDE, *settings)]
    return findings(given, GRACEFUL_TIMEOUT)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str | None]:
    """What our configuration files set."""
    path = working_directory().pack(tmp_path_factory.mktemp("bundle") / "bundle.zip")
    configs, _ = lint_configs.read_all(lint.Bundle.read(path))
    settings = lint.settings_of(configs, None)
    return {(setting.namespace, setting.name): setting.value for setting in settings}


@pytest.mark.parametrize(
    ("namespace", "name", "value"),
    [
        ("aws:autoscaling:asg", "Cooldown", "0"),
        ("aws:elbv2:listener:443", "Protocol", "HTTPS"),
        ("aws:elbv2:listener:default", "ListenerEnabled", "false"),
        ("aws:elasticbeanstalk:environment:process:worker", "Port", "8001"),
        (
            "aws:elasticbeanstalk:sns:topics",
            "Notification Topic ARN",
            "arn:aws:sns:eu:123456789012:x",
        ),
        ("aws:elasticbeanstalk:environment:proxy:staticfiles", "/static", "static"),
        ("aws:autoscaling:updatepolicy:rollingupdate", "PauseTime", "PT1M30S"),
        ("aws:ec2:instances", "InstanceTypes", "t4g.small, t4g.micro"),
        (SECRETS, "SECRET_KEY", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-1:KEY"),
        (ENVIRONMENT, "DATABASE_CA", "/etc/pki/tasklist/rds.pem"),
        (COMMAND, "DeploymentPolicy", "RollingWithAdditionalBatch"),
        (COMMAND, "DeploymentPolicy", None),
        (ENVIRONMENT, "PORT", "8000"),
        (ENVIRONMENT, "PORT", None),
    ],
)
def test_what_the_guide_allows_is_right(namespace: str, name: str, value: str | None) -> None:
    assert found((namespace, name, value)) == []


@pytest.mark.parametrize(
    ("namespace", "name", "value", "words"),
    [
        ("aws:autoscaling:asgs", "MinSize", "2", "there is no namespace aws:autoscaling:asgs"),
        ("aws:autoscaling:asg", "MinSiz", "2", "no such option. Is it MinSize?"),
        ("aws:autoscaling:asg", "Quux", "2", "no such option. Correct its spelling"),
        ("aws:autoscaling:asg", "MaxSize", "10001", "a whole number from 1 to 10000"),
        ("aws:autoscaling:asg", "MaxSize", "five", "a whole number from 1 to 10000"),
        ("aws:autoscaling:launchconfiguration", "DisableIMDSv1", "yes", "one of true, false"),
        ("aws:autoscaling:launchconfiguration", "DisableIMDSv1", "True", "one of true, false"),
        ("aws:elasticbeanstalk:command", "DeploymentPolicy", "immutable", "one of AllAtOnce"),
        ("aws:elasticbeanstalk:cloudwatch:logs", "RetentionInDays", "31", "one of 1, 3, 5"),
        ("aws:elasticbeanstalk:managedactions", "PreferredStartTime", "Tue 9", "Tue:09:00"),
        ("aws:autoscaling:updatepolicy:rollingupdate", "PauseTime", "PT", "a duration"),
        ("aws:ec2:instances", "InstanceTypes", "t4g.small;t4g.micro", "like t4g.small"),
        ("aws:ec2:instances", "InstanceTypes", ",".join(["t4g.small"] * 11), "up to 10"),
        ("aws:ec2:vpc", "VPCId", "subnet-0a1b", "a VPC like"),
        (PROCESS, "HealthCheckPath", "healthz", "a path that begins with /"),
        (PROCESS, "MatcherHTTPCode", "200,600", "a status"),
        (ENVIRONMENT, "log-format", "json", "no such option"),
        (SECRETS, "SECRET_KEY", "in-plain-sight", "the ARN of a secret"),
        ("aws:elbv2:listener:443", "SSLCertificateArns", "x", "the ARN of a certificate"),
        (ENVIRONMENT, "RDS_PASSWORD", "hunter2", "looks like a secret in plain sight"),
        (ENVIRONMENT, "SECRET_KEY", "hunter2", "looks like a secret in plain sight"),
        ("aws:rds:dbinstance", "DBDeletionPolicy", "Delete", "the data would go"),
    ],
)
def test_what_the_platform_would_ignore_or_refuse_is_found(
    namespace: str, name: str, value: str, words: str
) -> None:
    (finding,) = found((namespace, name, value))
    assert words in finding
    assert "hunter2" not in finding


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([("aws:autoscaling:asg", "MinSize", "5")], "MinSize 5 is more than MaxSize 4"),
        (
            [(TRIGGER, "Period", "1"), (TRIGGER, "EvaluationPeriods", "3")],
            "Period × EvaluationPeriods",
        ),
        ([(PROCESS, "DeregistrationDelay", "20")], "DeregistrationDelay 20 cuts off"),
        (
            [
                (ACTIONS, "ManagedActionsEnabled", "true"),
                (f"{ACTIONS}:platformupdate", "UpdateLevel", "minor"),
            ],
            "needs PreferredStartTime",
        ),
        (
            [
                (ACTIONS, "ManagedActionsEnabled", "true"),
                (ACTIONS, "PreferredStartTime", "Tue:09:00"),
            ],
            "needs UpdateLevel",
        ),
        ([(ENVIRONMENT, "LONG", "x" * 4093)], "4097 bytes of properties; 4096 is the most"),
        ([(ENVIRONMENT, "PORT", "5000")], "PORT 5000 is not where our nginx files ask"),
        ([(COMMAND, "DeploymentPolicy", "AllAtOnce")], "AllAtOnce changes the instances that run"),
        ([(COMMAND, "DeploymentPolicy", "Rolling")], "Rolling changes the instances that run"),
    ],
)
def test_options_that_do_not_go_together_are_found(
    settings: list[tuple[str, str, str]], words: str
) -> None:
    (finding,) = found(*settings)
    assert words in finding


def test_without_a_policy_the_platform_changes_the_instances_that_run() -> None:
    (finding,) = findings([Setting("x.config", *DRAINED)], GRACEFUL_TIMEOUT)
    assert "DeploymentPolicy AllAtOnce changes the instances that run" in finding


def test_the_later_of_two_settings_counts() -> None:
    twice = [("aws:autoscaling:asg", "MaxSize", size) for size in ("1", "5")]
    assert found(("aws:autoscaling:asg", "MinSize", "2"), *twice) == []


def test_where_a_function_decides_only_the_name_is_looked_at() -> None:
    assert found(("aws:autoscaling:asg", "MinSize", None)) == []
    (finding,) = found(("aws:autoscaling:asg", "MinSizze", None))
    assert "Is it MinSize?" in finding


def test_options_inside_conditions_of_a_template_are_read() -> None:
    text = """
Resources:
  Environment:
    Properties:
      OptionSettings:
        - {Namespace: a, OptionName: plain, Value: "1"}
        - !If
          - Condition
          - {Namespace: a, OptionName: tagged, Value: !Ref Two}
          - !Ref AWS::NoValue
        - Fn::If:
            - Condition
            - {Namespace: a, OptionName: spelled out, Value: {Ref: Three}}
            - {Ref: "AWS::NoValue"}
"""
    settings = settings_of_template("infra.yaml", text)
    values = {setting.name: setting.value for setting in settings}
    assert values == {"plain": "1", "tagged": None, "spelled out": None}


@pytest.mark.parametrize(
    "text",
    [
        'option_settings: {a: {b: "1"}}',
        'option_settings: [{namespace: a, option_name: b, value: "1"}]',
    ],
)
def test_both_forms_of_a_configuration_file_are_read(text: str) -> None:
    content = yaml.safe_load(text)
    assert settings_of_config("x.config", content) == [Setting("x.config", "a", "b", "1")]


def test_a_property_without_namespace_is_one_of_the_environment() -> None:
    content = {"option_settings": [{"option_name": "DEBUG", "value": "0"}]}
    assert settings_of_config("x", content) == [Setting("x", ENVIRONMENT, "DEBUG", "0")]


def test_two_to_five_instances_follow_the_requests_of_a_minute(
    ours: dict[tuple[str, str], str],
) -> None:
    def option(namespace: str, name: str) -> str:
        return ours[namespace, name]

    group = "aws:autoscaling:asg"
    assert (option(group, "MinSize"), option(group, "MaxSize")) == ("2", "5")
    assert option(group, "Cooldown") == "300"
    assert (option(TRIGGER, "MeasureName"), option(TRIGGER, "Statistic")) == ("RequestCount", "Sum")
    assert (option(TRIGGER, "Period"), option(TRIGGER, "EvaluationPeriods")) == ("1", "3")
    assert option(TRIGGER, "UpperThreshold") == option(TRIGGER, "LowerThreshold") == "10"
    assert option(TRIGGER, "UpperBreachScaleIncrement") == "1"
    assert option(TRIGGER, "LowerBreachScaleIncrement") == "-1"


def test_releases_are_immutable_updates_managed_health_enhanced_logs_streamed(
    ours: dict[tuple[str, str], str],
) -> None:
    beanstalk = "aws:elasticbeanstalk"
    assert ours[f"{beanstalk}:command", "DeploymentPolicy"] == "Immutable"
    assert ours["aws:autoscaling:updatepolicy:rollingupdate", "RollingUpdateType"] == "Immutable"
    assert ours[ACTIONS, "ManagedActionsEnabled"] == "true"
    assert (ACTIONS, "ServiceRoleForManagedUpdates") not in ours  # the stack's own role
    assert ours[f"{beanstalk}:healthreporting:system", "SystemType"] == "enhanced"
    assert ours[f"{beanstalk}:cloudwatch:logs", "StreamLogs"] == "true"
    assert ours[f"{beanstalk}:cloudwatch:logs", "RetentionInDays"] == "30"
    assert ours[PROCESS, "HealthCheckPath"] == "/healthz"
    assert ours["aws:autoscaling:launchconfiguration", "DisableIMDSv1"] == "true"


def test_a_deployment_may_wait_for_another_that_migrates_and_still_do_the_rest(
    ours: dict[tuple[str, str], str],
) -> None:
    release = working_directory().files[".ebextensions/90_release.config"].decode()
    (wait,) = re.findall(r"migrate_locked --timeout (\d+)", release)
    assert int(ours["aws:elasticbeanstalk:command", "Timeout"]) >= int(wait) + REST


def test_an_instance_that_starts_is_not_replaced_while_it_waits_for_a_migration(
    ours: dict[tuple[str, str], str],
) -> None:
    files = working_directory().files
    release = files[".ebextensions/90_release.config"].decode()
    (wait,) = re.findall(r"migrate_locked --timeout (\d+)", release)
    capacity = yaml.safe_load(files[".ebextensions/20_capacity.config"])
    group = capacity["Resources"]["AWSEBAutoScalingGroup"]["Properties"]
    assert group["HealthCheckType"] == "ELB"  # else one that hangs is never replaced
    assert group["HealthCheckGracePeriod"] >= int(wait) + REST + 300  # the machine itself starts
    assert group["HealthCheckGracePeriod"] > int(ours["aws:elasticbeanstalk:command", "Timeout"])


def test_no_requests_at_all_are_fewer_than_ten() -> None:
    capacity = yaml.safe_load(working_directory().files[".ebextensions/20_capacity.config"])
    alarm = capacity["Resources"]["AWSEBCloudwatchAlarmLow"]
    assert alarm["Properties"] == {"TreatMissingData": "breaching"}


def test_nothing_is_wrong_with_what_the_stack_sets() -> None:
    text = Path(lint.TEMPLATE).read_text()
    settings = settings_of_template("infra.yaml", text)
    assert len(settings) > 30
    given = [Setting("x", *setting) for setting in (DRAINED, BESIDE)]
    assert findings([*given, *settings], GRACEFUL_TIMEOUT) == []
