"""Importing it registers every page, which is what Django does with `admin`."""

from accounts.admin import credentials, people

__all__ = ["credentials", "people"]
