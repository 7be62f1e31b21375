"""The options of Elastic Beanstalk that an environment like ours can use, and their values.

The platform ignores a namespace or a name that it does not know, and nothing else offline knows
them: cfn-lint lets `MaxSizze` pass. The table is the developer guide's ("General options for all
environments"), for an application load balancer on Linux. Options that newer environments
replace (classic load balancer, launch configurations' InstanceType) are left out on purpose.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# CPU and network figures, and what the load balancer counts.
METRICS = (
    *("CPUUtilization", "NetworkIn", "NetworkOut", "DiskReadBytes", "DiskReadOps"),
    *("DiskWriteBytes", "DiskWriteOps", "Latency", "RequestCount", "HealthyHostCount"),
    *("UnhealthyHostCount", "TargetResponseTime"),
)
UNITS = (
    *("Seconds", "Percent", "Bytes", "Bits", "Count"),
    *("Bytes/Second", "Bits/Second", "Count/Second", "None"),
)
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653)


@dataclass(frozen=True)
class Kind:
    """What the value of an option has to be, in words and as a test."""

    wanted: str
    fits: Callable[[str], bool]


def one_of(*allowed: str) -> Kind:
    return Kind("one of " + ", ".join(allowed), lambda value: value in allowed)


def whole(low: int, high: int) -> Kind:
    number = re.compile(r"-?\d+")
    return Kind(
        f"a whole number from {low} to {high}",
        lambda value: bool(number.fullmatch(value)) and low <= int(value) <= high,
    )


def like(pattern: str, wanted: str) -> Kind:
    expression = re.compile(pattern)
    return Kind(wanted, lambda value: bool(expression.fullmatch(value)))


def listed(kind: Kind, most: int = 100) -> Kind:
    def fits(value: str) -> bool:
        parts = [part.strip() for part in value.split(",")]
        return len(parts) <= most and all(kind.fits(part) for part in parts)

    return Kind(f"up to {most}, with commas in between, each {kind.wanted}", fits)


TEXT = like(r"(?s).*\S.*", "some text")
BOOLEAN = one_of("true", "false")
PATH = like(r"/[!-~]*", "a path that begins with /")
DURATION = like(r"PT(?=\d)(\d+H)?(\d+M)?(\d+S)?", "a duration like PT30M")
START = like(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d", "a time of the week like Tue:09:00"
)
CODE = like(r"[2-4]\d\d(-[2-4]\d\d)?", "a status from 200 to 499")
INSTANCE_TYPE = like(r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "an instance type like t4g.small")
VPC = like(r"vpc-[0-9a-f]+", "a VPC like vpc-0a1b2c")
SUBNETS = listed(like(r"subnet-[0-9a-f]+", "a subnet like subnet-0a1b2c"))
GROUPS = listed(like(r"sg-[0-9a-f]+", "a security group like sg-0a1b2c"))
TOPIC = like(r"arn:aws[\w-]*:sns:[\w-]+:\d{12}:.+", "the ARN of an SNS topic")
CERTIFICATES = listed(
    like(r"arn:aws[\w-]*:(acm|iam):[\w-]*:\d{12}:.+", "the ARN of a certificate in ACM or IAM")
)
SECRET = like(
    r"arn:aws[\w-]*:(secretsmanager:[\w-]+:\d{12}:secret|ssm:[\w-]+:\d{12}:parameter).+",
    "the ARN of a secret or of a parameter",
)
PERCENTAGE = whole(0, 100)
DAYS = one_of(*map(str, RETENTION))
SECURITY_POLICY = like(r"ELBSecurityPolicy-[\w-]+", "the name of a security policy of ELB")
LISTENER = {
    "DefaultProcess": TEXT,
    "ListenerEnabled": BOOLEAN,
    "Protocol": one_of("HTTP", "HTTPS"),
    "Rules": TEXT,
    "SSLCertificateArns": CERTIFICATES,
    "SSLPolicy": SECURITY_POLICY,
}

# Namespace, as a regular expression, to names, likewise, to what the value has to be.
OPTIONS: Mapping[str, Mapping[str, Kind]] = {
    "aws:autoscaling:asg": {
        "Availability Zones": one_of("Any", "Any 1", "Any 2", "Any 3"),
        "Cooldown": whole(0, 10000),
        "Custom Availability Zones": TEXT,
        "EnableCapacityRebalancing": BOOLEAN,
        "MinSize": whole(1, 10000),
        "MaxSize": whole(1, 10000),
    },
    "aws:autoscaling:launchconfiguration": {
        "DisableDefaultEC2SecurityGroup": BOOLEAN,
        "DisableIMDSv1": BOOLEAN,
        "EC2KeyName": TEXT,
        "IamInstanceProfile": TEXT,
        "ImageId": like(r"ami-[0-9a-f]+", "an image like ami-0a1b2c"),
        "MonitoringInterval": one_of("1 minute", "5 minute"),
        "RootVolumeIOPS": whole(100, 20000),
        "RootVolumeSize": whole(8, 16384),
        "RootVolumeThroughput": whole(125, 1000),
        "RootVolumeType": one_of("standard", "gp2", "gp3", "io1"),
        "SecurityGroups": GROUPS,
        "SSHSourceRestriction": TEXT,
    },
    "aws:autoscaling:trigger": {
        "BreachDuration": whole(1, 600),
        "EvaluationPeriods": whole(1, 600),
        "LowerBreachScaleIncrement": whole(-10000, 0),
        "LowerThreshold": whole(0, 20000000),
        "MeasureName": one_of(*METRICS),
        "Period": whole(1, 600),
        "Statistic": one_of("Minimum", "Maximum", "Sum", "Average"),
        "Unit": one_of(*UNITS),
        "UpperBreachScaleIncrement": whole(0, 10000),
        "UpperThreshold": whole(0, 20000000),
    },
    "aws:autoscaling:updatepolicy:rollingupdate": {
        "MaxBatchSize": whole(1, 10000),
        "MinInstancesInService": whole(0, 9999),
        "PauseTime": DURATION,
        "RollingUpdateEnabled": BOOLEAN,
        "RollingUpdateType": one_of("Time", "Health", "Immutable"),
        "Timeout": DURATION,
    },
    "aws:ec2:instances": {
        "EnableSpot": BOOLEAN,
        "InstanceTypes": listed(INSTANCE_TYPE, 10),
        "SpotFleetOnDemandAboveBasePercentage": PERCENTAGE,
        "SpotFleetOnDemandBase": whole(0, 10000),
        "SpotMaxPrice": like(r"\d+(\.\d+)?", "a price in US dollars"),
        "SupportedArchitectures": listed(one_of("arm64", "x86_64"), 2),
    },
    "aws:ec2:vpc": {
        "AssociatePublicIpAddress": BOOLEAN,
        "DBSubnets": SUBNETS,
        "ELBScheme": one_of("public", "internal"),
        "ELBSubnets": SUBNETS,
        "Subnets": SUBNETS,
        "VPCId": VPC,
    },
    "aws:elasticbeanstalk:application": {"Application Healthcheck URL": TEXT},
    "aws:elasticbeanstalk:application:environment": {r"[A-Z_][A-Z0-9_]*": TEXT},
    "aws:elasticbeanstalk:application:environmentsecrets": {r"[A-Z_][A-Z0-9_]*": SECRET},
    "aws:elasticbeanstalk:cloudwatch:logs": {
        "DeleteOnTerminate": BOOLEAN,
        "RetentionInDays": DAYS,
        "StreamLogs": BOOLEAN,
    },
    "aws:elasticbeanstalk:cloudwatch:logs:health": {
        "DeleteOnTerminate": BOOLEAN,
        "HealthStreamingEnabled": BOOLEAN,
        "RetentionInDays": DAYS,
    },
    "aws:elasticbeanstalk:command": {
        "BatchSize": whole(1, 10000),
        "BatchSizeType": one_of("Percentage", "Fixed"),
        "DeploymentPolicy": one_of(
            *("AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable"),
            "TrafficSplitting",
        ),
        "IgnoreHealthCheck": BOOLEAN,
        "Timeout": whole(1, 3600),
    },
    "aws:elasticbeanstalk:customoption": {r"\w+": TEXT},
    "aws:elasticbeanstalk:environment": {
        "EnvironmentType": one_of("LoadBalanced", "SingleInstance"),
        "LoadBalancerIsShared": BOOLEAN,
        "LoadBalancerType": one_of("application", "network", "classic"),
        "ServiceRole": TEXT,
    },
    r"aws:elasticbeanstalk:environment:process:\w+": {
        "DeregistrationDelay": whole(0, 3600),
        "HealthCheckInterval": whole(5, 300),
        "HealthCheckPath": PATH,
        "HealthCheckTimeout": whole(1, 60),
        "HealthyThresholdCount": whole(2, 10),
        "MatcherHTTPCode": listed(CODE),
        "Port": whole(1, 65535),
        "Protocol": one_of("HTTP", "HTTPS"),
        "StickinessEnabled": BOOLEAN,
        "StickinessLBCookieDuration": whole(1, 604800),
        "StickinessType": one_of("lb_cookie"),
        "UnhealthyThresholdCount": whole(2, 10),
    },
    "aws:elasticbeanstalk:environment:proxy": {"ProxyServer": one_of("nginx", "apache", "none")},
    "aws:elasticbeanstalk:environment:proxy:staticfiles": {r"/\S*": TEXT},
    "aws:elasticbeanstalk:healthreporting:system": {
        "ConfigDocument": TEXT,
        "EnhancedHealthAuthEnabled": BOOLEAN,
        "HealthCheckSuccessThreshold": one_of("Ok", "Warning", "Degraded", "Severe"),
        "SystemType": one_of("basic", "enhanced"),
    },
    "aws:elasticbeanstalk:hostmanager": {"LogPublicationControl": BOOLEAN},
    "aws:elasticbeanstalk:managedactions": {
        "ManagedActionsEnabled": BOOLEAN,
        "PreferredStartTime": START,
        "ServiceRoleForManagedUpdates": TEXT,
    },
    "aws:elasticbeanstalk:managedactions:platformupdate": {
        "InstanceRefreshEnabled": BOOLEAN,
        "UpdateLevel": one_of("patch", "minor"),
    },
    "aws:elasticbeanstalk:sns:topics": {
        "Notification Endpoint": TEXT,
        "Notification Protocol": one_of("http", "https", "email", "email-json", "sqs"),
        "Notification Topic ARN": TOPIC,
        "Notification Topic Name": TEXT,
    },
    "aws:elasticbeanstalk:trafficsplitting": {
        "EvaluationTime": whole(3, 600),
        "NewVersionPercent": whole(1, 100),
    },
    "aws:elasticbeanstalk:xray": {"XRayEnabled": BOOLEAN},
    r"aws:elbv2:listener:(default|\d+)": LISTENER,
    r"aws:elbv2:listenerrule:\w+": {
        "HostHeaders": TEXT,
        "PathPatterns": TEXT,
        "Priority": whole(1, 1000),
        "Process": TEXT,
    },
    "aws:elbv2:loadbalancer": {
        "AccessLogsS3Bucket": TEXT,
        "AccessLogsS3Enabled": BOOLEAN,
        "AccessLogsS3Prefix": TEXT,
        "IdleTimeout": whole(1, 3600),
        "ManagedSecurityGroup": GROUPS,
        "SecurityGroups": GROUPS,
        "SharedLoadBalancer": TEXT,
    },
    "aws:rds:dbinstance": {
        "DBAllocatedStorage": whole(5, 65536),
        "DBDeletionPolicy": one_of("Delete", "Snapshot", "Retain"),
        "DBEngine": TEXT,
        "DBEngineVersion": TEXT,
        "DBInstanceClass": TEXT,
        "DBPassword": TEXT,
        "DBSnapshotIdentifier": TEXT,
        "DBUser": TEXT,
        "HasCoupledDatabase": BOOLEAN,
        "MultiAZDatabase": BOOLEAN,
    },
}


def names_of(namespace: str) -> Mapping[str, Kind] | None:
    """The options of a namespace; None where there is no such namespace."""
    return next((names for each, names in OPTIONS.items() if re.fullmatch(each, namespace)), None)


def kind_of(names: Mapping[str, Kind], name: str) -> Kind | None:
    """What an option's value has to be; None where there is no such option."""
    return next((kind for each, kind in names.items() if re.fullmatch(each, name)), None)
