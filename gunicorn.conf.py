"""The web server process: behind nginx on the same host, stopped by SIGTERM without losses."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 30
limit_request_line = 8190  # bytes, as nginx takes them: a cursor and many filters fit
graceful_timeout = 20  # less than a load balancer waits for an instance that leaves
keepalive = 75  # longer than nginx keeps an idle connection, so that nginx closes first
max_requests, max_requests_jitter = 1000, 100
preload_app = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
control_socket_disable = True  # it would need a home directory, which the web user has not
# Requests are logged by tasklist.logs, with their number; gunicorn's own line has the path.
accesslog = None
