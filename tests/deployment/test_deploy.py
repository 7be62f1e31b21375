"""make deploy and make destroy, against moto over HTTP, with a site and a CDN over HTTPS.

What moto cannot do is made out of what it answers, on the way back (`tests/deployment/between.py`).
The environment itself only the real Elastic Beanstalk can make: here a stand-in answers for it.
"""

import http.client
import io
import os
import re
import subprocess

import boto3
import pytest

from deploy import beanstalk, bundle, changes, deploy, destroy, waiting
from deploy import stack as stacks
from deploy.bundle import Release
from deploy.command import DeployError, exit_status
from deploy.plan import PREFIX_LIST
from deploy.template import LIMIT, PROTECTION, RELEASE, Template
from tests.deployment.between import between, changes_something, world, write_certificate
from tests.deployment.moto import credentials, moto_server

pytestmark = pytest.mark.once

TEMPLATE = """
# A stand-in for deploy/infra.yaml, of what moto can make.
Parameters:
  Release: {Type: String, Default: ""}
  CloudFrontPrefixList: {Type: String, Default: ""}
  DeletionProtection: {Type: String, Default: "true"}
  Size: {Type: String, Default: small}
  Password: {Type: String, Default: "", NoEcho: true}
Conditions:
  HasRelease: !Not [!Equals [!Ref Release, ""]]
Resources:
  StaticBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties: {BucketName: tasklist-static}
  MediaBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: RetainExceptOnCreate
    Properties: {BucketName: tasklist-media}
  ReleaseBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Delete
    Properties: {BucketName: tasklist-releases, VersioningConfiguration: {Status: Enabled}}
  Database:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Snapshot
    Properties:
      DBInstanceIdentifier: tasklist-database
      DBInstanceClass: db.t4g.micro
      Engine: mysql
      AllocatedStorage: "20"
      MasterUsername: tasklist
      MasterUserPassword: not-a-secret
      DeletionProtection: !Ref DeletionProtection
Outputs:
  SiteUrl: {Value: "https://PLACE"}
  StaticBucket: {Value: !Ref StaticBucket}
  StaticDomain: {Value: "PLACE"}
  MediaBucket: {Value: !Ref MediaBucket}
  ReleaseBucket: {Value: !Ref ReleaseBucket}
  DatabaseEndpoint: {Value: database}
  ApplicationName: {Value: tasklist}
  EnvironmentName: {Condition: HasRelease, Value: tasklist}
  ReleaseVersion: {Condition: HasRelease, Value: !Ref Release}
  DashboardUrl: {Value: "https://dashboard.invalid"}
"""
DATABASE = TEMPLATE[TEMPLATE.index("  Database:") : TEMPLATE.index("Outputs:")]
FILES = {
    "css/app.0123456789ab.css": ("text/css; charset=utf-8", b"body {}"),
    "js/app.0123456789ab.js": ("text/javascript; charset=utf-8", b"go()"),
    "admin/img/icon.0123456789ab.svg": ("image/svg+xml", b"<svg/>"),
    "fonts/a.0123456789ab.woff2": ("font/woff2", b"\x00"),
    "LICENSE.0123456789ab.txt": ("text/plain; charset=utf-8", b"MIT"),
}
AT_READS = "STOP_AT_READS" in os.environ  # `make soak`: stop also where nothing is changed
FOREVER = "public, max-age=31536000, immutable"
WAY_TO_AWS = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_PROFILE")
LONG_SECONDS = 2 * 3600
PLACE = "123456789012 eu-central-1"  # moto's account


@pytest.fixture(scope="module")
def moto():
    with moto_server() as address:
        yield address


@pytest.fixture(scope="module", autouse=True)
def clients_for_all():
    """Make a client once for every way to AWS, since making one takes as long as five calls."""
    made, make = {}, boto3.Session.client

    def client(session, service, **options):
        place = session.region_name, options.get("endpoint_url")
        way = (service, *place, *map(os.environ.get, WAY_TO_AWS))
        if way not in made:
            made[way] = make(session, service, **options)
        return made[way]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3.Session, "client", client)
        yield


@pytest.fixture(scope="module")
def relay(moto):
    with between(moto) as server:
        yield server


@pytest.fixture(scope="module")
def outside(moto, tmp_path_factory):
    certificate = tmp_path_factory.mktemp("tls") / "certificate.pem"
    write_certificate(certificate)
    with world(moto, certificate) as server:
        server.certificate = certificate
        yield server


class Clock:
    """A clock that goes only while somebody waits. What waits for ever fails, and does not hang."""

    def __init__(self):
        self.now = 0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        assert self.now < LONG_SECONDS, "waits for something that does not come"


@pytest.fixture
def scene(relay, outside, monkeypatch, tmp_path):
    """An empty AWS account, reached through the relay, and a world where nobody has to wait."""
    for name, value in credentials(relay.address).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SSL_CERT_FILE", str(outside.certificate))
    clock = Clock()
    for module in (beanstalk, changes, stacks, waiting):
        monkeypatch.setattr(module, "time", clock)
    outside.broken = set()
    scene = Scene(relay, outside, clock, tmp_path)
    scene.empty()
    return scene


