"""What is in a source bundle."""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.command import DeployError


@dataclass(frozen=True)
class Bundle:
    """The files of a source bundle, by path, and their modes."""

    files: Mapping[str, bytes]
    modes: Mapping[str, int]

    @classmethod
    def read(cls, path: Path) -> "Bundle":
        """Read a zip.

        Raises DeployError where it is none.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                return cls.unpack(archive)
        except (OSError, zipfile.BadZipFile) as error:
            raise DeployError(f"{path} is no bundle ({error}). Run make bundle.") from error

    @classmethod
    def unpack(cls, archive: zipfile.ZipFile) -> "Bundle":
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        return cls(
            {entry.filename: archive.read(entry) for entry in entries},
            {entry.filename: entry.external_attr >> 16 for entry in entries},
        )

    def text(self, path: str) -> str:
        """A file's text; empty where there is no such file."""
        return self.files.get(path, b"").decode(errors="replace")

    def below(self, folder: str) -> Iterator[str]:
        return (path for path in self.files if path.startswith(f"{folder}/"))
