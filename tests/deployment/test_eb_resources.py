"""What `.ebextensions` adds to the platform's resources, and changes of them, is right."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from cfnlint.api import ManualArgs, lint

from deploy import lint_configs
from tests.deployment.bundles import working_directory

pytestmark = pytest.mark.once

ALARMS, CAPACITY = ".ebextensions/60_alarms.config", ".ebextensions/20_capacity.config"
DECIDED = "Fn::GetOptionSetting"
# What the platform calls its own resources, as far as ours name them.
PLATFORM = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Network: {Type: "AWS::EC2::VPC::Id"}
  Template: {Type: String}
Resources:
  AWSEBAutoScalingGroup:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: "1"
      MaxSize: "4"
      VPCZoneIdentifier: {Ref: Subnets}
      LaunchTemplate: {LaunchTemplateId: {Ref: Template}, Version: "1"}
  AWSEBCloudwatchAlarmLow:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/ApplicationELB
      MetricName: RequestCount
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 3
      Threshold: 10
      ComparisonOperator: LessThanThreshold
  AWSEBV2LoadBalancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: {Ref: Subnets}}
  AWSEBV2LoadBalancerTargetGroup:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Port: 80, Protocol: HTTP, VpcId: {Ref: Network}}
  AWSEBV2LoadBalancerListener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: {Ref: AWSEBV2LoadBalancer}
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: {Ref: AWSEBV2LoadBalancerTargetGroup}}]
"""


def resources() -> dict[str, Any]:
    """Resources of every configuration file, each name once."""
    found: dict[str, Any] = {}
    for path, content in working_directory().files.items():
        if path.endswith(".config"):
            more = yaml.safe_load(content).get("Resources", {})
            assert not found.keys() & more.keys()
            found |= more
    return found


def decided(content: Any) -> Any:
    """With options that nobody set: each function that asks for one gives its default."""
    if isinstance(content, Mapping):
        if DECIDED in content:
            return decided(content[DECIDED]["DefaultValue"])
        return {key: decided(value) for key, value in content.items()}
    if isinstance(content, list):
        return [decided(each) for each in content]
    return content


def merged(platform: dict[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """As the platform does it: properties of ours come beside those that a resource of its has."""
    for name, resource in ours.items():
        there = platform.get(name, {"Properties": {}})
        properties = there["Properties"] | resource["Properties"]
        platform[name] = resource | {"Properties": properties}
    return platform


def findings(ours: Mapping[str, Any]) -> list[str]:
    template = yaml.safe_load(PLATFORM)
    template["Resources"] = merged(template["Resources"], decided(ours))
    checks = ManualArgs(regions=["eu-central-1", "us-east-1"])
    return [f"{match.rule.id} {match.message}" for match in lint(json.dumps(template), checks)]


def test_cloudformation_would_take_our_resources() -> None:
    ours = resources()
    assert len(ours) == 6
    assert findings(ours) == []


def test_resources_named_like_the_platforms_are_the_platforms() -> None:
    changed = {name: each["Type"] for name, each in resources().items() if name.startswith("AWSEB")}
    platform = yaml.safe_load(PLATFORM)["Resources"]
    assert changed.keys() == {"AWSEBAutoScalingGroup", "AWSEBCloudwatchAlarmLow"}
    assert changed == {name: platform[name]["Type"] for name in changed}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Namespace: AWS/ApplicationELB", "Nmespace: AWS/ApplicationELB", "E3002"),
        ("GreaterThanThreshold", "MoreThanThreshold", "E3030"),
        ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::Alarms", "E3006"),
        ("[AWSEBV2LoadBalancer, ", "[AWSEBLoadBalancer, ", "E1010"),
        ("LoadBalancerFullName", "FullName", "E1010"),
        ('Ref: "AWS::Region"', "Ref: Region", "E1020"),
        ("HealthCheckGracePeriod:", "HealthCheckGrace:", "E3002"),
        ("TreatMissingData: breaching", "TreatMissingData: low", "E3030"),
    ],
)
def test_a_planted_fault_is_found(old: str, new: str, rule: str) -> None:
    files = working_directory().files
    text = files[ALARMS].decode() + files[CAPACITY].decode().partition("Resources:\n")[2]
    assert old in text
    found = findings(yaml.safe_load(text.replace(old, new))["Resources"])
    assert any(finding.startswith(rule) for finding in found)


@pytest.mark.parametrize("function", ["Fn::Sub", "Fn::If", "Fn::Select", "Fn::ImportValue"])
def test_a_function_that_works_only_in_templates_is_found(function: str) -> None:
    text = f"Resources: {{X: {{Properties: {{Y: {{'{function}': z}}}}}}}}"
    (finding,) = lint_configs.faults_of_resources(lint_configs.read("x.config", text))
    assert f"{function} does not work" in finding


def test_every_alarm_tells_the_topic_of_the_stack_or_one_that_cannot_break_anything() -> None:
    for name, alarm in resources().items():
        if name.startswith("AWSEB"):
            continue
        (action,) = alarm["Properties"]["AlarmActions"]
        asked = action[DECIDED]
        assert asked["Namespace"] == "aws:elasticbeanstalk:sns:topics"
        assert asked["OptionName"] == "Notification Topic ARN"
        parts = asked["DefaultValue"]["Fn::Join"][1]
        assert (parts[0], parts[2], parts[-1]) == ("arn", "sns", "tasklist-alarms")
