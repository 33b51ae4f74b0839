"""Who applies, and who comes to the counter for them."""

from __future__ import annotations

from typing import Literal

import msgspec


class Applicant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """申请人: a natural person (``id_type`` + ``id_no``) or an organisation (``uscc``)."""

    type: Literal["person", "organisation"]
    name: str
    id_type: str = ""  # code of resources/codes/id-types.toml, persons only
    id_no: str = ""
    uscc: str = ""
    phone: str = ""
    contact: str = ""  # who answers for an organisation
    address: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """The key of the applicant's file (一企一档 / 一人一档): kind of document and its number."""
        return (self.id_type, self.id_no) if self.type == "person" else ("001", self.uscc)


class Agent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """代理人 / 经办人 (许可法 art. 29): a natural person with a mandate."""

    name: str
    id_type: str = "111"
    id_no: str = ""
    phone: str = ""
    mandate: str = ""  # 委托权限
