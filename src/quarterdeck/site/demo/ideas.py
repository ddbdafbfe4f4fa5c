"""Projects that a group of utilities could have, all invented."""

from dataclasses import dataclass

OPERATIONS = "Operational technology"
SYSTEMS = "Business systems"
CUSTOMER = "Customer services"
DATA = "Data and analytics"
PLATFORM = "Infrastructure and security"
WORKS = "Engineering works"


@dataclass(frozen=True, slots=True)
class Idea:
    """A project that could be in the portfolio. size: approved budget in thousands before it is varied."""

    name: str
    unit: str
    programme: str
    size: int
    category: str
    approach: str
    purpose: str
    earlier: str = ""
    confidential: bool = False
    regulatory: bool = False

    @property
    def division(self) -> str:
        return self.unit[:2]


P, A, H = "predictive", "agile", "hybrid"
# fmt: off
IDEAS = (
    # Energy Networks
    Idea("Substation telemetry renewal", "EN-GO", "SN", 14_200, OPERATIONS, P,
         "Replaces the telemetry of 212 substations before its radio licence ends."),
    Idea("Control room consolidation", "EN-GO", "SN", 31_500, OPERATIONS, P,
         "Brings three control rooms into one at Norhaven, with a standby site."),
    Idea("Smart meter wave 3", "EN-MC", "SN", 88_000, WORKS, P,
         "Fits 640,000 smart meters in the northern districts.", regulatory=True),
    Idea("Feeder automation north", "EN-GO", "SN", 22_700, OPERATIONS, P,
         "Puts remote switches on 380 feeders, so that faults are isolated in minutes."),
    Idea("Outage management system", "EN-GO", "SN", 19_400, OPERATIONS, H,
         "Replaces the outage desk's system and links it to meters and field crews."),
    Idea("Transformer health sensors", "EN-NA", "SN", 11_900, OPERATIONS, P,
         "Watches oil and temperature of the 140 transformers that matter most."),
    Idea("Flexibility market gateway", "EN-GO", "SN", 9_800, OPERATIONS, A,
         "Lets customers with batteries and heat pumps offer flexibility to the grid."),
    Idea("Control system security zone", "EN-GO", "DF", 12_800, PLATFORM, P,
         "Separates control systems from office networks, as the security act demands.", regulatory=True),
    Idea("Metering data platform", "EN-MC", "SN", 17_300, DATA, H,
         "Collects half-hourly readings of all smart meters in one place."),
    Idea("Vegetation survey by drone", "EN-NA", "", 1_900, DATA, A,
         "Finds trees close to lines from the air instead of on foot."),
    Idea("Grid asset register", "EN-NA", "SN", 8_300, DATA, H,
         "Makes one register of every pole, cable and transformer.", earlier="Asset master data clean-up"),
    Idea("Network model rebuild", "EN-NA", "SN", 7_400, DATA, H,
         "Rebuilds the electrical model of the low-voltage grid from surveyed data."),
    Idea("Depot charging points", "EN-NA", "", 6_900, WORKS, P,
         "Builds 310 charging points at eleven depots for the electric fleet."),
    Idea("Works maintenance scheduling", "EN-NA", "", 6_600, SYSTEMS, H,
         "Plans maintenance by the state of the asset instead of by the calendar."),
    Idea("Field crew mobile", "EN-GO", "SN", 6_100, SYSTEMS, A,
         "Gives 900 field workers their jobs, drawings and safety checks on one device."),
    Idea("Connections portal", "EN-MC", "OC", 5_600, CUSTOMER, A,
         "Lets builders and owners of solar roofs apply for a connection online."),
    Idea("Line inspection imagery", "EN-NA", "", 3_200, DATA, A,
         "Recognises damaged insulators in pictures taken from helicopters."),
    Idea("Storm response planning", "EN-GO", "", 2_200, SYSTEMS, A,
         "Tells the control room a day ahead how many crews a storm will need."),
    Idea("Outage notifications", "EN-GO", "OC", 1_900, CUSTOMER, A,
         "Sends a message to everybody whose supply is interrupted, with the time it returns."),
    Idea("Protection settings archive", "EN-NA", "", 1_400, DATA, P,
         "Keeps the settings of 4,100 protection relays with their history."),
    Idea("Emergency supply logistics", "EN-GO", "", 2_400, SYSTEMS, P,
         "Plans where generators go when a district is without supply."),
    Idea("Digital twin of the north grid", "EN-NA", "SN", 4_700, DATA, A,
         "Simulates the northern grid hour by hour to plan reinforcement."),
    # Water Services
    Idea("Leakage analytics", "WS-NE", "RW", 9_100, DATA, A,
         "Finds leaks from pressure and flow before they reach the street."),
    Idea("Storm overflow monitors", "WS-NE", "RW", 34_600, WORKS, P,
         "Fits monitors at 860 storm overflows and publishes what they see.", regulatory=True),
    Idea("Treatment works control upgrade", "WS-ST", "RW", 41_200, OPERATIONS, P,
         "Replaces the control systems of six treatment works while they run."),
    Idea("Pump efficiency programme", "WS-ST", "RW", 13_700, WORKS, P,
         "Replaces 74 pumps that use a third of the group's own electricity."),
    Idea("Sewer level network", "WS-NE", "RW", 16_900, OPERATIONS, P,
         "Puts 5,200 level sensors into sewers to see blockages early."),
    Idea("Bioresources control loop", "WS-ST", "RW", 10_500, OPERATIONS, P,
         "Steers digestion by measured gas yield instead of fixed recipes."),
    Idea("Laboratory system replacement", "WS-ST", "RW", 7_700, SYSTEMS, H,
         "Replaces the system that keeps 1.2 million water samples a year.", regulatory=True),
    Idea("Catchment data exchange", "WS-NE", "RW", 5_300, DATA, A,
         "Shares river and rainfall data with farmers and authorities."),
    Idea("Sludge logistics", "WS-ST", "RW", 4_800, SYSTEMS, H,
         "Plans tankers between 90 works so that fewer drive empty."),
    Idea("Trunk main renewal planner", "WS-NE", "RW", 4_400, DATA, H,
         "Says which trunk mains to renew first, by age, soil and consequence."),
    Idea("Dosing safety interlocks", "WS-ST", "RW", 3_700, OPERATIONS, P,
         "Stops chemical dosing when a reading cannot be true."),
    Idea("Reservoir safety records", "WS-NE", "RW", 2_900, DATA, P,
         "Brings inspections of 118 reservoirs into one searchable record.", regulatory=True),
    Idea("River quality dashboard", "WS-NE", "RW", 2_600, DATA, A,
         "Shows everybody the state of the rivers the group discharges into."),
    Idea("Water balance model", "WS-NE", "RW", 1_800, DATA, A,
         "Balances what is abstracted, treated, sold and lost, district by district."),
    Idea("Abstraction licence register", "WS-ST", "", 1_600, DATA, P,
         "Warns before a licence to abstract is exceeded or runs out."),
    Idea("Smart hydrants pilot", "WS-NE", "RW", 1_200, WORKS, A,
         "Tries 60 hydrants that report pressure and unlawful use."),
    Idea("Field radio replacement", "WS-NE", "DF", 8_600, PLATFORM, P,
         "Replaces the radio of the emergency crews before its network closes."),
    # Customer & Digital
    Idea("Billing core replacement", "CD-DP", "OC", 62_400, SYSTEMS, H,
         "Replaces the billing engine and moves 1.9 million contracts onto it."),
    Idea("Contact centre platform", "CD-CO", "OC", 11_600, CUSTOMER, H,
         "Brings calls, chat and letters of four contact centres into one queue."),
    Idea("Customer identity", "CD-DP", "OC", 6_800, CUSTOMER, A,
         "Gives each customer one sign-in for all services."),
    Idea("Digital self-service", "CD-CO", "OC", 7_200, CUSTOMER, A,
         "Lets customers move house, read their meter and change their payment online."),
    Idea("Payments modernisation", "CD-CO", "OC", 9_900, SYSTEMS, H,
         "Takes instant payments and ends the overnight payment run."),
    Idea("Tariff engine", "CD-CO", "OC", 8_700, SYSTEMS, A,
         "Prices supply by the hour, so that tariffs can follow the market."),
    Idea("Vulnerable customer register", "CD-CO", "OC", 3_400, CUSTOMER, A,
         "Knows who depends on supply for their health and warns them first.", regulatory=True),
    Idea("Debt and hardship support", "CD-CO", "OC", 3_100, CUSTOMER, A,
         "Offers a payment plan before a reminder is sent."),
    Idea("Complaints handling redesign", "CD-CO", "OC", 2_800, CUSTOMER, A,
         "Answers most complaints on first contact."),
    Idea("Knowledge base for agents", "CD-CO", "OC", 1_300, CUSTOMER, A,
         "Gives agents one answer to a question instead of nine documents."),
    Idea("Data centre exit", "CD-DP", "DF", 27_800, PLATFORM, P,
         "Moves 430 systems out of the Brackwater data centre before its lease ends."),
    Idea("Finance system upgrade", "CD-CS", "DF", 21_300, SYSTEMS, P,
         "Upgrades the ledger, purchasing and fixed assets of all companies of the group."),
    Idea("Workforce identity and access", "CD-DP", "DF", 9_400, PLATFORM, H,
         "Gives access by role and takes it away on the day somebody leaves."),
    Idea("Network refresh offices", "CD-DP", "DF", 7_900, PLATFORM, P,
         "Renews the networks of 46 offices and depots."),
    Idea("Service desk renewal", "CD-DP", "DF", 3_600, SYSTEMS, A,
         "Replaces the service desk's system and its catalogue of 310 requests."),
    Idea("Data catalogue", "CD-DP", "DF", 2_300, DATA, A,
         "Says what data the group has, who answers for it and who may use it."),
    Idea("Records retention tooling", "CD-CS", "DF", 2_500, DATA, P,
         "Deletes what must not be kept and keeps what must not be deleted.", regulatory=True),
    Idea("Asset inspection tablets", "CD-DP", "DF", 3_900, PLATFORM, A,
         "Equips inspectors with rugged tablets that work without a signal."),
    Idea("Workplace move Harrow Quay", "CD-CS", "", 5_200, WORKS, P,
         "Moves 1,100 people from four offices into one at Harrow Quay."),
    Idea("Procurement workflow", "CD-CS", "DF", 4_100, SYSTEMS, H,
         "Takes a purchase from request to invoice without paper."),
    Idea("Spare parts visibility", "CD-CS", "", 2_700, DATA, A,
         "Shows which spare parts lie in which of 38 stores."),
    Idea("Contractor gateway", "CD-CS", "", 2_100, CUSTOMER, A,
         "Gives contractors one place for permits, orders and proof of work."),
    Idea("Carbon reporting", "CD-CS", "", 1_100, DATA, P,
         "Reports emissions by site, as the law will ask for.", regulatory=True),
    Idea("Payroll change-over", "CD-CS", "DF", 5_900, SYSTEMS, P,
         "Brings the payroll of five companies into one system."),
    Idea("Retail book transfer", "CD-CS", "", 6_400, SYSTEMS, P,
         "Prepares customer and contract data for the sale of the small retail companies.", confidential=True),
)
# fmt: on
