"""The home's ``settings.toml``: the devices and look-ups an administrator joins to one window."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jinpu_desk.app.ports.licences import LicenceLookup
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.store.home import Home


class DeviceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[devices]``: the loopback port of the ID reader's bridge, 0 for none."""

    id_reader_port: int = 0


class LicenceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[licences]``: where electronic licences are looked up, a ``folder`` or a ``url`` with its ``token_file``.

    Relative paths start at the home. The token stands in a file of its own, so that settings can be shown to anybody.
    """

    folder: str = ""
    url: str = ""
    token_file: str = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    devices: DeviceSettings = DeviceSettings()
    licences: LicenceSettings = LicenceSettings()


def read_settings(home: Home) -> Settings:
    """Return the settings of a home; a home without a file has the defaults.

    Raises:
        Unavailable: ``home.settings`` naming what is wrong with the file.
    """
    try:
        return msgspec.toml.decode(home.settings.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unavailable("home.settings", home.settings.name, problem=str(error)) from error


def licence_lookup(home: Home, settings: LicenceSettings) -> LicenceLookup | None:
    """Return the source the settings name, None when they name none.

    Raises:
        Unavailable: ``home.settings`` when the token's file cannot be read.
    """
    from jinpu_desk.devices.licences import FolderLicences, HttpLicences

    if settings.url:
        try:
            token = Path(home.path / settings.token_file).read_text("utf-8").strip()
        except OSError as error:
            raise Unavailable("home.settings", "token_file", problem=str(error.strerror)) from error
        return HttpLicences(settings.url, token)
    return FolderLicences(home.path / settings.folder) if settings.folder else None