def name_database(answer):
    """moto has the database in the stack, but not its name."""
    for field, value in (
        ("LogicalResourceId", "Database"),
        ("PhysicalResourceId", "tasklist-database"),
        ("ResourceType", "AWS::RDS::DBInstance"),
    ):
        answer = re.sub(
            rf"<{field}></{field}>|<{field}\s*/>", f"<{field}>{value}</{field}>", answer
        )
    return 200, answer


class Scene:
    """A release that is built, a template, and the account to deploy them to."""

    def __init__(self, relay, outside, clock, folder):
        self.relay, self.outside, self.clock, self.folder = relay, outside, clock, folder
        self.template = folder / "template.yaml"
        self.template.write_text(TEMPLATE.replace("PLACE", outside.place))
        self.release = self.make_release("a")

    def make_release(self, letter):
        """A small release, as `bundle.build` leaves it."""
        release = Release(letter * 40, self.folder / f"{letter}.zip", self.folder / letter)
        release.bundle.write_bytes(b"bundle " + letter.encode())
        for name, (_, content) in FILES.items():
            (release.static / name).parent.mkdir(parents=True, exist_ok=True)
            (release.static / name).write_bytes(content)
        return release

    def empty(self):
        link = http.client.HTTPConnection(self.relay.moto)
        link.request("POST", "/moto-api/reset")
        assert link.getresponse().status == 200
        link.close()
        self.forget()

    def forget(self):
        """Begin a new list of calls."""
        self.relay.forget()
        self.relay.answers["ListStackResources"] = name_database

    def run(self, *arguments, release=None):
        """Deploy, as `make deploy` does with these arguments."""
        options = deploy.read_arguments(["--create", *arguments])
        plan, stack = deploy.prepare(options, Template(self.template.read_text()))
        deploy.roll_out(plan, stack, release or self.release)

    def refused(self, *arguments):
        """The one line that says why it was refused."""
        with pytest.raises(DeployError) as error:
            self.run(*arguments)
        assert "\n" not in str(error.value)
        return str(error.value)

    def client(self, service):
        return boto3.client(service, endpoint_url=f"http://{self.relay.moto}")

    def objects(self):
        """Every object: (bucket, key) to (type, caching, content)."""
        s3 = self.client("s3")
        return {
            (bucket["Name"], each["Key"]): read(s3, bucket["Name"], each["Key"])
            for bucket in s3.list_buckets()["Buckets"]
            for each in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
        }

    def parameters(self):
        """Of the one stack that there is; {} where there is none."""
        found = self.client("cloudformation").describe_stacks()["Stacks"]
        return {
            one["ParameterKey"]: one["ParameterValue"]
            for each in found
            for one in each["Parameters"]
        }

    def state(self):
        """What is left in the account, without what moto makes up anew."""
        parameters = self.parameters()
        parameters.pop(PREFIX_LIST, None)
        return parameters, self.objects()


def read(s3, bucket, key):
    found = s3.get_object(Bucket=bucket, Key=key)
    return found["ContentType"], found.get("CacheControl"), found["Body"].read()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A clean checkout of the last commit, which deploys itself."""
    folder = tmp_path / "checkout"
    git("clone", "--quiet", str(bundle.ROOT), str(folder))
    monkeypatch.setattr(bundle, "ROOT", folder)
    return folder


def git(*arguments):
    who = ["-c", "user.name=tests", "-c", "user.email=tests@example.org"]
    subprocess.run(["git", *who, *arguments], check=True)


# Deploying


def test_the_first_deployment_makes_a_running_site_of_the_last_commit(scene, checkout, capsys):
    assert deploy.main(["--create", "--template", str(scene.template)]) == 0
    name = bundle.name_of(bundle.git("rev-parse", "HEAD").strip())
    assert scene.outside.release() == f"releases/{name}.zip"
    there = scene.objects()
    assert ("tasklist-releases", f"releases/{name}.zip") in there
    assert any(re.fullmatch(r"static/css/app\.[0-9a-f]{12}\.css", key) for _, key in there)
    told = capsys.readouterr().out
    assert f"{name} runs at https://{scene.outside.place}" in told
    assert "invite_admin" in told


def test_static_files_are_stored_with_their_types_and_for_good(scene):
    scene.run()
    for name, (content_type, content) in FILES.items():
        stored = scene.objects()["tasklist-static", f"static/{name}"]
        assert stored == (content_type, FOREVER, content)
    bundles = scene.objects()["tasklist-releases", f"releases/{scene.release.name}.zip"]
    assert bundles == ("application/zip", None, scene.release.bundle.read_bytes())


def no_changes(answer):
    reason = "The submitted information didn't contain changes."
    return 200, answer.replace(
        "<Status>CREATE_COMPLETE</Status>",
        f"<Status>FAILED</Status><StatusReason>{reason}</StatusReason>",
    )


def test_the_same_release_again_changes_nothing(scene):
    scene.run()
    before = scene.state()
    scene.relay.forget()
    scene.relay.answers["DescribeChangeSet"] = no_changes
    scene.run()
    assert scene.relay.writes == [
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
    ]
    assert scene.state() == before


def test_another_release_uploads_what_is_new_and_leaves_what_was_there(scene):
    scene.run()
    before = scene.objects()
    other = scene.make_release("b")
    (other.static / "css/app.ba9876543210.css").write_text("body { color: red }")
    scene.relay.forget()
    scene.run(release=other)
    assert scene.relay.writes.count("s3:PutObject") == 2
    assert before.items() <= scene.objects().items()
    assert scene.outside.release() == f"releases/{other.name}.zip"


def test_what_was_not_said_again_keeps_its_value(scene):
    scene.run("--parameter", "Size=large")
    scene.run(release=scene.make_release("b"))
    assert scene.parameters()["Size"] == "large"


@pytest.mark.parametrize("done_first", [False, True], ids=["before", "after"])
def test_stopped_at_any_call_and_said_again_it_ends_the_same(scene, done_first):
    """`after`: AWS made the change, and only its answer was lost."""
    for name in list(FILES)[1:]:
        (scene.release.static / name).unlink()  # one file is stopped at as well as five
    scene.run()
    ended, calls = scene.state(), scene.relay.calls
    for number, call in enumerate(calls, start=1):
        if not changes_something(call) and (done_first or not AT_READS):
            continue
        scene.empty()
        scene.relay.refused, scene.relay.done_first = number, done_first
        assert "not allowed" in scene.refused(), f"{number}: {call}"
        scene.relay.refused = 0
        scene.run()
        assert scene.state() == ended, f"{number}: {call}"


def test_what_is_under_way_is_waited_for(scene, capsys):
    scene.run()
    busy = iter([True, True])
    scene.relay.answers["DescribeStacks"] = lambda answer: (
        status("UPDATE_IN_PROGRESS")(answer) if next(busy, False) else (200, answer)
    )
    scene.run()
    assert "UPDATE_IN_PROGRESS: waiting" in capsys.readouterr().out


# Where, and going back


class Terminal(io.StringIO):
    def isatty(self):
        return True


def plan(scene, *arguments):
    options = deploy.read_arguments(list(arguments))
    return deploy.prepare(options, Template(scene.template.read_text()))


def test_a_new_stack_is_not_made_unless_somebody_says_where(scene, monkeypatch):
    """With another profile or region than last time there would be a second site."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PLACE}\n"))
    words = "no stack tasklist in account 123456789012, region eu-central-1"
    with pytest.raises(DeployError, match=words) as refusal:
        plan(scene)
    assert "--create" in str(refusal.value)
    for answer in ("", "y\n", "123456789012\n"):
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        with pytest.raises(DeployError, match="Nothing was made"):
            plan(scene)
    assert scene.relay.writes == []


