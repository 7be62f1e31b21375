"""The bucket of what people upload. Apart from `storage.py`: boto3 takes long to import."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage


class PrivateMedia(S3Storage):
    """Uploads in a bucket that nobody can read; `url` signs a link that soon ends."""

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "default_acl": None,  # the bucket's owner owns all; it takes no ACL
            "file_overwrite": False,
            "querystring_expire": 5 * 60,  # seconds
            # A bucket that does not answer may not hold up a page for long.
            "client_config": Config(
                connect_timeout=2,
                read_timeout=5,
                retries={"max_attempts": 2},
                signature_version="s3v4",
            ),
        }
