"""Rights on imports."""

from django.utils.translation import gettext_lazy as _

from quarterdeck.core.rights import right

IMPORT_REGISTER = right("exchange.import_register", _("Import registers from files"))