@pytest.mark.parametrize(
    ("answer", "arguments"),
    [(f"{PLACE}\n", []), ("", ["--create"]), ("", ["--dry-run"])],
    ids=["typed", "said", "dry run"],
)
def test_a_new_stack_is_made_where_somebody_says(scene, monkeypatch, answer, arguments):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    _, stack = plan(scene, *arguments)
    assert stack is None


def test_a_stack_that_is_there_is_deployed_to_without_asking(scene, monkeypatch):
    scene.run()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    _, stack = plan(scene)
    assert stack.name == "tasklist"


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({}, "eu-central-1"),
        ({"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "us-west-2"}, "eu-north-1"),
        ({"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
        ({"AWS_PROFILE": "there"}, "eu-west-3"),
        ({"AWS_PROFILE": "unheard-of"}, "eu-central-1"),
    ],
)
def test_the_region_is_that_of_aws_own_commands(monkeypatch, tmp_path, environment, region):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text("[profile there]\nregion = eu-west-3\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert deploy.read_arguments([]).region == region
    assert deploy.read_arguments(["--region", "us-east-1"]).region == "us-east-1"


def test_an_earlier_release_comes_back_without_being_built(scene, checkout, monkeypatch, capsys):
    """What it was built with may not be installed any more."""
    commit = bundle.resolve("HEAD")
    earlier = scene.make_release("b")
    scene.run(release=Release(commit, earlier.bundle, earlier.static))
    scene.run()
    scene.forget()
    git("-C", str(checkout), "commit", "--quiet", "--allow-empty", "--message", "Newer")
    monkeypatch.setattr(bundle, "build", None)
    arguments = ["--ref", commit, "--template", str(scene.template)]
    capsys.readouterr()
    assert deploy.main(arguments) == 0
    assert scene.outside.release() == f"releases/{bundle.name_of(commit)}.zip"
    assert "s3:PutObject" not in scene.relay.writes
    told = capsys.readouterr().out
    assert "nothing to build" in told
    assert "docs/deploy.md, The first administrator" in told
    assert "invite_admin" not in told


def test_a_bundle_is_there_only_once_browsers_get_its_static_files(scene):
    """So where it is, going back needs no other look."""
    scene.outside.broken = {f"/static/{min(FILES)}"}
    scene.refused()
    assert {bucket for bucket, _ in scene.objects()} == {"tasklist-static"}


# Looking before it acts


def test_the_prefix_list_of_cloudfront_is_looked_up(scene):
    scene.run()
    assert scene.parameters()["CloudFrontPrefixList"].startswith("pl-")


def printed_calls(text):
    return re.findall(r"^([a-z0-9]+:[A-Z]\w+) \{", text, re.MULTILINE)


@pytest.mark.parametrize("access", [True, False], ids=["empty account", "no access"])
def test_a_dry_run_prints_the_calls_in_order_and_makes_no_change(
    scene, monkeypatch, capsys, access
):
    scene.run()
    made = scene.relay.calls
    scene.empty()
    capsys.readouterr()
    if not access:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    scene.run("--dry-run", "--parameter", "Password=very secret")
    told = capsys.readouterr().out
    assert printed_calls(told) == made
    assert scene.relay.writes == []
    assert "very secret" not in told
    assert "GET https://<StaticDomain>/static/" in told


def test_a_dry_run_over_a_running_site_knows_what_is_there(scene, capsys):
    scene.run()
    before = scene.state()
    scene.relay.forget()
    capsys.readouterr()
    scene.run("--dry-run")
    assert "s3:PutObject" not in printed_calls(capsys.readouterr().out)
    assert (scene.relay.writes, scene.state()) == ([], before)


def status(name):
    """Have the stack be in another state than moto can bring it into."""
    changed = f"<StackStatus>{name}</StackStatus>"
    return lambda answer: (200, re.sub("<StackStatus>.*?</StackStatus>", changed, answer))


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("ROLLBACK_COMPLETE", "make destroy"),
        ("ROLLBACK_FAILED", "make destroy"),
        ("DELETE_FAILED", "make destroy"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
        ("DELETE_IN_PROGRESS", "wait until it is gone"),
    ],
)
def test_a_stack_that_cannot_be_changed_is_left_alone(scene, name, advice):
    scene.run()
    scene.relay.forget()
    scene.relay.answers["DescribeStacks"] = status(name)
    why = scene.refused()
    assert name in why
    assert advice in why
    assert scene.relay.writes == []


def without(text, part):
    assert part in text
    return text.replace(part, "")


def test_a_change_that_takes_the_database_away_is_refused(scene):
    scene.run()
    before = scene.state()
    scene.relay.forget()
    scene.template.write_text(without(scene.template.read_text(), DATABASE))
    assert "Database (removed)" in scene.refused()
    assert scene.relay.writes == [
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
    ]
    assert scene.state() == before
    scene.run("--allow-replacement")


def replaced(kind, how):
    change = (
        "<member><Type>Resource</Type><ResourceChange><Action>Modify</Action>"
        f"<Replacement>{how}</Replacement><ResourceType>{kind}</ResourceType>"
        "<LogicalResourceId>It</LogicalResourceId></ResourceChange></member>"
    )
    return lambda answer: (
        200,
        re.sub(r"<Changes\s*/>|<Changes>\s*</Changes>", f"<Changes>{change}</Changes>", answer),
    )


@pytest.mark.parametrize(
    ("kind", "how", "goes"),
    [
        ("AWS::RDS::DBInstance", "True", False),
        ("AWS::RDS::DBInstance", "Conditional", False),
        ("AWS::S3::Bucket", "True", False),
        ("AWS::Cognito::UserPool", "True", False),
        ("AWS::SecretsManager::Secret", "True", False),
        ("AWS::SecretsManager::Secret", "False", False),  # a new password, say
        ("AWS::RDS::DBInstance", "False", True),
        ("AWS::ElasticBeanstalk::ApplicationVersion", "True", True),
    ],
)
def test_only_what_holds_no_data_is_replaced(scene, kind, how, goes, capsys):
    scene.run()
    scene.relay.answers["DescribeChangeSet"] = replaced(kind, how)
    if goes:
        scene.run()
    else:
        assert "It (" in scene.refused()
    assert (f"replaced: {kind} It" in capsys.readouterr().out) == (how != "False")


def test_static_files_that_browsers_would_not_get_stop_it_before_the_site_changes(scene):
    scene.outside.broken = {f"/static/{min(FILES)}"}
    why = scene.refused()
    assert "answers 503" in why
    assert "tasklist-static" in why
    assert scene.outside.release() == ""


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({"Body": b"MIT"}, "Cache-Control is ''"),
        ({"Body": b"Apache", "CacheControl": FOREVER}, "something else"),
    ],
)
def test_a_static_file_that_is_there_but_wrong_stops_it(scene, stored, words):
    scene.run()
    key = f"static/{min(FILES)}"
    scene.client("s3").put_object(Bucket="tasklist-static", Key=key, **stored)
    scene.relay.forget()
    assert words in scene.refused()
    assert scene.relay.writes == []


