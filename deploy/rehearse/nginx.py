"""nginx as the platform starts it: its own configuration, in our words, around our files."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import mariadb

START_SECONDS = 10
# The platform's own configuration, as far as it meets ours: who includes what, and where.
NGINX = """\
{user}
pid {root}/run/nginx.pid;
error_log {logs}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  client_body_temp_path {root}/run/body;
  proxy_temp_path {root}/run/proxy;
  fastcgi_temp_path {root}/run/fastcgi;
  uwsgi_temp_path {root}/run/uwsgi;
  scgi_temp_path {root}/run/scgi;
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status'
    ' $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
  include conf.d/*.conf;
  map $http_upgrade $connection_upgrade {{ default "upgrade"; }}
  server {{
    listen 127.0.0.1:{port} default_server;
    access_log {logs}/access.log main;
    client_header_timeout 60;
    client_body_timeout 60;
    keepalive_timeout 60;
    gzip off;
    include conf.d/elasticbeanstalk/*.conf;
  }}
}}
"""
APPLICATION = """\
location / {{
  proxy_pass http://127.0.0.1:{port};
  proxy_http_version 1.1;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Host $host;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
}}
"""
# Made by the platform for a folder `static` in the bundle.
STATIC = "location /static {{ alias {app}/static; access_log off; }}\n"


def configure(root: Path, app: Path, *, port: int, application_port: int) -> None:
    """Write /etc/nginx of an instance whose / is `root` and whose bundle lies in `app`."""
    etc, logs = root / "etc/nginx", root / "var/log/nginx"
    shutil.rmtree(etc, ignore_errors=True)
    shutil.copytree(app / ".platform/nginx", etc)
    for folder in (root / "run", logs):
        folder.mkdir(parents=True, exist_ok=True)
    for part in etc.rglob("*.conf"):  # ours name the platform's port
        part.write_text(part.read_text().replace(":8000", f":{application_port}"))
    own = etc / "conf.d/elasticbeanstalk"
    (own / "00_application.conf").write_text(APPLICATION.format(port=application_port))
    if (app / "static").exists():
        (own / "01_static.conf").write_text(STATIC.format(app=app))
    text = NGINX.format(user=user_line(), root=root, logs=logs, port=port)
    (etc / "nginx.conf").write_text(text)


def user_line() -> str:
    """Keep nginx's workers who they are: somebody else may not get into these folders."""
    return "user root;" if os.geteuid() == 0 else ""


@contextmanager
def running(configuration: Path) -> Iterator[None]:
    """Run nginx with this configuration for as long as the block runs.

    Raises subprocess.CalledProcessError where nginx does not take it.
    """
    command = [program("nginx"), "-c", str(configuration), "-e", "stderr"]
    subprocess.run([*command, "-t", "-q"], check=True)
    process = subprocess.Popen(
        [*command, "-g", "daemon off;"],
        start_new_session=True,
        preexec_fn=mariadb.die_with_parent,  # noqa: PLW1509
    )
    try:
        wait_until_up(process, configuration)
        yield
    finally:
        process.terminate()
        process.wait()


def wait_until_up(process: "subprocess.Popen[bytes]", configuration: Path) -> None:
    """Wait for the number in its pid file: nginx writes it once it listens."""
    [pid] = [
        Path(line.split()[1].rstrip(";"))
        for line in configuration.read_text().splitlines()
        if line.startswith("pid ")
    ]
    deadline = time.monotonic() + START_SECONDS
    while not (pid.exists() and pid.read_text()):  # `nginx -t` leaves an empty one
        assert process.poll() is None, "nginx ended"
        assert time.monotonic() < deadline, "nginx does not start"
        time.sleep(0.02)


def program(name: str) -> str:
    """Find a program also where servers lie, which is not in everybody's PATH."""
    return mariadb.find(name) or name
