"""Trips as a kind of import: which columns mean what, for the exports of many providers."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tracktok.imports.rules.cells import NO, YES
from tracktok.imports.rules.columns import Field, FieldType, Kind, Meanings, normal

from .pricing import KM_A_MILE

KM, MILES = "km", "mi"
UNITS: Final = {KM: "Kilometres", MILES: "Miles"}
FACTORS: Final = {KM: Decimal(1), MILES: KM_A_MILE}
_MILE_WORDS: Final = frozenset({"mi", "mile", "miles", "mileage mi"})
_KM_WORDS: Final = frozenset({"km", "kms", "kilometer", "kilometers", "kilometre", "kilometres", "kmph"})

TYPES: Final = {
    **dict.fromkeys(("pickup", "pick up", "login", "log in", "in", "inbound", "home to office", "to office"), "pickup"),
    **dict.fromkeys(("drop", "drop off", "dropoff", "logout", "log out", "out", "outbound", "office to home"), "drop"),
    **dict.fromkeys(
        ("spot", "adhoc", "ad hoc", "on demand", "local", "rental", "hourly", "point to point", "p2p", "shuttle",
         "outstation", "business", "personal", "street hail", "dispatch", "uberx", "uber go", "mini", "prime"),
        "spot",
    ),
    **dict.fromkeys(("airport", "airport transfer", "airport pickup", "airport drop", "airport pick up"), "airport"),
}  # fmt: skip
STATUSES: Final = {
    **dict.fromkeys(
        ("completed", "complete", "done", "closed", "finished", "success", "successful", "ok", "billed",
         "trip completed"),
        "completed",
    ),
    **dict.fromkeys(
        ("cancelled", "canceled", "cancel", "rider canceled", "rider cancelled", "driver canceled", "driver cancelled",
         "cancelled by user", "unfulfilled", "aborted"),
        "cancelled",
    ),
    **dict.fromkeys(("no show", "noshow", "no_show", "employee no show", "absent"), "no_show"),
    **dict.fromkeys(("planned", "scheduled", "upcoming", "assigned", "open"), "planned"),
}  # fmt: skip

TYPE_MEANINGS: Final = Meanings(
    option="types",
    field="type",
    title="What kinds of trips are these?",
    lead="Rate cards may have a price of their own for each.",
    question="What kind of trip is this?",
    choices=(("pickup", "Pick-up"), ("drop", "Drop"), ("spot", "Spot"), ("airport", "Airport")),
    known=TYPES,
    suggestion="spot",
)
STATUS_MEANINGS: Final = Meanings(
    option="states",
    field="status",
    title="What became of these trips?",
    lead="Cancelled trips and no-shows are priced as the rate card says.",
    question="What became of these trips?",
    choices=(
        ("completed", "Completed"), ("cancelled", "Cancelled"), ("no_show", "No-show"), ("planned",
         "Planned, no price yet"),
    ),
    known=STATUSES,
    suggestion="completed",
)  # fmt: skip

TRIPS: Final = Kind(
    name="trips",
    label="Trips",
    noun="trip",
    nouns="trips",
    needs=(("started_at", "trip_date"),),
    fields=(
        Field("external_id", "Trip ID", FieldType.text,
              ("trip id", "trip no", "trip number", "trip uuid", "ride id", "booking id", "booking no",
               "booking number",
               "duty slip no", "duty slip number", "duty slip", "dsr no", "request id", "order id",
               "reservation id", "crn",
               "trip reference", "ride reference"),
              longest=120, examples=("AC-1001", "AC-1002")),
        Field("vendor", "Vendor", FieldType.reference,
              ("vendor", "vendor name", "vendor code", "vendor id", "vendorid", "transporter", "travels", "operator",
               "fleet", "fleet operator", "supplier", "supplier name", "provider", "service provider", "company"),
              most_values=500, help="Without such a column, choose the vendor of the file.",
              examples=("Sahyadri Cabs", "Sahyadri Cabs")),
        Field(
            "started_at", "Start", FieldType.date,
            ("start", "start time", "trip start time", "start date time", "start datetime", "started at",
             "pickup datetime",
             "tpep pickup datetime", "lpep pickup datetime", "pickup time", "pickup date time", "pick up time",
             "begin trip time", "trip start", "start date", "actual start time", "reporting time", "start trip time",
             "request datetime", "departure", "from time", "started"),
            help="Day and time at which the trip began.",
            examples=("2026-11-20 08:10", "2026-11-20 18:05"),
        ),
        Field(
            "ended_at", "End", FieldType.date,
            ("end", "end time", "trip end time", "end date time", "end datetime", "ended at", "dropoff datetime",
             "tpep dropoff datetime", "lpep dropoff datetime", "drop off time", "dropoff time", "drop time",
             "drop off datetime", "trip end", "end date", "actual end time", "releasing time", "arrival", "to time",
             "ended", "closing time"),
            help="Day and time at which it ended.",
            examples=("2026-11-20 09:02", "2026-11-20 19:11"),
        ),
        Field("trip_date", "Date", FieldType.date,
              ("trip date", "date of trip", "duty date", "travel date", "service date", "journey date", "date", "day"),
              help="For files that keep the day and the times in columns of their own.", shy=True),
        Field("start_clock", "Start time of day", FieldType.text,
              ("start time", "time in", "pickup time", "pick up time", "time out garage", "from time", "reporting time",
               "begin time"), shy=True),
        Field("end_clock", "End time of day", FieldType.text,
              ("end time", "time out", "drop time", "dropoff time", "drop off time", "to time", "releasing time",
               "closing time"), shy=True),
        Field("duration", "Duration in minutes", FieldType.amount,
              ("duration minutes", "duration mins", "duration min", "trip minutes", "total minutes", "minutes",
               "duration",
               "trip duration"),
              help="Where the file tells no end."),
        Field("distance", "Distance (km)", FieldType.amount,
              ("distance km", "distance in km", "trip distance", "distance", "total km", "total kms", "kms", "km",
               "billable km", "kilometers", "kilometres", "distance miles", "miles", "distance travelled", "run km",
               "trip km", "actual km", "gps km"),
              help="Miles are converted; say which they are where the header does not.",
              examples=("21.4", "34.0")),
        Field("odometer_start", "Odometer at the start", FieldType.amount,
              ("odometer start", "start odometer", "opening km", "start km", "start kms", "opening kms", "km out",
               "meter start",
               "starting km", "open km")),
        Field("odometer_end", "Odometer at the end", FieldType.amount,
              ("odometer end", "end odometer", "closing km", "end km", "end kms", "closing kms", "km in", "meter end",
               "close km")),
        Field("type", "Type", FieldType.choice,
              ("trip type", "type of trip", "duty type", "trip direction", "shift type", "service type", "direction",
               "log type", "type"),
              exclusive_values=frozenset(TYPES), most_values=30,
              help="Pick-up, drop, spot or airport.", examples=("Pickup", "Drop")),
        Field("status", "Status", FieldType.choice, ("trip status", "status", "ride status", "booking status",
        "trip state"),
              exclusive_values=frozenset(STATUSES), most_values=30, examples=("Completed", "No show")),
        Field("vehicle", "Vehicle", FieldType.text,
              ("vehicle", "vehicle no", "vehicle number", "vehicle registration", "registration no",
               "registration number",
               "cab no", "cab number", "car no", "car number", "license plate", "licence plate", "plate",
               "hack license",
               "medallion", "cab registration no"),
              longest=60, examples=("KA 01 AB 1234", "KA 05 MN 4321")),
        Field("vehicle_class", "Vehicle class", FieldType.text,
              ("vehicle class", "vehicle type", "cab type", "car type", "car category", "vehicle category",
               "vehicle model",
               "car model", "product type", "service class"),
              longest=60, most_values=100, examples=("Sedan", "SUV")),
        Field("driver", "Driver", FieldType.text,
              ("driver", "driver name", "chauffeur", "chauffeur name", "driver id", "captain", "driver first name"),
              longest=120, examples=("Ramesh", "Suresh")),
        Field("employees", "Employees", FieldType.words,
              ("employee", "employees", "employee name", "employee names", "employee id", "employee ids",
               "employee code",
               "passenger", "passengers", "passenger name", "rider", "rider name", "guest", "guest name", "traveller",
               "traveler", "user", "emp id", "emp code", "emp name"),
              longest=1000, help="With commas between them.", examples=("E104, E231", "E104")),
        Field("passengers", "Number of passengers", FieldType.amount,
              ("passenger count", "no of passengers", "number of passengers", "pax", "passengers travelled",
               "occupancy",
               "employee count", "traveled employee count")),
        Field("route", "Route", FieldType.text, ("route", "route name", "route no", "route id",
        "route number"), longest=120),
        Field("origin", "From", FieldType.text,
              ("from", "from location", "start location", "pickup location", "pickup location id",
               "pu location id", "pulocationid",
               "pickup address", "begin trip address", "start address", "pick up location", "pickup point",
               "origin", "source",
               "start", "boarding point"),
              longest=250, examples=("Whitefield", "Electronic City")),
        Field("destination", "To", FieldType.text,
              ("to", "to location", "end location", "dropoff location", "dropoff location id", "do location id",
               "dolocationid",
               "drop location", "drop off location", "dropoff address", "drop address", "end address",
               "destination", "stop",
               "end", "drop point"),
              longest=250, examples=("Electronic City", "Whitefield")),
        Field("site", "Site", FieldType.text,
              ("site", "site name", "office", "facility", "location", "branch", "campus", "plant", "work location"),
              longest=120, examples=("Bengaluru South", "Bengaluru South")),
        Field("customer", "Customer", FieldType.reference,
              ("customer", "customer name", "client", "client name", "business unit client", "account name",
               "billed to"),
              most_values=500),
        Field("project", "Project", FieldType.reference,
              ("project", "project name", "project code", "cost centre", "cost center", "process", "business unit",
               "bu",
               "department", "program"),
              most_values=500),
        Field("tolls", "Tolls", FieldType.amount,
              ("toll", "tolls", "toll amount", "tolls amount", "toll charges", "toll charge", "toll tax",
               "state tax toll"),
              examples=("60", "")),
        Field("parking", "Parking", FieldType.amount, ("parking", "parking amount", "parking charges", "parking fee")),
        Field("waiting", "Waiting in minutes", FieldType.amount,
              ("waiting minutes", "waiting time", "wait time", "waiting", "waiting mins", "wait minutes",
               "waiting min")),
        Field("dead_km", "Dead kilometres", FieldType.amount,
              ("dead km", "dead kms", "dead mileage", "empty km", "garage km", "dead run", "dead kilometers",
               "dead kilometres")),
        Field("late", "Late in minutes", FieldType.amount,
              ("late minutes", "late by", "delay", "delay minutes", "delay mins", "late mins", "minutes late")),
        Field("escort", "Escort", FieldType.flag,
              ("escort", "escort required", "escort present", "guard", "security escort", "with escort", "marshal"),
              exclusive_values=YES | NO, most_values=10),
        Field("billed", "Total that the vendor bills", FieldType.amount,
              ("total amount", "trip cost", "trip amount", "total fare", "fare amount", "bill amount",
               "billed amount", "amount",
               "fare", "cost", "total cost", "net amount", "price"),
              help="Kept beside the trip to compare; the rate card decides what is paid."),
        Field("notes", "Notes", FieldType.words,
              ("notes", "note", "remarks", "comments", "comment", "purpose", "purpose of trip",
               "reason"), longest=1000),
    ),
)  # fmt: skip


_SIGNS: Final = tuple(
    (word, factor)
    for words, factor in (
        (("kilometers", "kilometres", "kilometer", "kilometre", "kms", "km"), FACTORS[KM]),
        (("miles", "mile", "mi"), FACTORS[MILES]),
    )
    for word in words
)


def without_unit(cell: str) -> tuple[str, Decimal | None]:
    """A cell with a distance without its unit, and how many kilometres that unit is; None where it names none."""
    text = cell.strip().lower()
    for word, factor in _SIGNS:
        if text.endswith(word):
            return text[: -len(word)].strip(), factor
    return cell, None


def unit_in(header: str) -> str:
    """The unit of distance that a header names: `km`, `mi`, or empty when it names none."""
    words = set(normal(header).split())
    if words & _MILE_WORDS:
        return MILES
    return KM if words & _KM_WORDS else ""
