"""nginx as Elastic Beanstalk starts it: the platform's own files, in our words, around ours."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NGINX_CONF = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 128; }}
http {{
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    log_format main '$remote_addr - $remote_user [$time_local] "$request" '
        '$status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
    include conf.d/*.conf;
    map $http_upgrade $connection_upgrade {{ default "upgrade"; }}
    server {{
        listen 127.0.0.1:{port} default_server;
        access_log {folder}/access.log main;
        client_header_timeout 60;
        client_body_timeout 60;
        keepalive_timeout 60;
        gzip off;
        include conf.d/elasticbeanstalk/*.conf;
    }}
}}
"""
APPLICATION_CONF = """
location / {
    proxy_pass http://127.0.0.1:8000;
    proxy_http_version 1.1;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
}
"""
# What the platform adds where a bundle has a folder of that name.
STATIC_CONF = "location /static { alias %s; access_log off; }\n"


@dataclass
class Nginx:
    folder: Path
    port: int

    @property
    def logs(self) -> str:
        return (self.folder / "access.log").read_text() + (self.folder / "error.log").read_text()


@contextmanager
def platform_nginx(folder: Path, application_port: int) -> Iterator[Nginx]:
    nginx = Nginx(folder, free_port())
    write_configuration(nginx, application_port)
    command = [program(), "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    process = subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        wait_for(nginx.port)
        yield nginx
    finally:
        process.terminate()
        process.wait(10)


def write_configuration(nginx: Nginx, application_port: int) -> None:
    parts = nginx.folder / "conf.d"
    shutil.copytree(ROOT / ".platform/nginx/conf.d", parts)
    (nginx.folder / "nginx.conf").write_text(
        # Started by root, its workers would be somebody who may not write into the folder.
        NGINX_CONF.format(
            folder=nginx.folder,
            port=nginx.port,
            user="user root;" if os.geteuid() == 0 else "",
        )
    )
    (parts / "elasticbeanstalk/00_application.conf").write_text(APPLICATION_CONF)
    (parts / "elasticbeanstalk/01_static.conf").write_text(STATIC_CONF % (ROOT / "static"))
    for part in parts.rglob("*.conf"):
        part.write_text(part.read_text().replace(":8000", f":{application_port}"))


def program() -> str | None:
    """nginx where it is installed: /usr/sbin is not on everybody's path."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing listens on port {port}.")