def test_a_site_that_does_not_get_ready_is_a_failure(scene):
    scene.outside.broken = {"/readyz"}
    assert f"https://{scene.outside.place}/readyz: it answers 503" in scene.refused()


def test_where_the_site_is_not_ready_both_causes_are_named_and_what_the_environment_said(
    scene, capsys
):
    scene.outside.broken = {"/readyz"}
    scene.relay.beanstalk.warnings = ["ELB health is failing"]
    why = scene.refused()
    assert "the name does not lead to the site" in why
    assert "the site fails: web.stdout.log" in why
    assert "WARN ELB health is failing" in capsys.readouterr().out


def test_a_new_name_has_ten_minutes_to_get_known_and_an_old_one_has_one(scene, capsys):
    scene.outside.broken = {"/healthz"}
    scene.refused()
    told = capsys.readouterr().out
    address = f"https://{scene.outside.place}"
    assert scene.clock.now == 600
    assert f"Waiting for {address}/healthz, 10 min at most: it answers 503." in told
    began = scene.clock.now
    scene.refused()
    assert scene.clock.now - began == 60
    began = scene.clock.now
    text = scene.template.read_text()
    scene.template.write_text(text.replace(address, address.replace("127.0.0.1", "localhost")))
    assert "localhost" in scene.refused()
    assert scene.clock.now - began == 600


