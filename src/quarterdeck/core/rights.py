"""Rights of the kernel, and the list of all rights that domains register."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from quarterdeck.core.texts import Text


@dataclass(frozen=True, slots=True)
class Right:
    """A named permission: code `domain.verb_noun`, and the words a person reads."""

    code: str
    label: Text

    def __str__(self) -> str:
        return self.code


ALL: dict[str, Right] = {}


def right(code: str, label: Text) -> Right:
    """Declare a right. Each code is declared once."""
    if code in ALL:
        raise ValueError(f"The right {code} is declared twice.")
    ALL[code] = Right(code, label)
    return ALL[code]


SEE_ORGANISATION = right("core.see_organisation", _("See units, people and who holds which role"))
MANAGE_ORGANISATION = right("core.manage_organisation", _("Make and change units, people, roles and holdings"))
SEE_LEDGER = right("core.see_ledger", _("Read and export the ledger"))
SEE_SECURITY_LOG = right("core.see_security_log", _("Read and export the security log"))
SEE_CONFIDENTIAL_TOTALS = right("core.see_confidential_totals", _("Count confidential projects in totals"))
COMMENT = right("core.comment", _("Comment on what one may see"))
ATTACH = right("core.attach", _("Hang files and links to documents on what one may see"))
MANAGE_MAIL = right("core.manage_mail", _("See what mail waits or failed, send it again and withdraw it"))
