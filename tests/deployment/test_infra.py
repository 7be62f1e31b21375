"""What deploy/infra.yaml promises, read from it as CloudFormation would read it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cfnlint.api import ManualArgs, lint
from django.urls import reverse

from accounts.openid.identity import PROVIDER
from deploy.template import LIMIT, Template
from tasklist.metrics import NAMESPACE
from tests.deployment.template import PSEUDO, TEXT, Missing, Stack, source

pytestmark = pytest.mark.once

REPOSITORY = Path(__file__).parents[2]
SETTINGS = "aws:elasticbeanstalk:application:environment"
SECRETS = "aws:elasticbeanstalk:application:environmentsecrets"
CERTIFICATE = {
    "DomainName": "tasks.example.org",
    "CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/0-1",
}
CLOUDFRONT = {"CloudFrontPrefixList": "pl-0123"}
VARIED = {
    "EmailVerification": "mandatory",
    "CorsAllowedOrigins": "https://app.example.org,https://b.example.org",
}
EVERYTHING = {
    "HostedZoneId": "Z0123456789",
    "PrivateInstances": "true",
    "DatabaseMultiAZ": "true",
    "WithCognito": "true",
    "EmailFrom": "tasks@example.org",
    "EmailSecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mail-AbCdEf",
    "AlarmEmail": "ops@example.org",
    **VARIED,
}
RELEASE = {"Release": "releases/tasklist-0123456789ab.zip"}
VARIANTS = {
    "behind CloudFront": CLOUDFRONT,
    "behind CloudFront, with Cognito": CLOUDFRONT | {"WithCognito": "true"},
    "with a certificate": CERTIFICATE,
    "with mail by SES": CERTIFICATE | {"EmailFrom": "tasks@example.org"},
    "with everything": CERTIFICATE | EVERYTHING,
}


@pytest.fixture(params=VARIANTS.values(), ids=VARIANTS.keys())
def given(request):
    return request.param


@pytest.fixture
def stack(given):
    return Stack(given | RELEASE)


def findings(text):
    checks = ManualArgs(include_checks=["I"], regions=["eu-central-1", "us-east-1"])
    return [f"{match.rule.id} {match.message}" for match in lint(text, config=checks)]


# The template as a whole


def literal(text=TEXT):
    """With the database's version and class in place, where cfn-lint knows which exist."""
    for name in ("DatabaseEngineVersion", "DatabaseInstanceClass"):
        text = text.replace(f"!Ref {name}", source(text)["Parameters"][name]["Default"])
    return text


def test_cfn_lint_finds_nothing():
    assert findings(TEXT) == []
    assert [each for each in findings(literal()) if not each.startswith("W2001")] == []  # unused


def test_cfn_lint_finds_planted_faults():
    text = TEXT
    for right, wrong in [
        ("StorageEncrypted:", "StorageEncripted:"),
        ("    DeletionPolicy: Snapshot\n", ""),
        ("!Ref NatGateway", "!Ref NatGatway"),
        ("Default: 8.4.9", "Default: 8.4.99"),
        ("Default: db.t4g.micro", "Default: db.t9g.micro"),
    ]:
        assert right in text
        text = text.replace(right, wrong, 1)
    found = {finding.split()[0] for finding in findings(literal(text))}
    assert {"E3002", "I3011", "E1020", "E3691", "E3025"} <= found


def test_template_can_be_sent_before_there_is_a_bucket():
    assert len(Template(TEXT).body.encode()) <= LIMIT == 51_200


# Parameters


def test_every_parameter_is_explained_bounded_defaulted_and_in_one_group():
    template = source()
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"])
    for facts in template["Parameters"].values():
        assert {"Description", "Type", "Default", "ConstraintDescription"} <= set(facts)
        assert ("AllowedValues" in facts) != ("AllowedPattern" in facts)


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("DomainName", "tasks.example.org", True),
        ("DomainName", "https://tasks.example.org", False),
        ("DomainName", "Tasks.example.org", False),
        ("CertificateArn", CERTIFICATE["CertificateArn"], True),
        ("CertificateArn", "tasks.example.org", False),
        ("HostedZoneId", "/hostedzone/Z0123456789", False),
        ("CloudFrontPrefixList", "pl-3b927c52", True),
        ("CloudFrontPrefixList", "com.amazonaws.global.cloudfront.origin-facing", False),
        ("CorsAllowedOrigins", "https://app.example.org,https://b.example.org:8443", True),
        ("CorsAllowedOrigins", "https://app.example.org/", False),
        ("CorsAllowedOrigins", "http://app.example.org", False),
        ("CorsAllowedOrigins", "https://app.example.org, https://b.example.org", False),
        ("CorsAllowedOrigins", "*", False),
        ("EmailFrom", "tasks+site@example.org", True),
        ("EmailFrom", "Tasklist <tasks@example.org>", False),
        ("EmailFrom", "Tasklist", False),
        ("EmailSecretArn", EVERYTHING["EmailSecretArn"], True),
        ("EmailSecretArn", "smtp+tls://user:password@host:587", False),
        ("AlarmEmail", "two@example.org, addresses@example.org", False),
        ("DatabaseInstanceClass", "db.r7g.large", True),
        ("DatabaseInstanceClass", "t4g.micro", False),
        ("DatabaseEngineVersion", "8.0.40", False),
        ("Release", "releases/tasklist-0123456789ab.zip", True),
        ("Release", "tasklist.zip", False),
    ],
)
def test_parameter_takes_what_fits_and_refuses_what_does_not(name, value, taken):
    pattern = source()["Parameters"][name]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) == taken


