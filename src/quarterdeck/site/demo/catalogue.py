"""Units, programmes and people of the demo organisation, all invented."""

from dataclasses import dataclass

NAME = "Tarnholm Group"
CURRENCY = "EUR"
PORTFOLIO = ("TARNHOLM", "Tarnholm Group portfolio", "TH")


@dataclass(frozen=True, slots=True)
class Unit:
    """A division (no parent) or a team of one. earlier is the name it had before it was renamed."""

    ref: str
    name: str
    parent: str = ""
    earlier: str = ""


UNITS = (
    Unit("EN", "Energy Networks"),
    Unit("EN-GO", "Grid Operations", "EN"),
    Unit("EN-NA", "Network Assets", "EN"),
    Unit("EN-MC", "Metering and Connections", "EN"),
    Unit("WS", "Water Services"),
    Unit("WS-ST", "Supply and Treatment", "WS"),
    Unit("WS-NE", "Networks and Environment", "WS"),
    Unit("CD", "Customer & Digital"),
    Unit("CD-CO", "Customer Operations", "CD"),
    Unit("CD-DP", "Digital Platforms", "CD", earlier="Information Technology"),
    Unit("CD-CS", "Corporate Services", "CD"),
)


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme with the unit it belongs to and the person who manages it."""

    ref: str
    name: str
    unit: str
    manager: str


PROGRAMMES = (
    Programme("SN", "Smart Networks", "EN", "katarzyna"),
    Programme("RW", "Resilient Water", "WS", "luca"),
    Programme("OC", "One Customer", "CD", "ines"),
    Programme("DF", "Digital Foundations", "CD", "petr"),
)


@dataclass(frozen=True, slots=True)
class Someone:
    """
    A person. role and place say what they hold from the beginning.

    place: "" the whole organisation, "portfolio", or the reference of a unit or programme. Sponsors and project
    managers hold their role at projects, those of their division first.
    """

    key: str
    name: str
    role: str
    place: str = ""
    signs_in: bool = False

    @property
    def email(self) -> str:
        return f"{self.key}@tarnholm.example"


PEOPLE = (
    Someone("dagny", "Dagny Vossberg", "pmo_lead", signs_in=True),
    Someone("mihai", "Mihai Corbeanu", "pmo_analyst", signs_in=True),
    Someone("aoife", "Aoife Brannigan", "pmo_analyst"),
    Someone("henrik", "Henrik Sandvall", "portfolio_manager", "portfolio", signs_in=True),
    Someone("katarzyna", "Katarzyna Wolańska", "programme_manager", "SN", signs_in=True),
    Someone("luca", "Luca Bergadano", "programme_manager", "RW"),
    Someone("ines", "Inês Carvalhal", "programme_manager", "OC"),
    Someone("petr", "Petr Hlaváček", "programme_manager", "DF"),
    Someone("giorgos", "Giorgos Kalfas", "sponsor", "EN"),
    Someone("anneli", "Anneli Kivistö", "sponsor", "EN"),
    Someone("ruben", "Ruben Terhorst", "sponsor", "WS"),
    Someone("elodie", "Élodie Vasseur", "sponsor", "CD"),
    Someone("maren", "Maren Tolliver", "sponsor", "CD", signs_in=True),
    Someone("sunniva", "Sunniva Thole", "project_manager", "EN"),
    Someone("jonas", "Jonas Vaitkūnas", "project_manager", "EN"),
    Someone("nuria", "Núria Escalona", "project_manager", "EN"),
    Someone("imre", "Imre Sandoval", "project_manager", "WS"),
    Someone("zsofia", "Zsófia Barkóczi", "project_manager", "WS"),
    Someone("joris", "Joris Penhallow", "project_manager", "CD", signs_in=True),
    Someone("yusra", "Yusra Whitcombe", "project_manager", "CD", signs_in=True),
    Someone("matej", "Matej Kosovinc", "project_manager", "CD"),
    Someone("birgit", "Birgit Aschenwald", "board_member", "portfolio", signs_in=True),
    Someone("declan", "Declan Tierney", "board_member", "portfolio"),
    Someone("sofia", "Sofia Papadaki", "board_member", "portfolio"),
    Someone("willem", "Willem Oosterveld", "finance_partner", "portfolio", signs_in=True),
    Someone("marguerite", "Marguerite Lacombe", "auditor", signs_in=True),
    Someone("oskar", "Oskar Nyqvist", "viewer", "EN", signs_in=True),
)
# Who knows of the confidential project besides its sponsor and manager, and as what.
CIRCLE = (("birgit", "board_member"), ("willem", "finance_partner"))
