"""Where files lie: static ones by their hashed names, what people upload in private."""

from pathlib import Path
from typing import Any

MANIFEST = "staticfiles.json"  # which hashed name each static file has


def media(bucket: str, region: str, folder: Path) -> dict[str, Any]:
    """What people upload: in `bucket`, without one in `folder` on this machine."""
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder},
        }
    return {
        "BACKEND": "tasklist.media.PrivateMedia",
        "OPTIONS": {"bucket_name": bucket, "region_name": region or None},
    }


def static(debug: bool, domain: str, release: Path) -> dict[str, Any]:
    """Static files: of the laptop, of `domain` as the manifest in `release` names them, or ours.

    Whoever gets them from a domain only needs the manifest: no bucket is asked, so that a server
    starts without one, and old and new releases find their own files.
    """
    if debug:
        return {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    if domain:
        return {
            "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
            "OPTIONS": {"location": release},
        }
    return {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