def test_a_site_that_answers_in_the_end_is_no_failure(scene, monkeypatch):
    scene.outside.broken = {"/readyz"}
    sleep = scene.clock.sleep

    def mended_meanwhile(seconds):
        sleep(seconds)
        if scene.clock.now >= 300:
            scene.outside.broken = set()

    monkeypatch.setattr(scene.clock, "sleep", mended_meanwhile)
    scene.run()
    assert 300 <= scene.clock.now < 600


# The environment, which CloudFormation finds complete whatever it runs

OLD = "releases/tasklist-old.zip"


def version_of(release):
    """In the stand-in for the template, the label of a version is the key of its bundle."""
    return f"releases/{release.name}.zip"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (("Ready", OLD, "Green"), f"runs version {OLD} (Green) and not releases/tasklist-aaaa"),
        (("Ready", None, "Red"), "is Red"),
        (("Ready", None, "Grey"), "is Grey"),
    ],
    ids=["taken back", "red", "grey"],
)
def test_an_environment_that_does_not_run_the_release_well_is_a_failure(
    scene, capsys, state, words
):
    scene.relay.beanstalk.states = [state]
    scene.relay.beanstalk.warnings = ["20_migrations.sh failed"]
    why = scene.refused()
    assert why.startswith("the environment tasklist runs")
    assert words in why
    assert "/aws/elasticbeanstalk/tasklist/var/log/" in why
    assert "deploy again" in why
    told = capsys.readouterr().out
    assert "WARN 20_migrations.sh failed" in told
    assert f"environment tasklist: Ready, {state[2]}, version releases/tasklist-" in told
    assert scene.relay.beanstalk.deployed == []
    assert scene.clock.now == (300 if state[1] is None else 0)


def test_an_environment_that_is_not_ready_is_waited_for(scene, capsys):
    version = version_of(scene.release)
    launching, updating = ("Launching", version, "Grey"), ("Updating", OLD, "Grey")
    grey, yellow = ("Ready", version, "Grey"), ("Ready", version, "Yellow")
    scene.relay.beanstalk.states = [launching] * 2 + [updating] * 30 + [grey] * 3 + [yellow]
    scene.run()
    told = re.findall(r"environment tasklist: (\w+, \w+)", capsys.readouterr().out)
    assert list(dict.fromkeys(told)) == [
        *("Launching, Grey", "Updating, Grey", "Ready, Grey", "Ready, Yellow"),
    ]
    assert 5 <= told.count("Updating, Grey") <= 6  # once a minute
    assert scene.clock.now == 340


def test_an_environment_that_never_gets_ready_is_given_up_after_an_hour(scene):
    scene.relay.beanstalk.states = [("Updating", OLD, "Grey")]
    assert "is still Updating after an hour" in scene.refused()
    assert scene.clock.now == 3600


@pytest.mark.parametrize("state", [("Ready", OLD, "Green"), ("Ready", None, "Red")])
def test_the_same_release_said_again_is_deployed_again_where_it_does_not_run(scene, capsys, state):
    scene.relay.beanstalk.states = [state]
    scene.refused()
    scene.relay.answers["DescribeChangeSet"] = no_changes
    scene.relay.beanstalk.after = [("Updating", OLD, "Grey")] * 3 + [("Ready", None, "Green")]
    scene.run()
    assert scene.relay.beanstalk.deployed == [version_of(scene.release)]
    told = capsys.readouterr().out
    assert "Deploying it again, since the environment tasklist runs" in told
    assert f"{scene.release.name} runs at" in told


def test_a_release_that_fails_twice_fails_and_can_be_said_a_third_time(scene):
    beanstalk = scene.relay.beanstalk
    beanstalk.states = beanstalk.after = [("Ready", OLD, "Green")]
    scene.refused()
    scene.relay.answers["DescribeChangeSet"] = no_changes
    for times in (1, 2):
        assert f"runs version {OLD}" in scene.refused()
        assert beanstalk.deployed == [version_of(scene.release)] * times


def test_another_release_is_left_to_the_stack(scene):
    scene.run()
    scene.relay.beanstalk.states = [("Ready", OLD, "Green")]
    with pytest.raises(DeployError, match="runs version"):
        scene.run(release=scene.make_release("b"))
    assert scene.relay.beanstalk.deployed == []


@pytest.mark.parametrize("status", ["Terminating", "Terminated", None])
def test_an_environment_that_somebody_has_terminated_takes_nothing(scene, status):
    scene.run()
    scene.forget()
    scene.relay.beanstalk.states = [(status, OLD, "Grey")]
    why = scene.refused()
    assert f"is {status or 'Terminated'}, and not by its stack" in why
    assert "restore it" in why
    assert scene.relay.writes == []


def test_an_environment_that_is_updated_from_elsewhere_is_let_finish(scene):
    """The platform's managed updates, say: meanwhile it takes no release."""
    scene.run()
    scene.forget()
    scene.relay.beanstalk.states = [("Updating", OLD, "Grey")] * 3 + [("Ready", None, "Green")]
    scene.run(release=scene.make_release("b"))
    calls = scene.relay.calls
    began = calls.index("cloudformation:CreateChangeSet")
    assert calls[:began].count("elasticbeanstalk:DescribeEnvironments") == 4


