"""What goes into buckets: the static files of a release, and its bundle."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from whitenoise.media_types import MediaTypes  # type: ignore[import-untyped]

from deploy.aws import THREADS, Account
from deploy.bundle import Release

# Names are hashes of content: what is there never changes, and never goes, since instances of
# the last release still link to theirs.
FOREVER = "public, max-age=31536000, immutable"
STATIC = "static/"


@dataclass(frozen=True)
class Upload:
    """A file, and the object that it becomes."""

    path: Path
    bucket: str
    key: str
    headers: dict[str, str]


def static_files(release: Release, bucket: str) -> list[Upload]:
    paths = sorted(path for path in release.static.rglob("*") if path.is_file())
    return [
        Upload(
            path,
            bucket,
            STATIC + path.relative_to(release.static).as_posix(),
            {"ContentType": content_type(path), "CacheControl": FOREVER},
        )
        for path in paths
    ]


def content_type(path: Path) -> str:
    """As WhiteNoise serves it, by a table of its own: the same on every machine."""
    found = MediaTypes().get_type(str(path))
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def key_of(release: Release) -> str:
    return f"releases/{release.name}.zip"


def bundle(release: Release, bucket: str) -> Upload:
    return Upload(release.bundle, bucket, key_of(release), {"ContentType": "application/zip"})


def missing(account: Account, uploads: Iterable[Upload], prefix: str) -> list[Upload]:
    """Those whose objects are not there yet, found out by listing what is."""
    uploads = list(uploads)
    there = {
        (bucket, entry["Key"])
        for bucket in {upload.bucket for upload in uploads}
        for page in account.pages("s3", "list_objects_v2", assumed={}, Bucket=bucket, Prefix=prefix)
        for entry in page.get("Contents", [])
    }
    return [upload for upload in uploads if (upload.bucket, upload.key) not in there]


def send(account: Account, uploads: list[Upload]) -> None:
    """Upload them, several at a time; in a dry run one after the other, to read well."""

    def put(upload: Upload) -> None:
        account.write(
            "s3",
            "put_object",
            Bucket=upload.bucket,
            Key=upload.key,
            Body=upload.path,
            **upload.headers,
        )

    with ThreadPoolExecutor(max_workers=1 if account.dry_run else THREADS) as pool:
        for _ in pool.map(put, uploads):
            pass
