#!/usr/bin/env bash
# Has the worker's log streamed to CloudWatch: of the processes in the Procfile the platform streams
# that of `web` alone. What it writes for CloudWatch's agent, anew with each release, is added to,
# so this comes after it. A log that is not streamed stops no release.
set -euo pipefail

agent=/opt/aws/amazon-cloudwatch-agent
[[ -n ${CLOUDWATCH_NAME:-} && -x $agent/bin/amazon-cloudwatch-agent-ctl ]] || exit 0

cat >"$agent/etc/worker.json" <<END
{"logs": {"logs_collected": {"files": {"collect_list": [{
  "file_path": "/var/log/worker.stdout.log",
  "log_group_name": "/aws/elasticbeanstalk/$CLOUDWATCH_NAME/var/log/worker.stdout.log",
  "log_stream_name": "{instance_id}"
}]}}}}
END

"$agent/bin/amazon-cloudwatch-agent-ctl" -a append-config -m ec2 -s -c "file:$agent/etc/worker.json" ||
  echo "80_worker_log.sh: CloudWatch's agent did not take $agent/etc/worker.json: the worker's log stays in /var/log. Look above for why." >&2
