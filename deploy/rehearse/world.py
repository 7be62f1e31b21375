"""What stands around the instances: database, S3, the CDN and the load balancer."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from deploy.rehearse import certificates, nginx
from deploy.rehearse.certificates import Certificates
from tests import mariadb
from tests.deployment.moto import REGION, credentials, moto_server
from tests.mariadb import free_port

SITE = "tasks.example.org"
SENDER = f"tasklist@{SITE}"
# Everything that a shell, a file of variables or an address could trip over.
PASSWORD = r"""p$a"s`w'o\r d%/@:#&"""
ACCOUNT_OF_THE_SITE = """\
CREATE USER tasklist@'%' IDENTIFIED BY '{password}' REQUIRE SSL;
GRANT ALL ON tasklist.* TO tasklist@'%';
GRANT ALL ON half_done.* TO tasklist@'%';
CREATE DATABASE half_done CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
"""
# What the metadata service tells an instance that has a role, in the place of keys.
ROLE = (
    '{"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "of-the-role", '
    '"SecretAccessKey": "of-the-role", "Token": "of-the-role", '
    '"LastUpdated": "2020-01-01T00:00:00Z", "Expiration": "2099-01-01T00:00:00Z"}'
)
# nginx plays CloudFront and behind it the load balancer, as where there is no certificate of
# one's own (CloudFront's address is then what the balancer sees), and the metadata service.
FRONT = """\
{user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 0;
  ssl_certificate {certificate};
  ssl_certificate_key {key};
  server {{
    listen 127.0.0.1:{site_port} ssl;
    location / {{
      proxy_pass http://127.0.0.1:{instance_port};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-Proto http;
      proxy_set_header CloudFront-Forwarded-Proto https;
      proxy_set_header X-Forwarded-For "$proxy_add_x_forwarded_for, 198.51.100.7";
    }}
  }}
  server {{
    listen 127.0.0.1:{cdn_port} ssl;
    location / {{ proxy_pass {aws}/{bucket}/; }}
  }}
  server {{
    listen 127.0.0.1:{metadata_port};
    location = /latest/api/token {{ return 200 'token'; }}
    location = /latest/meta-data/iam/security-credentials/ {{ return 200 'role'; }}
    location = /latest/meta-data/iam/security-credentials/role {{ return 200 '{role}'; }}
  }}
}}
"""


@dataclass(frozen=True)
class World:
    """Where everything is, for the instances and for who asks the site from outside."""

    folder: Path
    certificates: Certificates
    database_port: int
    aws: str
    site_port: int
    cdn_port: int
    metadata_port: int
    instance_port: int
    application_port: int

    static_bucket = "rehearsal-static"
    media_bucket = "rehearsal-media"

    @property
    def cdn(self) -> str:
        return f"localhost:{self.cdn_port}"


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Start it all, with empty buckets and an empty database, for as long as the block runs."""
    certificate = certificates.make(folder, "localhost", SITE)
    tls = f"ssl-cert={certificate.certificate}\nssl-key={certificate.key}\n"
    account = ACCOUNT_OF_THE_SITE.format(password=PASSWORD.replace("\\", "\\\\").replace("'", "''"))
    with ExitStack() as stack:
        database = stack.enter_context(mariadb.private_mariadb(tls, account))
        aws = stack.enter_context(moto_server())
        os.environ.update(credentials(aws))  # ours who deploy; instances get none of it
        ports = (free_port() for _ in range(5))
        here = World(folder, certificate, database.port, aws, *ports)
        make_buckets(here)
        boto3.client("ses").verify_email_identity(EmailAddress=SENDER)
        stack.enter_context(front(here))
        yield here


def make_buckets(here: World) -> None:
    """Make them private; in the place of its identity, the CDN may read the static files."""
    s3 = boto3.client("s3")
    for bucket in (here.static_bucket, here.media_bucket):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    may_read = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:HeadObject"],  # moto's own name for what HEAD needs
        "Resource": f"arn:aws:s3:::{here.static_bucket}/static/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may_read]})
    s3.put_bucket_policy(Bucket=here.static_bucket, Policy=policy)


@contextmanager
def front(here: World) -> Iterator[None]:
    folder = here.folder / "front"
    folder.mkdir()
    configuration = FRONT.format(
        user=nginx.user_line(),
        folder=folder,
        certificate=here.certificates.certificate,
        key=here.certificates.key,
        site_port=here.site_port,
        instance_port=here.instance_port,
        cdn_port=here.cdn_port,
        metadata_port=here.metadata_port,
        role=ROLE,
        aws=here.aws,
        bucket=here.static_bucket,
    )
    (folder / "nginx.conf").write_text(configuration)
    with nginx.running(folder / "nginx.conf"):
        yield