def test_a_dry_run_does_not_wait_for_the_environment(scene, capsys):
    scene.run()
    scene.forget()
    scene.relay.beanstalk.states = [("Updating", None, "Grey")]
    capsys.readouterr()
    scene.run("--dry-run")
    assert "elasticbeanstalk:DescribeEnvironments" in printed_calls(capsys.readouterr().out)
    assert scene.clock.now == 0
    assert scene.relay.writes == []


def test_a_failed_release_says_what_failed_first_and_what_the_environment_said(scene, capsys):
    scene.run()
    scene.relay.answers["DescribeStacks"] = status("UPDATE_ROLLBACK_COMPLETE")
    scene.relay.answers["DescribeStackEvents"] = lambda answer: failed_event(
        answer, scene.relay.calls
    )
    scene.relay.beanstalk.warnings = ["20_migrations.sh failed"]
    why = scene.refused()
    assert why == (
        "the stack did not change (UPDATE_ROLLBACK_COMPLETE). "
        "Environment: Failed to update the environment"
    )
    assert "WARN 20_migrations.sh failed" in capsys.readouterr().out


def failed_event(answer, calls):
    """Once changes are carried out, one fails and the other is cancelled for it; newest first."""
    if "cloudformation:ExecuteChangeSet" not in calls[calls.index("sts:GetCallerIdentity", 1) :]:
        return 200, answer
    events = "".join(
        f"<member><EventId>{name}</EventId><StackId>x</StackId><StackName>tasklist</StackName>"
        f"<Timestamp>2026-11-21T12:00:00Z</Timestamp><LogicalResourceId>{name}</LogicalResourceId>"
        "<ResourceType>A::B::C</ResourceType><ResourceStatus>UPDATE_FAILED</ResourceStatus>"
        f"<ResourceStatusReason>{reason}</ResourceStatusReason></member>"
        for name, reason in (
            ("Environment", "Failed to update the environment"),
            ("Alarm", "Resource update cancelled"),
        )
    )
    return 200, answer.replace("<StackEvents>", f"<StackEvents>{events}")


# Refusals, in one line and before any write


def dirty(checkout):
    (checkout / "forgotten.txt").write_text("x")


def without_procfile(checkout):
    git("-C", str(checkout), "rm", "--quiet", "Procfile")
    git("-C", str(checkout), "commit", "--quiet", "--message", "No Procfile")


def without_template(checkout):
    git("-C", str(checkout), "rm", "--quiet", "deploy/infra.yaml")
    git("-C", str(checkout), "commit", "--quiet", "--message", "No template")


def nothing(checkout):
    pass


TEMPLATES = {
    "latin-1.yaml": "Description: Grüße\n".encode("latin-1"),
    "odd.yaml": b"Resources: {\n",
    "list.yaml": b"- Resources\n",
    "text.yaml": b"Resources: all\n",
}


@pytest.fixture
def templates(tmp_path, monkeypatch):
    """Where the command is said, some that are none."""
    for name, text in TEMPLATES.items():
        (tmp_path / name).write_bytes(text)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("checkout", "templates")
@pytest.mark.parametrize(
    ("spoil", "arguments", "words"),
    [
        (dirty, [], "not everything is committed (such as forgotten.txt)"),
        (without_procfile, [], "Procfile"),
        (nothing, ["--ref", "no-such-branch"], "git knows no commit no-such-branch"),
        (without_template, [], "has no deploy/infra.yaml"),
        (nothing, ["--template", "nowhere.yaml"], "nowhere.yaml cannot be read: No such file"),
        (nothing, ["--template", "."], "cannot be read: Is a directory"),
        (nothing, ["--template", "latin-1.yaml"], "latin-1.yaml is not UTF-8"),
        (nothing, ["--template", "odd.yaml"], "the template is not YAML: while parsing"),
        (nothing, ["--template", "list.yaml"], "the template has no Resources"),
        (nothing, ["--template", "text.yaml"], "the template's Resources are not names"),
        (nothing, ["-p", "Sise=large"], "no parameter Sise to set"),
        (nothing, ["-p", "Release=releases/x.zip"], "no parameter Release to set"),
    ],
)
def test_what_is_wrong_here_is_said_and_nothing_written(scene, capfd, spoil, arguments, words):
    spoil(bundle.ROOT)
    if spoil is not without_template:
        arguments = ["--template", str(scene.template), *arguments]
    assert deploy.main(["--create", *arguments]) == 1
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1
    assert words in lines[0]
    assert scene.relay.writes == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Task_List", "4 to 40 lower-case letters"),
        ("tasks-on-aws", "'aws' in it is AWS's own"),
        ("my-amazonas", "'amazon' in it is AWS's own"),
        ("cognitolist", "'cognito' in it is AWS's own"),
    ],
)
def test_a_name_that_aws_would_refuse_is_refused(scene, capfd, name, words):
    assert deploy.main(["--stack", name]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert f"'{name}' cannot name a stack" in line
    assert words in line
    assert scene.relay.calls == []


def test_a_parameter_without_a_value_is_asked_for(scene):
    text = scene.template.read_text()
    scene.template.write_text(text.replace("Size: {Type: String, Default: small}", "Size: {}"))
    assert "say --parameter Size=" in scene.refused()
    assert scene.relay.writes == []


def error(code):
    return f"<R><Error><Code>{code}</Code><Message>What\nnow</Message></Error></R>"


def no_credentials(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")


def no_network(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")


def no_profile(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "unheard-of")


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (no_credentials, "Set AWS_PROFILE"),
        (no_profile, "unheard-of"),
        (no_network, "Look at the network and at the name of the region"),
    ],
)
def test_a_missing_way_to_aws_is_said(scene, monkeypatch, prepare, words):
    prepare(monkeypatch)
    assert words in scene.refused()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredToken", "credentials have expired: sign in"),
        ("InvalidClientTokenId", "does not know these credentials"),
        ("AccessDenied", "sts:GetCallerIdentity is not allowed to you: What now."),
        ("Odd", "sts:GetCallerIdentity failed: What now (Odd)."),
    ],
)
def test_a_refusal_of_aws_is_said(scene, code, words):
    scene.relay.answers["GetCallerIdentity"] = lambda answer: (403, error(code))
    assert words in scene.refused()