def test_defaults_and_variants_of_parameters_fit_their_patterns(given):
    facts = source()["Parameters"]
    for name, value in Stack(given | RELEASE).parameters.items():
        if "AllowedPattern" in facts[name]:
            assert re.fullmatch(facts[name]["AllowedPattern"], value), name
        else:
            assert value in facts[name]["AllowedValues"], name


def test_variants_are_not_refused(given):
    assert Stack(given).refusals() == []


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({}, "CloudFrontPrefixList"),
        (CLOUDFRONT | {"DomainName": "tasks.example.org"}, "CertificateArn"),
        ({"CertificateArn": CERTIFICATE["CertificateArn"]}, "DomainName"),
        (CLOUDFRONT | {"HostedZoneId": "Z0123456789"}, "DomainName"),
        (CLOUDFRONT | {"EmailVerification": "mandatory"}, "EmailFrom"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_made(given, word):
    (refusal,) = Stack(given).refusals()
    assert word in refusal


# Two passes


def test_first_pass_makes_everything_but_the_environment(given):
    first, second = Stack(given), Stack(given | RELEASE)
    later = {"ApplicationVersion", "Environment", "EnvironmentHealthAlarm"}
    later |= {"WaitingAlarm", "LostMailAlarm"}
    later |= {"SiteRecord"} if "HostedZoneId" in given else set()
    assert set(second.resources) - set(first.resources) == later
    told = {"EnvironmentName", "EnvironmentHost", "ReleaseVersion"}
    assert set(second.outputs) - set(first.outputs) == told
    assert not set(first.resources) - set(second.resources)


def test_reference_to_what_is_not_there_is_noticed():
    template = source()
    del template["Outputs"]["EnvironmentName"]["Condition"]
    with pytest.raises(Missing, match="Environment"):
        Stack(CLOUDFRONT, template)


def test_later_release_changes_only_the_version():
    first = Stack(CLOUDFRONT | RELEASE)
    second = Stack(CLOUDFRONT | {"Release": "releases/tasklist-ba9876543210.zip"})
    changed = [name for name, facts in first.resources.items() if facts != second.resources[name]]
    assert changed == ["ApplicationVersion"]


def test_outputs_name_the_version_that_the_environment_was_told_to_run(stack):
    assert stack.outputs["ReleaseVersion"] == stack.properties("Environment")["VersionLabel"]


def test_outputs_are_those_that_the_deployment_asks_for(given):
    outputs = set(Stack(given | RELEASE).outputs)
    cognito = {"CognitoIssuer", "CognitoClientId", "CognitoSignIn"}
    assert outputs - cognito == {
        *("SiteUrl", "StaticBucket", "StaticDomain", "MediaBucket", "ReleaseBucket"),
        *("DatabaseEndpoint", "ApplicationName", "EnvironmentName", "DashboardUrl"),
        *("EnvironmentHost", "ReleaseVersion"),
    }
    assert (cognito <= outputs) == ("WithCognito" in given)


# Network


def open_to_the_world(stack):
    """Group and port of every way in from anywhere."""
    return {
        (name, rule["FromPort"])
        for name, facts in stack.of_type("EC2::SecurityGroup").items()
        for rule in facts["SecurityGroupIngress"]
        if rule.get("CidrIp", rule.get("CidrIpv6")) in ("0.0.0.0/0", "::/0")
    }


def test_only_the_load_balancer_with_a_certificate_is_open_to_the_world(given):
    doors = {("LoadBalancerSecurityGroup", port) for port in (80, 443)}
    assert open_to_the_world(Stack(given)) == (doors if "CertificateArn" in given else set())


def test_door_left_open_is_noticed():
    template = source()
    group = template["Resources"]["DatabaseSecurityGroup"]["Properties"]
    group["SecurityGroupIngress"] = [{"FromPort": 3306, "CidrIp": "0.0.0.0/0"}]
    assert open_to_the_world(Stack(CLOUDFRONT, template)) == {("DatabaseSecurityGroup", 3306)}


def test_each_group_lets_in_only_the_one_before_it():
    stack = Stack(CLOUDFRONT)
    ways = {
        name: [
            (rule["FromPort"], rule["ToPort"], rule.get("SourceSecurityGroupId", "pl-0123"))
            for rule in facts["SecurityGroupIngress"]
        ]
        for name, facts in stack.of_type("EC2::SecurityGroup").items()
    }
    assert ways == {
        "LoadBalancerSecurityGroup": [(80, 80, "pl-0123")],
        "InstanceSecurityGroup": [(80, 80, "<LoadBalancerSecurityGroup>")],
        "DatabaseSecurityGroup": [(3306, 3306, "<InstanceSecurityGroup>")],
    }
    assert not stack.of_type("EC2::SecurityGroupIngress")


def test_beanstalk_adds_no_group_and_no_key_of_its_own(stack):
    launch = stack.options("aws:autoscaling:launchconfiguration")
    balancer = stack.options("aws:elbv2:loadbalancer")
    assert launch["SecurityGroups"] == "<InstanceSecurityGroup>"
    assert launch["DisableDefaultEC2SecurityGroup"] == "true"
    assert "EC2KeyName" not in launch
    assert set(balancer.values()) == {"<LoadBalancerSecurityGroup>"}
    assert set(balancer) == {"SecurityGroups", "ManagedSecurityGroup"}


def tables_of(stack):
    """Subnet → its route table."""
    return {
        facts["SubnetId"]: facts["RouteTableId"]
        for facts in stack.of_type("EC2::SubnetRouteTableAssociation").values()
    }


def test_database_has_no_way_out(stack):
    tables = tables_of(stack)
    subnets = stack.properties("DatabaseSubnetGroup")["SubnetIds"]
    with_routes = {facts["RouteTableId"] for facts in stack.of_type("EC2::Route").values()}
    assert {tables[subnet] for subnet in subnets} == {"<DatabaseRouteTable>"}
    assert "<DatabaseRouteTable>" not in with_routes


def test_subnets_do_not_overlap_and_each_kind_spans_both_zones(stack):
    subnets = stack.of_type("EC2::Subnet")
    assert len({facts["CidrBlock"] for facts in subnets.values()}) == len(subnets)
    for name, facts in subnets.items():
        assert facts["AvailabilityZone"] == ("zone a" if name.endswith("A") else "zone b")
        assert f"<{name}>" in tables_of(stack)
        assert "MapPublicIpOnLaunch" not in facts


@pytest.mark.parametrize("private", ["true", "false"])
def test_instances_stand_where_the_parameter_says_and_have_a_way_out(private):
    stack = Stack(CLOUDFRONT | RELEASE | {"PrivateInstances": private})
    options = stack.options("aws:ec2:vpc")
    tables = tables_of(stack)
    routes = {each["RouteTableId"]: each for each in stack.of_type("EC2::Route").values()}
    gateway = "NatGatewayId" if private == "true" else "GatewayId"
    assert options["AssociatePublicIpAddress"] == ("false" if private == "true" else "true")
    assert options["ELBSubnets"] == "<PublicSubnetA>,<PublicSubnetB>"
    for subnet in options["Subnets"].split(","):
        assert gateway in routes[tables[subnet]]
        assert tables[subnet] in stack.properties("StorageEndpoint")["RouteTableIds"]


@pytest.mark.parametrize("private", ["true", "false"])
def test_instances_start_after_their_way_out_and_go_before_it(private):
    stack = Stack(CLOUDFRONT | RELEASE | {"PrivateInstances": private})
    subnets = stack.options("aws:ec2:vpc")["Subnets"].split(",")
    ways = {
        name: facts["RouteTableId"]
        for name, facts in stack.of_type("EC2::SubnetRouteTableAssociation").items()
        if facts["SubnetId"] in subnets
    }
    routes = {
        name
        for name, facts in stack.of_type("EC2::Route").items()
        if facts["RouteTableId"] in ways.values()
    }
    assert (len(ways), len(routes)) == (2, 1)
    assert {*ways, *routes} <= stack.before("Environment")


# Database


def test_database_is_encrypted_kept_and_reached_from_inside_only(stack):
    database = stack.properties("Database")
    assert database["StorageEncrypted"] is True
    assert database["PubliclyAccessible"] is False
    assert database["VPCSecurityGroups"] == ["<DatabaseSecurityGroup>"]
    assert database["BackupRetentionPeriod"] == 14
    assert database["DeletionProtection"] == "true"
    assert database["DeleteAutomatedBackups"] is False
    assert stack.resources["Database"]["DeletionPolicy"] == "Snapshot"
    assert stack.resources["Database"]["UpdateReplacePolicy"] == "Snapshot"


def test_database_takes_tls_only_and_speaks_utf8mb4_strictly():
    parameters = Stack(CLOUDFRONT).properties("DatabaseParameterGroup")["Parameters"]
    assert parameters["require_secure_transport"] == "1"
    assert parameters["character_set_server"] == "utf8mb4"
    assert parameters["collation_server"] == "utf8mb4_unicode_520_ci"
    assert "STRICT_TRANS_TABLES" in parameters["sql_mode"].split(",")


def test_statements_with_their_values_stay_on_the_instance_that_deletes_them():
    """Slow statements hold addresses and session keys; a log group made by RDS has no end."""
    stack = Stack(CLOUDFRONT)
    assert stack.properties("Database")["EnableCloudwatchLogsExports"] == ["error"]
    parameters = stack.properties("DatabaseParameterGroup")["Parameters"]
    assert (parameters["slow_query_log"], parameters["log_output"]) == ("1", "FILE")
    assert "general_log" not in parameters


def test_second_database_is_had_by_parameter():
    wanted = {value: Stack(CLOUDFRONT | {"DatabaseMultiAZ": value}) for value in ("true", "false")}
    for value, stack in wanted.items():
        assert stack.properties("Database")["MultiAZ"] == value


# Buckets and CloudFront


def test_buckets_are_private_encrypted_versioned_and_tls_only(stack):
    buckets = stack.of_type("S3::Bucket")
    policies = stack.of_type("S3::BucketPolicy")
    assert set(buckets) == {"StaticBucket", "MediaBucket", "ReleaseBucket"}
    assert {facts["Bucket"] for facts in policies.values()} == {f"<{name}>" for name in buckets}
    for facts in buckets.values():
        assert set(facts["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(facts["PublicAccessBlockConfiguration"]) == 4
        assert facts["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        assert facts["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert facts["VersioningConfiguration"] == {"Status": "Enabled"}
    for facts in policies.values():
        deny = facts["PolicyDocument"]["Statement"][0]
        bucket = facts["Bucket"].strip("<>")
        assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "s3:*")
        assert deny["Resource"] == [f"<{bucket}.Arn>", f"<{bucket}.Arn>/*"]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_our_distribution_reads_static_files_and_nobody_else_is_let_into_a_bucket(stack):
    allowed = {
        name: statement
        for name, facts in stack.of_type("S3::BucketPolicy").items()
        for statement in facts["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    }
    source_arn = "arn:aws:cloudfront::123456789012:distribution/<StaticDistribution>"
    assert allowed == {
        "StaticBucketPolicy": {
            "Sid": "CloudFront",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": "<StaticBucket.Arn>/static/*",
            "Condition": {"StringEquals": {"aws:SourceArn": source_arn}},
        }
    }
    (origin,) = stack.properties("StaticDistribution")["DistributionConfig"]["Origins"]
    assert origin["OriginAccessControlId"] == "<StaticAccess>"


def test_no_file_that_a_release_needs_goes_by_its_age(stack):
    for facts in stack.of_type("S3::Bucket").values():
        for rule in facts["LifecycleConfiguration"]["Rules"]:
            assert not {"ExpirationInDays", "ExpirationDate", "Transitions"} & set(rule)
            if facts is stack.properties("StaticBucket"):
                assert "NoncurrentVersionExpiration" not in rule


def test_what_people_made_outlives_the_stack():
    kept = {
        name
        for name, facts in Stack(CERTIFICATE | EVERYTHING).resources.items()
        if facts.get("DeletionPolicy") in ("RetainExceptOnCreate", "Snapshot")
        and facts["UpdateReplacePolicy"] in ("Retain", "Snapshot")
    }
    assert kept == {"Database", "MediaBucket", "StaticBucket", "UserPool"}


def test_first_pass_can_be_rolled_back_and_nothing_is_protected_but_what_people_use():
    given = CERTIFICATE | EVERYTHING
    protection = [
        (
            stack.properties("Database")["DeletionProtection"],
            stack.properties("UserPool")["DeletionProtection"],
        )
        for stack in (Stack(given), Stack(given | RELEASE))
    ]
    assert protection == [(False, "INACTIVE"), ("true", "ACTIVE")]
    policies = {facts.get("DeletionPolicy") for facts in Stack(given).resources.values()}
    assert "Retain" not in policies


def test_browsers_get_everything_by_https_only(given):
    stack = Stack(given)
    policies = {
        name: facts["DistributionConfig"]["DefaultCacheBehavior"]["ViewerProtocolPolicy"]
        for name, facts in stack.of_type("CloudFront::Distribution").items()
    }
    assert policies.pop("StaticDistribution") == "https-only"
    certificate = "CertificateArn" in given
    assert policies == ({} if certificate else {"SiteDistribution": "redirect-to-https"})


def test_certificate_is_the_load_balancers_on_443():
    stack = Stack(CERTIFICATE | RELEASE)
    assert stack.options("aws:elbv2:listener:443") == {
        "ListenerEnabled": "true",
        "Protocol": "HTTPS",
        "SSLCertificateArns": CERTIFICATE["CertificateArn"],
        "SSLPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    }
    assert Stack(CLOUDFRONT | RELEASE).options("aws:elbv2:listener:443") == {}


def test_pages_are_not_cached_and_reach_the_environment_by_its_fixed_name():
    stack = Stack(CLOUDFRONT | RELEASE)
    site = stack.properties("SiteDistribution")["DistributionConfig"]
    host = f"{stack.properties('Environment')['CNAMEPrefix']}.eu-central-1.elasticbeanstalk.com"
    assert [origin["DomainName"] for origin in site["Origins"]] == [host]
    behaviour = site["DefaultCacheBehavior"]
    assert {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} <= set(behaviour["AllowedMethods"])
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert "Compress" not in behaviour  # CloudFront compresses only what it caches
    assert behaviour["OriginRequestPolicyId"] == "33f36d7e-f396-46d9-90e0-52428a34d9dc"
    record = Stack(CERTIFICATE | EVERYTHING | RELEASE).properties("SiteRecord")
    assert (record["Type"], record["ResourceRecords"]) == ("CNAME", [host])
    assert stack.outputs["EnvironmentHost"] == host


def prefix(monkeypatch, uuid, name="tasklist"):
    """The first part of the environment's name, for a stack with this UUID."""
    stack_id = f"arn:aws:cloudformation:eu-central-1:123456789012:stack/{name}/{uuid}"
    monkeypatch.setitem(PSEUDO, "AWS::StackId", stack_id)
    monkeypatch.setitem(PSEUDO, "AWS::StackName", name)
    return Stack(CLOUDFRONT | RELEASE).properties("Environment")["CNAMEPrefix"]


def test_nobody_can_guess_the_environments_name_and_claim_it_first(monkeypatch):
    """The UUID of a stack is made of the time and of the machine that made it."""
    made = prefix(monkeypatch, "6f1d8c20-a1b2-11f0-8a3b-06ab54cd9e12")
    assert "123456789012" not in made
    assert made != prefix(monkeypatch, "6f1d8c21-a1b2-11f0-8a3b-06ab54cd9e12")
    assert made != prefix(monkeypatch, "6f1d8c20-a1b2-11f0-8a3b-06ab54cd9e13")
    assert made == prefix(monkeypatch, "6f1d8c20-a1b2-11f0-8a3b-06ab54cd9e12")


def test_environments_name_is_short_enough_for_the_longest_stack(monkeypatch):
    longest = prefix(monkeypatch, "6f1d8c20-a1b2-11f0-8a3b-06ab54cd9e12", "a" * 40)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{2,61}[a-z0-9]", longest)


def test_domain_name_leads_to_the_environment_only_while_that_has_its_name():
    """Whoever asks for the record learns the name, and it is free without the environment."""
    assert "SiteRecord" not in Stack(CERTIFICATE | EVERYTHING).resources
    assert "Environment" in Stack(CERTIFICATE | EVERYTHING | RELEASE).before("SiteRecord")


# Roles


def permissions(stack, role="InstanceRole"):
    """(action, resource) of everything that our policies allow a role, an instance's by default."""
    return {
        (action, resource)
        for policy in stack.properties(role)["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def listed(value):
    return value if isinstance(value, list) else [value]


def test_instances_may_do_exactly_this():
    platform = "arn:aws:s3:::elasticbeanstalk-eu-central-1-123456789012"
    logs = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/elasticbeanstalk/tasklist/*"
    beanstalk = "arn:aws:elasticbeanstalk:eu-central-1:123456789012"
    assert permissions(Stack(CLOUDFRONT)) == {
        ("secretsmanager:GetSecretValue", "<ApplicationSecret>"),
        ("secretsmanager:GetSecretValue", "<DatabaseSecret>"),
        ("s3:GetObject", "<MediaBucket.Arn>/*"),
        ("s3:PutObject", "<MediaBucket.Arn>/*"),
        ("s3:DeleteObject", "<MediaBucket.Arn>/*"),
        ("s3:ListBucket", "<MediaBucket.Arn>"),
        ("s3:GetObject", "<ReleaseBucket.Arn>/releases/*"),
        ("s3:GetObjectVersion", "<ReleaseBucket.Arn>/releases/*"),
        ("s3:ListBucket", platform),
        ("s3:ListBucketVersions", platform),
        ("s3:GetObject", f"{platform}/resources/environments/*"),
        ("s3:GetObjectVersion", f"{platform}/resources/environments/*"),
        ("s3:PutObject", f"{platform}/resources/environments/logs/*"),
        ("logs:CreateLogStream", logs),
        ("logs:PutLogEvents", logs),
        ("logs:DescribeLogStreams", logs),
        ("logs:DescribeLogGroups", logs),
        ("elasticbeanstalk:PutInstanceStatistics", f"{beanstalk}:application/tasklist"),
        ("elasticbeanstalk:PutInstanceStatistics", f"{beanstalk}:environment/tasklist/tasklist"),
        ("cloudwatch:PutMetricData", "*"),
        ("ssm:UpdateInstanceInformation", "*"),
        ("ssmmessages:CreateControlChannel", "*"),
        ("ssmmessages:CreateDataChannel", "*"),
        ("ssmmessages:OpenControlChannel", "*"),
        ("ssmmessages:OpenDataChannel", "*"),
    }


def test_mail_goes_by_ses_where_there_is_a_sender_and_no_other_server():
    """And instances may send as this sender alone."""
    sender = {"EmailFrom": "tasks@example.org"}
    by_ses, neither = Stack(CLOUDFRONT | sender | RELEASE), Stack(CLOUDFRONT | RELEASE)
    by_secret = Stack(CERTIFICATE | EVERYTHING | RELEASE)
    anything = "arn:aws:ses:eu-central-1:123456789012:*"

    assert permissions(by_ses) - permissions(neither) == {
        ("ses:SendEmail", anything),
        ("ses:SendRawEmail", anything),
    }
    [mail] = [
        statement
        for policy in by_ses.properties("InstanceRole")["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Sid"] == "Mail"
    ]
    assert mail["Condition"] == {"StringEquals": {"ses:FromAddress": "tasks@example.org"}}
    urls = [stack.options(SETTINGS).get("EMAIL_URL") for stack in (by_ses, neither, by_secret)]
    assert urls == ["ses://", None, None]


def test_instances_may_send_figures_of_ours_alone():
    """The action knows no resources: a condition has to say what the right is for."""
    [figures] = [
        statement
        for policy in Stack(CLOUDFRONT).properties("InstanceRole")["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "cloudwatch:PutMetricData"
    ]
    assert figures["Condition"] == {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}


def test_the_workers_log_has_a_group_that_instances_may_write_to_and_that_forgets():
    stack = Stack(CLOUDFRONT)
    log = stack.properties("WorkerLog")
    assert log["LogGroupName"] == "/aws/elasticbeanstalk/tasklist/var/log/worker.stdout.log"
    assert log["RetentionInDays"] == 30
    [written] = {to for may, to in permissions(stack) if may == "logs:PutLogEvents"}
    assert log["LogGroupName"].startswith(written.partition("log-group:")[2].rstrip("*"))


def test_instances_get_no_managed_policy_and_the_mails_secret_only_where_there_is_one():
    role = Stack(CERTIFICATE | EVERYTHING)
    more = permissions(role) - permissions(Stack(CLOUDFRONT))
    assert more == {("secretsmanager:GetSecretValue", EVERYTHING["EmailSecretArn"])}
    assert "ManagedPolicyArns" not in role.properties("InstanceRole")


def test_managed_updates_have_the_role_of_the_environment_and_reach_bundles_and_topic(stack):
    updates = stack.options("aws:elasticbeanstalk:managedactions")
    assert updates == {"ServiceRoleForManagedUpdates": "<ServiceRole>"}
    assert stack.options("aws:elasticbeanstalk:environment")["ServiceRole"] == "<ServiceRole>"
    assert permissions(stack, "ServiceRole") == {
        ("s3:GetObject", "<ReleaseBucket.Arn>/releases/*"),
        ("s3:GetObjectVersion", "<ReleaseBucket.Arn>/releases/*"),
        ("sns:Publish", "<AlarmTopic>"),
    }


def test_environment_starts_on_the_newest_version_of_its_platform(stack):
    branch = "Python 3.13 running on 64bit Amazon Linux 2023"
    arn = f"arn:aws:elasticbeanstalk:::platform/{branch}"
    assert stack.properties("Environment")["PlatformArn"] == arn


def test_names_that_the_role_relies_on_are_those_of_the_environment(stack):
    environment = stack.properties("Environment")
    assert environment["EnvironmentName"] == "tasklist"
    assert stack.properties("Application")["ApplicationName"] == "tasklist"
    launch = stack.options("aws:autoscaling:launchconfiguration")
    assert launch["IamInstanceProfile"] == "<InstanceProfile>"


# Settings and secrets


def test_what_an_operator_may_vary_reaches_the_settings():
    """Each is a parameter, or worked out from others; the rest suits every site."""
    behind, own = Stack(CLOUDFRONT | RELEASE), Stack(CERTIFICATE | EVERYTHING | RELEASE)
    said = {*own.options(SETTINGS), *own.options(SECRETS), *behind.options(SETTINGS)}
    for path in sorted((REPOSITORY / ".ebextensions").glob("*.config")):
        options = yaml.safe_load(path.read_text()).get("option_settings", {})
        said |= {*options.get(SETTINGS, {})}
    documented = re.findall(r"^#?([A-Z_]+)=", (REPOSITORY / ".env.example").read_text(), re.M)
    assert set(documented) - said == {
        *("DEBUG", "PORT", "DEMO_PASSWORD", "DATABASE_URL"),  # of a laptop
        *("DATABASE_TIMEOUT", "CACHE_URL"),  # the process says one, the other suits all
        # Of another provider than the stack's own pool: set at the environment (docs/deploy.md).
        *("COGNITO_CLIENT_SECRET", "COGNITO_JWKS_URL", "COGNITO_NAME"),
    }
    varied = own.options(SETTINGS)
    assert varied["EMAIL_VERIFICATION"] == "mandatory"
    assert varied["CORS_ALLOWED_ORIGINS"] == "https://app.example.org https://b.example.org"
    assert behind.options(SETTINGS)["EMAIL_VERIFICATION"] == "optional"
    assert "CORS_ALLOWED_ORIGINS" not in behind.options(SETTINGS)


def plain_secrets(stack):
    """Environment properties whose name or value looks like a secret."""
    return {
        name
        for name, value in stack.options(SETTINGS).items()
        if re.search("SECRET|PASSWORD|TOKEN|KEY|CREDENTIAL|USERNAME", name)
        or re.search(r"resolve:|://[^/]*:[^/]*@|Secret", value)
    }


def test_secrets_come_from_secrets_manager_and_the_role_may_read_them(stack):
    assert plain_secrets(stack) == set()
    secrets = stack.options(SECRETS)
    readable = {
        resource
        for action, resource in permissions(stack)
        if action == "secretsmanager:GetSecretValue"
    }
    assert {"SECRET_KEY", "RDS_USERNAME", "RDS_PASSWORD"} <= set(secrets)
    assert {value.rpartition(":")[0] for value in secrets.values()} == readable


def test_secret_in_a_plain_property_is_noticed():
    template = source()
    options = template["Resources"]["Environment"]["Properties"]["OptionSettings"]
    options += [
        {"Namespace": SETTINGS, "OptionName": "RDS_PASSWORD", "Value": "hunter2"},
        {"Namespace": SETTINGS, "OptionName": "EMAIL_URL", "Value": "smtp://me:pass@host"},
    ]
    stack = Stack(CLOUDFRONT | RELEASE, template)
    assert plain_secrets(stack) == {"RDS_PASSWORD", "EMAIL_URL"}


def test_keys_of_secrets_are_those_that_are_generated(stack):
    for name, secret in stack.of_type("SecretsManager::Secret").items():
        generated = secret["GenerateSecretString"]
        keys = {*json.loads(generated["SecretStringTemplate"]), generated["GenerateStringKey"]}
        read = {
            value.rpartition(":")[2]
            for value in stack.options(SECRETS).values()
            if value.startswith(f"<{name}>")
        }
        assert read == keys
        assert generated["ExcludePunctuation"] is True


def test_properties_hold_only_characters_that_beanstalk_documents(stack):
    for name, value in stack.options(SETTINGS).items():
        known = re.sub(r"<[\w.]+>", "", value)  # what only AWS can know: names of hosts and buckets
        assert re.fullmatch(r"[A-Za-z0-9\s_.:/=+\\@'\"-]*", known), name


def test_settings_read_every_variable_that_the_template_sets():
    modules = ("settings.py", "environment.py")
    code = "".join((REPOSITORY / "tasklist" / name).read_text() for name in modules)
    read = set(re.findall(r'"([A-Z][A-Z_]+)"', code))
    stack = Stack(CERTIFICATE | EVERYTHING | RELEASE)
    behind = Stack(CLOUDFRONT | RELEASE)
    names = {*stack.options(SETTINGS), *stack.options(SECRETS), *behind.options(SETTINGS)}
    assert names - read == set()


def settings_of(stack):
    """What tasklist.settings makes of the template's variables, in a process of its own."""
    secrets = {"SECRET_KEY": "s" * 64, "RDS_USERNAME": "tasklist", "RDS_PASSWORD": "p" * 40}
    values = stack.options(SETTINGS) | secrets | {"DJANGO_SETTINGS_MODULE": "tasklist.settings"}
    known = {"<SiteDistribution.DomainName>": "d1.cloudfront.net"}
    known |= {"<StaticDistribution.DomainName>": "d2.cloudfront.net"}
    known |= {"<Database.Endpoint.Address>": "db.example.org", "<Database.Endpoint.Port>": "3306"}
    for placeholder, real in known.items():
        values = {name: value.replace(placeholder, real) for name, value in values.items()}
    names = [
        *("ALLOWED_HOSTS", "BASE_URL", "CSRF_TRUSTED_ORIGINS", "REGISTRATION", "STATIC_URL"),
        *("TRUSTED_PROXIES", "SECURE_PROXY_SSL_HEADER", "CLOUDWATCH_NAME"),
        *("ACCOUNT_EMAIL_VERIFICATION", "CORS_ALLOWED_ORIGINS"),
    ]
    code = "import json; from django.conf import settings as s\n"
    code += f"print(json.dumps([getattr(s, name) for name in {names!r}]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=values | {"PATH": os.environ["PATH"]},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(names, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(
    ("given", "host", "proxies", "header", "more"),
    [
        (
            CERTIFICATE | VARIED,
            *("tasks.example.org", 2, "HTTP_X_FORWARDED_PROTO"),
            ("mandatory", ["https://app.example.org", "https://b.example.org"]),
        ),
        (
            CLOUDFRONT,
            *("d1.cloudfront.net", 3, "HTTP_CLOUDFRONT_FORWARDED_PROTO"),
            ("optional", []),
        ),
    ],
)
def test_settings_start_with_what_the_template_sets(given, host, proxies, header, more):
    verification, origins = more
    assert settings_of(Stack(given | RELEASE)) == {
        "ALLOWED_HOSTS": [host],
        "BASE_URL": f"https://{host}",
        "CSRF_TRUSTED_ORIGINS": [f"https://{host}"],
        "REGISTRATION": "closed",
        "STATIC_URL": "https://d2.cloudfront.net/static/",
        "TRUSTED_PROXIES": proxies,
        "SECURE_PROXY_SSL_HEADER": [header, "https"],
        "CLOUDWATCH_NAME": "tasklist",
        "ACCOUNT_EMAIL_VERIFICATION": verification,
        "CORS_ALLOWED_ORIGINS": origins,
    }


# Sign-in by Cognito


def test_cognito_has_a_public_client_that_comes_back_to_the_site():
    stack = Stack(CERTIFICATE | EVERYTHING | RELEASE)
    client = stack.properties("UserPoolClient")
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]
    site = stack.outputs["SiteUrl"]
    callback = reverse("openid_connect_callback", args=[PROVIDER])
    assert client["CallbackURLs"] == [f"{site}{callback}"]
    assert set(client["AllowedOAuthScopes"]) == {"openid", "email", "profile"}
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert stack.options(SETTINGS)["COGNITO_ISSUER"] == stack.outputs["CognitoIssuer"]


@pytest.mark.parametrize(
    ("registration", "by_staff_only"), [("closed", True), ("invite", True), ("open", False)]
)
def test_who_may_sign_up_is_said_once_for_site_and_user_pool(registration, by_staff_only):
    stack = Stack(CLOUDFRONT | {"WithCognito": "true", "Registration": registration})
    config = stack.properties("UserPool")["AdminCreateUserConfig"]
    assert config == {"AllowAdminCreateUserOnly": by_staff_only}


# Alarms and dashboard


def test_every_alarm_tells_the_topic_and_so_does_the_environment(stack):
    alarms = stack.of_type("CloudWatch::Alarm")
    assert {facts["MetricName"] for facts in alarms.values()} == {
        *("EnvironmentHealth", "CPUUtilization", "FreeStorageSpace"),
        *("DatabaseConnections", "FreeableMemory"),
        *("Waited", "NotArrived"),
    }
    for facts in alarms.values():
        assert facts["AlarmActions"] == facts["OKActions"] == ["<AlarmTopic>"]
    topics = stack.options("aws:elasticbeanstalk:sns:topics")
    assert topics == {"Notification Topic ARN": "<AlarmTopic>"}


def test_dashboard_is_json_and_asks_for_what_the_stack_makes():
    stack = Stack(CLOUDFRONT)
    body = stack.properties("Dashboard")["DashboardBody"]
    widgets = json.loads(body)["widgets"]
    assert {widget["properties"]["region"] for widget in widgets} == {"eu-central-1"}
    assert '"EnvironmentName", "tasklist"' in body
    assert '"DBInstanceIdentifier", "<Database>"' in body
    assert "/aws/elasticbeanstalk/tasklist/var/log/web.stdout.log" in body
