"""What stands between boto3 and moto in tests, and what browsers would see of it all.

`between(address)` is a server that hands every call on to moto and keeps a list of them. It can
refuse one, before or after moto has done it, and change an answer into one that moto cannot give.
`world(address)` is the site and the CDN of a stack in moto, over HTTPS.
"""

import datetime
import http.client
import ipaddress
import re
import secrets
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.deployment.moto import REGION

S3_OPERATIONS = {
    ("GET", "list-type"): "ListObjectsV2",
    ("GET", "versions"): "ListObjectVersions",
    ("POST", "delete"): "DeleteObjects",
    ("PUT", ""): "PutObject",
}
RUNNING = ("Ready", None, "Green")  # the stack's version
REFUSAL = "<Code>AccessDenied</Code><Message>You shall not pass</Message>"
REFUSALS = {  # by the protocol that a service speaks
    "s3": f"<Error>{REFUSAL}</Error>",
    "ec2": f"<Response><Errors><Error>{REFUSAL}</Error></Errors></Response>",
}


def client(service, moto):
    """The way to moto around the relay, whatever the environment says."""
    keys = {"aws_access_key_id": "world", "aws_secret_access_key": "world"}
    return boto3.client(service, endpoint_url=moto, region_name=REGION, **keys)


class Between(ThreadingHTTPServer):
    """`calls` are those made, as `service:Operation`; `refused` is the number of one of them,
    or the name of some.

    `answers` has for an operation what is made of moto's answer: its text to (status, text).
    """

    daemon_threads = True

    def __init__(self, moto):
        super().__init__(("127.0.0.1", 0), Relay)
        self.moto = urlsplit(moto).netloc
        self.lock = threading.Lock()
        self.cloudformation = client("cloudformation", moto)
        self.s3 = client("s3", moto)
        self.beanstalk = Beanstalk(self.cloudformation)
        self.forget()

    def forget(self):
        self.calls, self.answers, self.refused, self.done_first = [], {}, 0, False
        self.stuck = False  # did the deletion of the stack end at a bucket that is not empty?
        self.beanstalk.forget()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def writes(self):
        return [call for call in self.calls if changes_something(call)]


def changes_something(call):
    return not call.partition(":")[2].startswith(("Describe", "Get", "List"))


class Relay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer waits 40 ms

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        service, operation = self.named(body)
        with self.server.lock:
            self.server.calls.append(f"{service}:{operation}")
            refused = self.server.refused in (len(self.server.calls), self.server.calls[-1])
        if not refused or self.server.done_first:
            if service == "elasticbeanstalk":
                status, headers, answer = 200, {}, self.server.beanstalk.answer(body)
            elif operation == "DeleteStack" and self.is_full():
                self.server.stuck = True
                status, headers, answer = 200, {}, b"<DeleteStackResponse/>"
            else:
                self.server.stuck &= operation != "DeleteStack"
                status, headers, answer = self.ask_moto(body)
            if self.server.stuck:
                answer = with_failed_deletion(operation, answer)
            if operation == "ExecuteChangeSet":
                work_out_outputs(self.server.cloudformation, body)
        if refused:
            status, headers = 403, {}
            answer = REFUSALS.get(service, f"<R><Error>{REFUSAL}</Error></R>").encode()
        elif operation in self.server.answers:
            status, text = self.server.answers[operation](answer.decode())
            answer = text.encode()
        self.answer(status, headers, answer)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = relay

    def named(self, body):
        service = re.search(r"/([a-z0-9]+)/aws4_request", self.headers["Authorization"])[1]
        if service == "s3":
            query = urlsplit(self.path).query.partition("=")[0].partition("&")[0]
            known = query if (self.command, query) in S3_OPERATIONS else ""
            return service, S3_OPERATIONS[self.command, known]
        return service, parse_qs(body.decode())["Action"][0]

    def is_full(self):
        """Is there something in the bucket that goes? moto would delete the stack around it."""
        found = self.server.s3.list_object_versions(Bucket="tasklist-releases")
        return "Versions" in found or "DeleteMarkers" in found

    def ask_moto(self, body):
        if b"Action=CreateChangeSet&" in body and b"ChangeSetType=CREATE&" in body:
            forget_plan(self.server.cloudformation, body)
        link = http.client.HTTPConnection(self.server.moto, timeout=30)
        try:
            link.request(self.command, self.path, body, dict(self.headers))
            answer = link.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            link.close()

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def with_failed_deletion(operation, answer):
    """moto's answer, as if the stack's deletion had come to the bucket and ended there."""
    if operation == "DescribeStacks":
        state = b"<StackStatus>DELETE_FAILED</StackStatus>"
        return re.sub(b"<StackStatus>.*?</StackStatus>", state, answer)
    if operation == "ListStackResources":
        state = b"<ResourceStatus>DELETE_FAILED</ResourceStatus>"
        members = [
            re.sub(b"<ResourceStatus>.*?</ResourceStatus>", state, member)
            if b"<LogicalResourceId>ReleaseBucket<" in member
            else member
            for member in answer.split(b"<member>")
        ]
        return b"<member>".join(members)
    return answer