def interrupted():
    raise KeyboardInterrupt


def test_an_interrupt_says_that_aws_goes_on(capsys):
    assert exit_status(interrupted) == 130
    assert "same command" in capsys.readouterr().err


# The template, and what this code takes for granted of it

INFRA = Template((bundle.ROOT / deploy.TEMPLATE).read_text())


def test_the_template_can_be_sent_before_there_is_a_bucket():
    assert len(INFRA.body.encode()) <= LIMIT
    assert Template(INFRA.body).content == INFRA.content


def test_a_template_that_is_too_large_is_refused(scene):
    scene.template.write_text(scene.template.read_text() + f"Description: {'x' * LIMIT}\n")
    assert "51,200 is the most" in scene.refused()
    assert scene.relay.writes == []


def test_lines_of_comment_stay_where_they_are_text():
    template = Template("Script: |\n  #!/bin/sh\n  # says\n  true\n")
    assert template.body == template.text


def test_the_template_has_what_is_set_and_read_here():
    assert set(stacks.OUTPUTS) <= set(INFRA.content["Outputs"])
    assert {PREFIX_LIST, PROTECTION, RELEASE} <= set(INFRA.parameters)
    resources = INFRA.content["Resources"]
    assert {name for name in resources if INFRA.keeps(name)} == {
        *("StaticBucket", "MediaBucket", "UserPool"),
    }
    databases = [name for name in resources if resources[name]["Type"] == destroy.DATABASE]
    assert [INFRA.policy(name) for name in databases] == ["Snapshot"]


def test_the_environment_goes_before_the_release_bucket():
    """CloudFormation deletes what refers to something before that."""
    resources = INFRA.content["Resources"]
    version = resources["ApplicationVersion"]["Properties"]["SourceBundle"]
    assert version["S3Bucket"] == "ReleaseBucket"
    assert resources["Environment"]["Properties"]["VersionLabel"] == "ApplicationVersion"


# Destroying


def answer_with(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def databases(scene):
    found = scene.client("rds").describe_db_instances()["DBInstances"]
    return {each["DBInstanceIdentifier"]: each["DeletionProtection"] for each in found}


@pytest.mark.parametrize(
    "text",
    ["", "\n", "y\n", "yes\n", "tasklist\n", "tasklist in 000000000000 eu-central-1\n"],
)
def test_no_other_answer_than_name_and_place_destroys_anything(scene, monkeypatch, capfd, text):
    scene.run()
    before = scene.state()
    scene.forget()
    answer_with(monkeypatch, text)
    assert destroy.main([]) == 1
    assert "Nothing was deleted." in capfd.readouterr().err
    assert scene.relay.writes == []
    assert scene.state() == before


def test_another_name_on_the_command_line_destroys_nothing(scene, capfd):
    scene.run()
    scene.forget()
    assert destroy.main(["--yes-destroy", "another"]) == 1
    assert f"To be destroyed: tasklist in {PLACE}." in capfd.readouterr().out
    assert scene.relay.writes == []


def test_destroying_shows_what_goes_and_leaves_what_people_made(scene, monkeypatch, capsys):
    scene.run()
    media = {"Bucket": "tasklist-media", "Key": "picture.png"}
    scene.client("s3").put_object(**media, Body=b"x", ContentType="image/png")
    before = scene.objects()
    answer_with(monkeypatch, f"tasklist in {PLACE}\n")
    assert destroy.main([]) == 0
    told = capsys.readouterr().out
    question = told.index(f"Type tasklist in {PLACE} to delete it")
    for line in (
        "the database tasklist-database, of which a last snapshot is made",
        "the bucket tasklist-releases and all that is in it",
        "AWS::S3::Bucket tasklist-static",
        "AWS::S3::Bucket tasklist-media",
    ):
        assert 0 <= told.index(line) < question
    assert "tasklist-media" in told[question:]
    assert scene.client("cloudformation").describe_stacks()["Stacks"] == []
    kept = {place: value for place, value in before.items() if place[0] != "tasklist-releases"}
    assert scene.objects() == kept
    names = sorted(each["Name"] for each in scene.client("s3").list_buckets()["Buckets"])
    assert names == ["tasklist-media", "tasklist-static"]


def test_a_deployment_after_a_destruction_that_was_called_off_protects_again(scene, capsys):
    off = ["-p", "DeletionProtection=false"]
    scene.run(*off)
    scene.run(*off)
    assert scene.parameters()["DeletionProtection"] == "false"
    assert "becomes true" not in capsys.readouterr().out
    scene.run()
    assert scene.parameters()["DeletionProtection"] == "true"
    assert "-p DeletionProtection=false leaves it off" in capsys.readouterr().out


def test_the_last_snapshot_is_named(scene, capsys):
    scene.run()
    scene.client("rds").create_db_snapshot(
        DBInstanceIdentifier="tasklist-database", DBSnapshotIdentifier="the-last-one"
    )
    assert destroy.main(["--yes-destroy", "tasklist"]) == 0
    assert "snapshot the-last-one of the database" in capsys.readouterr().out


@pytest.mark.parametrize("call", ["rds:DescribeDBInstances", "cloudformation:DeleteStack"])
def test_a_refused_destruction_leaves_the_site_as_it_was(scene, capsys, call):
    """What runs needs its bundle whenever an instance starts, and its database protection."""
    scene.run()
    before = scene.state()
    scene.forget()
    scene.relay.refused = call
    assert destroy.main(["--yes-destroy", "tasklist"]) == 1
    assert f"{call} is not allowed to you" in capsys.readouterr().err
    assert scene.state() == before
    assert scene.parameters()["DeletionProtection"] == "true"
    assert scene.relay.writes.count("cloudformation:ExecuteChangeSet") == 2


def test_an_interrupted_destruction_says_what_it_leaves(scene, monkeypatch, capsys):
    scene.run()
    before = scene.objects()
    monkeypatch.setattr(destroy, "ask_for_deletion", lambda account, stack: interrupted())
    assert destroy.main(["--yes-destroy", "tasklist"]) == 130
    assert "the next `make deploy` sets it again" in capsys.readouterr().out
    assert scene.objects() == before
    scene.run()
    assert scene.parameters()["DeletionProtection"] == "true"


def test_buckets_are_emptied_only_once_the_deletion_has_come_to_them(scene):
    scene.run()
    scene.forget()
    assert destroy.main(["--yes-destroy", "tasklist"]) == 0
    end = scene.relay.writes.index("cloudformation:DeleteStack")
    assert scene.relay.writes[end:] == [
        *("cloudformation:DeleteStack", "s3:DeleteObjects", "cloudformation:DeleteStack"),
    ]


def test_buckets_are_left_alone_where_the_deletion_ended_before_them(scene, capsys):
    """At the environment, say, which then still runs."""
    scene.run()
    before = scene.objects()
    scene.forget()
    answers = scene.relay.answers
    answers["DescribeStacks"] = lambda answer: (
        status("DELETE_FAILED")(answer)
        if "cloudformation:DeleteStack" in scene.relay.calls
        else (200, answer)
    )
    answers["ListStackResources"] = lambda answer: name_database(
        answer.replace("<ResourceStatus>DELETE_FAILED<", "<ResourceStatus>CREATE_COMPLETE<")
    )
    assert destroy.main(["--yes-destroy", "tasklist"]) == 1
    assert "the stack is in DELETE_FAILED" in capsys.readouterr().err
    assert scene.objects() == before


def test_protection_is_taken_off_the_database_where_the_stack_has_failed(scene):
    scene.run()
    scene.client("rds").modify_db_instance(
        DBInstanceIdentifier="tasklist-database", DeletionProtection=True
    )
    scene.forget()
    scene.relay.answers["DescribeStacks"] = failed_until_deleted(scene.relay)
    assert destroy.main(["--yes-destroy", "tasklist"]) == 0
    assert "cloudformation:ExecuteChangeSet" not in scene.relay.writes
    assert databases(scene) == {"tasklist-database": False}  # which moto leaves there


def failed_until_deleted(relay):
    return lambda answer: (
        (200, answer)
        if "cloudformation:DeleteStack" in relay.calls
        else status("ROLLBACK_FAILED")(answer)
    )


def test_destroying_can_be_stopped_at_any_call_and_said_again(scene):
    scene.run()
    scene.forget()
    assert destroy.main(["--yes-destroy", "tasklist"]) == 0
    calls, ended = scene.relay.calls, (scene.state(), databases(scene))
    for number, call in enumerate(calls, start=1):
        if not (changes_something(call) or AT_READS):
            continue
        scene.empty()
        scene.run()
        scene.forget()
        scene.relay.refused, scene.relay.done_first = number, True
        assert destroy.main(["--yes-destroy", "tasklist"]) == 1, f"{number}: {call}"
        scene.relay.refused = 0
        assert destroy.main(["--yes-destroy", "tasklist"]) == 0, f"{number}: {call}"
        assert (scene.state(), databases(scene)) == ended, f"{number}: {call}"


def test_a_dry_run_of_destroying_changes_nothing(scene, capsys):
    scene.run()
    before = scene.state()
    scene.forget()
    capsys.readouterr()
    assert destroy.main(["--dry-run"]) == 0
    told = printed_calls(capsys.readouterr().out)
    assert "s3:DeleteObjects" in told
    assert "cloudformation:DeleteStack" in told
    assert (scene.relay.writes, scene.state()) == ([], before)


def test_where_there_is_no_stack_there_is_nothing_to_destroy(scene, capsys):
    assert destroy.main([]) == 0
    assert "There is no stack tasklist in eu-central-1." in capsys.readouterr().out