class Beanstalk:
    """The environment of the stack, which moto cannot make, as Elastic Beanstalk answers for it.

    `states` are (status, version, health), one for each time that somebody asks; the last one
    stays. No version is that of the stack. A deployment leads to the states `after`.
    """

    def __init__(self, cloudformation):
        self.cloudformation = cloudformation
        self.forget()

    def forget(self):
        self.states, self.after = [RUNNING], [RUNNING]
        self.deployed, self.warnings = [], []

    def answer(self, body):
        query = parse_qs(body.decode())
        operation = query["Action"][0]
        answer = getattr(self, operation)(query)
        named = f"<{operation}Result>{answer}</{operation}Result>"
        return f"<{operation}Response>{named}</{operation}Response>".encode()

    def DescribeEnvironments(self, query):
        status, version, health = self.states.pop(0) if self.states[1:] else self.states[0]
        assert query["EnvironmentNames.member.1"] == ["tasklist"]
        if status is None:
            return "<Environments/>"
        return (
            f"<Environments><member><EnvironmentName>tasklist</EnvironmentName>"
            f"<Status>{status}</Status><Health>{health}</Health>"
            f"<VersionLabel>{version or self.stack_version()}</VersionLabel>"
            f"</member></Environments>"
        )

    def stack_version(self):
        (stack,) = self.cloudformation.describe_stacks(StackName="tasklist")["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        return outputs["ReleaseVersion"]

    def UpdateEnvironment(self, query):
        assert query["EnvironmentName"] == ["tasklist"]
        self.deployed += query["VersionLabel"]
        self.states = list(self.after)
        return ""

    def DescribeEvents(self, query):
        assert query["Severity"] == ["WARN"]
        events = "".join(
            f"<member><EventDate>2026-11-21T12:00:00Z</EventDate><Severity>WARN</Severity>"
            f"<Message>{text}</Message></member>"
            for text in self.warnings
        )
        return f"<Events>{events}</Events>"


def forget_plan(cloudformation, body):
    """Have moto take a second plan for a stack, where it would make a second stack of the name."""
    for stack in cloudformation.describe_stacks()["Stacks"]:
        if stack["StackName"] == parse_qs(body.decode())["StackName"][0]:
            cloudformation.delete_stack(StackName=stack["StackId"])


def work_out_outputs(cloudformation, body):
    """Have moto read the template's outputs, which it does for updates without change set only.

    It takes no update without a change, so the template gets a mark.
    """
    name = parse_qs(body.decode())["StackName"][0]
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    text = cloudformation.get_template(StackName=name)["TemplateBody"].partition("\nMetadata:")[0]
    cloudformation.update_stack(
        StackName=name,
        TemplateBody=f"{text}\nMetadata: {{Mark: {secrets.token_hex(8)}}}\n",
        Parameters=stack["Parameters"],
    )


@contextmanager
def between(moto):
    with serving(Between(moto)) as server:
        yield server


class World(ThreadingHTTPServer):
    """CDN and site of the stack `tasklist`; `broken` paths answer 503."""

    daemon_threads = True

    def __init__(self, moto, certificate):
        super().__init__(("127.0.0.1", 0), Outside)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.broken = set()
        self.stacks = client("cloudformation", moto)
        self.bucket = client("s3", moto)

    @property
    def place(self):
        return f"127.0.0.1:{self.server_port}"

    def release(self):
        """What the environment runs, by the stack's parameter."""
        (stack,) = self.stacks.describe_stacks(StackName="tasklist")["Stacks"]
        values = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
        return values.get("Release", "")


class Outside(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path in self.server.broken:
            self.answer(503)
        elif self.path.startswith("/static/"):
            self.static()
        else:
            self.answer(200 if self.server.release() else 503)

    def static(self):
        try:
            found = self.server.bucket.get_object(Bucket="tasklist-static", Key=self.path[1:])
        except ClientError:
            self.answer(403)  # as S3 answers CloudFront, which may not list
            return
        self.answer(200, found["Body"].read(), found.get("CacheControl", ""))

    def answer(self, status, body=b"", cache=""):
        self.send_response(status)
        self.send_header("Cache-Control", cache)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextmanager
def world(moto, certificate):
    with serving(World(moto, certificate)) as server:
        yield server


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_certificate(path):
    """A certificate for 127.0.0.1 and its key, in one file, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tasklist")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(pem))
