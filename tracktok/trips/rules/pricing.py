"""What a trip costs under a card, line by line, each with its reason.

Each line is rounded once, half up, to the currency's minor unit, and the lines add up to the amount exactly.
Distances are counted to a thousandth of the card's unit and hours to four places before they are multiplied, so that
everybody comes to the same amount with the figures of the line.

A card is made ready once (`_Plan`, kept with the card), for a million trips are priced by one.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from tracktok.core.money import MINOR_UNITS

from .cards import ZERO, Card, Charge, DistanceUnit, Night, Package, SlabMode, Slabs, clock_of, plain
from .priced import HUNDRED, Part, PricedTrip, TripFacts, codes_of, surcharge_part, total_of, with_tax

KM_A_MILE = Decimal("1.609344")
ONE = Decimal(1)
THOUSANDTH = Decimal("0.001")
HOUR_PLACES = Decimal("0.0001")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def price_trip(card: Card, trip: TripFacts) -> PricedTrip:
    """What a trip costs under a card. O(1); negative only where the card takes something from the vendor."""
    plan: _Plan | None = card.__dict__.get("_plan")
    if plan is None:
        plan = card.__dict__["_plan"] = _Plan(card)
    return plan.price(trip)


def counted_distance(card: Card, km: Decimal) -> Decimal:
    """A distance in the card's unit, to a thousandth, up to whole steps where the card counts by steps."""
    counted = (km / KM_A_MILE if card.distance_unit == DistanceUnit.mi else km).quantize(THOUSANDTH, ROUND_HALF_UP)
    step = card.distance_step
    return (counted / step).to_integral_value(ROUND_CEILING) * step if step else counted


def counted_hours(card: Card, seconds: int) -> Decimal:
    """Hours to four places, up to whole steps of minutes where the card counts by steps."""
    if card.minute_step:
        block = card.minute_step * _MINUTE
        seconds = -(-seconds // block) * block
    return (Decimal(seconds) / _HOUR).quantize(HOUR_PLACES, ROUND_HALF_UP)


def nights_touched(night: Night, trip: TripFacts) -> int:
    """How many nights a trip touches: windows of the local clock that it shares at least a moment with."""
    start = trip.local_start
    span = trip.local_end - start
    begun = start.hour * _HOUR + start.minute * _MINUTE + start.second
    return nights_between(night, begun, span.days * _DAY + span.seconds)


def nights_between(night: Night, begun: int, span: int) -> int:
    """`nights_touched` of a trip that begins so many seconds after midnight and ends so many seconds later."""
    ended = begun + max(span, 1)
    opens = night.starts * _MINUTE
    length = ((night.ends - night.starts) % 1440) * _MINUTE
    first = (begun - opens - length) // _DAY + 1
    last = -((opens - ended) // _DAY) - 1
    return max(0, last - first + 1)


def is_timed(card: Card) -> bool:
    """Whether what a trip comes to depends on how long it took."""
    return bool(card.per_hour or card.hour_slabs or card.packages)


class _Plan:
    """A card made ready to price many trips."""

    __slots__ = ("by_distance", "by_time", "card", "exempt", "late", "night", "quantum", "surcharges", "tax", "unit")

    def __init__(self, card: Card) -> None:
        self.card = card
        self.quantum = Decimal(1).scaleb(-MINOR_UNITS[card.currency])
        self.unit = str(card.distance_unit)
        self.late = tuple(reversed(card.late))
        self.surcharges = tuple((one, codes_of(one.on)) for one in card.surcharges)
        self.night = card.night
        self.tax = card.tax if card.tax and card.tax.percent else None
        self.exempt = frozenset(card.tax.exempt) if card.tax else frozenset()
        self.by_distance = bool(card.per_distance or card.distance_slabs)
        self.by_time = bool(card.per_hour or card.hour_slabs)

    def price(self, trip: TripFacts) -> PricedTrip:
        parts = self.fare(trip)
        passed_on = ZERO
        if trip.status == "completed":
            self.extras(parts, trip)
            if trip.tolls or trip.parking:
                passed_on = self.pass_through(parts, trip)
        else:
            parts = self.instead(trip.status, total_of(parts))
            if trip.tolls or trip.parking:
                passed_on = self.pass_through(parts, trip)
        return with_tax(parts, self.tax, self.exempt, self.quantum, self.card.currency, passed_on)

    def fare(self, trip: TripFacts) -> list[Part]:
        """Base fare, distance, time or package, up to the minimum."""
        card, quantum = self.card, self.quantum
        parts: list[Part] = []
        if card.per_trip:
            amount = card.per_trip.quantize(quantum, ROUND_HALF_UP)
            parts.append(Part("trip", "Base fare", ONE, "trip", card.per_trip, amount))
        if self.by_distance:
            distance = counted_distance(card, trip.distance_km)
            if card.distance_slabs:
                self.slabs(parts, card.distance_slabs, distance, "distance", "Distance", self.unit)
            elif distance:
                amount = (distance * card.per_distance).quantize(quantum, ROUND_HALF_UP)
                parts.append(Part("distance", "Distance", distance, self.unit, card.per_distance, amount))
        if self.by_time:
            hours = counted_hours(card, trip.seconds)
            if card.hour_slabs:
                self.slabs(parts, card.hour_slabs, hours, "time", "Time", "h")
            elif hours:
                amount = (hours * card.per_hour).quantize(quantum, ROUND_HALF_UP)
                parts.append(Part("time", "Time", hours, "h", card.per_hour, amount, _spent(trip.seconds)))
        if card.packages:
            self.package(parts, trip)
        if card.minimum_fare:
            short = card.minimum_fare.quantize(quantum, ROUND_HALF_UP) - total_of(parts)
            if short > ZERO:
                note = f"A trip costs at least {plain(card.minimum_fare)}"
                parts.append(Part("minimum_fare", "Up to the minimum fare", ONE, "trip", short, short, note))
        return parts

    def slabs(self, parts: list[Part], slabs: Slabs, quantity: Decimal, code: str, label: str, unit: str) -> None:
        quantum = self.quantum
        lower = ZERO
        if slabs.mode == SlabMode.graduated:
            for step in slabs.steps:
                within = quantity - lower if step.up_to is None or quantity <= step.up_to else step.up_to - lower
                if within > ZERO:
                    amount = (within * step.rate).quantize(quantum, ROUND_HALF_UP)
                    parts.append(
                        Part(code, f"{label}, {_reach(lower, step.up_to, unit)}", within, unit, step.rate, amount)
                    )
                if step.up_to is None or quantity <= step.up_to:
                    return
                lower = step.up_to
            return
        for step in slabs.steps:
            if step.up_to is None or quantity <= step.up_to:
                reach = f"{label}, slab {_reach(lower, step.up_to, unit)}"
                if step.flat:
                    amount = step.flat.quantize(quantum, ROUND_HALF_UP)
                    parts.append(Part(code, reach, ONE, "trip", step.flat, amount, f"{plain(quantity)} {unit}"))
                if step.rate and quantity:
                    amount = (quantity * step.rate).quantize(quantum, ROUND_HALF_UP)
                    parts.append(Part(code, reach, quantity, unit, step.rate, amount))
                return
            lower = step.up_to

    def package(self, parts: list[Part], trip: TripFacts) -> None:
        card, quantum = self.card, self.quantum
        packages = card.packages
        if packages is None:
            return
        distance, hours = counted_distance(card, trip.distance_km), counted_hours(card, trip.seconds)
        best: tuple[Decimal, Package, Decimal, Decimal] | None = None
        for option in packages.options:
            over = max(ZERO, distance - option.distance) if option.distance is not None else ZERO
            late = max(ZERO, hours - option.hours) if option.hours is not None else ZERO
            if (over and not packages.extra_distance) or (late and not packages.extra_hour):
                continue  # what has no rate for going beyond does not go beyond
            cost = option.amount + over * packages.extra_distance + late * packages.extra_hour
            if best is None or cost < best[0]:
                best = (cost, option, over, late)
        if best is None:  # none is large enough: the largest holds
            option = max(packages.options, key=lambda one: one.amount)
            over = max(ZERO, distance - option.distance) if option.distance is not None else ZERO
            late = max(ZERO, hours - option.hours) if option.hours is not None else ZERO
            best = (option.amount, option, over, late)
        _, option, over, late = best
        amount = option.amount.quantize(quantum, ROUND_HALF_UP)
        used = f"{plain(distance)} {self.unit} in {_spent(trip.seconds)}"
        parts.append(
            Part("package", f"Package {package_name(option, self.unit)}", ONE, "trip", option.amount, amount, used)
        )
        if over and packages.extra_distance:
            rate = packages.extra_distance
            amount = (over * rate).quantize(quantum, ROUND_HALF_UP)
            parts.append(Part("package_distance", "Extra distance", over, self.unit, rate, amount))
        if late and packages.extra_hour:
            rate = packages.extra_hour
            amount = (late * rate).quantize(quantum, ROUND_HALF_UP)
            parts.append(Part("package_time", "Extra hours", late, "h", rate, amount))

    def extras(self, parts: list[Part], trip: TripFacts) -> None:
        """Dead kilometres, waiting, night, escort, surcharges, and what is taken off for being late."""
        card, quantum = self.card, self.quantum
        fare = total_of(parts) if (card.night or card.late) else ZERO
        if card.dead and trip.dead_km:
            distance = counted_distance(card, trip.dead_km)
            charged = distance - card.dead.included
            if charged > ZERO and card.dead.rate:
                amount = (charged * card.dead.rate).quantize(quantum, ROUND_HALF_UP)
                note = (
                    f"{plain(distance)} {self.unit} less {plain(card.dead.included)} included"
                    if card.dead.included
                    else ""
                )
                parts.append(Part("dead", "Dead distance", charged, self.unit, card.dead.rate, amount, note))
        if card.waiting and trip.waiting_minutes > card.waiting.free_minutes:
            self.waiting(parts, trip.waiting_minutes)
        if self.night is not None and (nights := nights_touched(self.night, trip)):
            self.night_charge(parts, self.night, nights, fare)
        if card.escort and trip.escort:
            amount = card.escort.quantize(quantum, ROUND_HALF_UP)
            parts.append(Part("escort", "Escort", ONE, "trip", card.escort, amount))
        for charge, codes in self.surcharges:
            if part := surcharge_part(charge, codes, parts, quantum):
                parts.append(part)
        if self.late and trip.late_minutes:
            self.lateness(parts, trip.late_minutes, fare)

    def waiting(self, parts: list[Part], minutes: int) -> None:
        terms = self.card.waiting
        if terms is None:
            return
        charged = minutes - terms.free_minutes
        quantity, unit = Decimal(charged), "min"
        if terms.per == "hour":
            quantity, unit = (quantity / 60).quantize(HOUR_PLACES, ROUND_HALF_UP), "h"
        amount = (quantity * terms.rate).quantize(self.quantum, ROUND_HALF_UP)
        note = f"{minutes} min less {terms.free_minutes} free" if terms.free_minutes else f"{minutes} min"
        parts.append(Part("waiting", "Waiting", quantity, unit, terms.rate, amount, note))

    def night_charge(self, parts: list[Part], night: Night, nights: int, fare: Decimal) -> None:
        window = f"{clock_of(night.starts)} to {clock_of(night.ends)}"
        if night.percent:
            amount = (fare * night.percent / HUNDRED).quantize(self.quantum, ROUND_HALF_UP)
            if amount:
                parts.append(Part("night", "Night charge", fare, "%", night.percent, amount, window))
            return
        amount = (nights * night.amount).quantize(self.quantum, ROUND_HALF_UP)
        parts.append(Part("night", "Night charge", Decimal(nights), "night", night.amount, amount, window))

    def lateness(self, parts: list[Part], minutes: int, fare: Decimal) -> None:
        """The band that was reached; never more than the trip has earned."""
        for band in self.late:
            if minutes > band.after_minutes:
                break
        else:
            return
        most = total_of(parts)
        note = f"{minutes} min late, more than {band.after_minutes}"
        if band.percent:
            quantity, unit, rate = fare, "%", -band.percent
            taken = (fare * band.percent / HUNDRED).quantize(self.quantum, ROUND_HALF_UP)
        else:
            quantity, unit, rate = ONE, "trip", -band.amount
            taken = band.amount.quantize(self.quantum, ROUND_HALF_UP)
        if taken > most:
            taken, quantity, unit, rate = most, ONE, "trip", -most
            note += "; no more than the trip earned"
        if taken:
            parts.append(Part("late", "Late", quantity, unit, rate, -taken, note))

    def instead(self, status: str, fare: Decimal) -> list[Part]:
        """What is paid, or taken, for a trip that did not take place."""
        missed = status == "no_show"
        charge: Charge | None = self.card.no_show if missed else self.card.cancelled
        code, label = ("no_show", "No-show") if missed else ("cancelled", "Cancelled")
        if charge is None:
            return []
        sign = -1 if charge.deduct else 1
        if charge.percent:
            amount = (sign * fare * charge.percent / HUNDRED).quantize(self.quantum, ROUND_HALF_UP)
            note = "Of the fare that the trip would have had"
            return [Part(code, label, fare, "%", sign * charge.percent, amount, note)] if amount else []
        amount = (sign * charge.amount).quantize(self.quantum, ROUND_HALF_UP)
        return [Part(code, label, ONE, "trip", sign * charge.amount, amount, "Taken off" if charge.deduct else "")]

    def pass_through(self, parts: list[Part], trip: TripFacts) -> Decimal:
        """Tolls and parking, with what the card adds; returns what they come to."""
        terms, quantum = self.card.pass_through, self.quantum
        markup = terms.markup_percent
        passed_on = ZERO
        for code, label, cost, paid in (
            ("tolls", "Tolls", trip.tolls, terms.tolls),
            ("parking", "Parking", trip.parking, terms.parking),
        ):
            if not cost or not paid:
                continue
            rate = HUNDRED + markup if markup else ONE
            amount = ((cost * rate / HUNDRED) if markup else cost).quantize(quantum, ROUND_HALF_UP)
            note = f"At cost and {plain(markup)}%" if markup else "At cost"
            parts.append(Part(code, label, cost, "%" if markup else "", rate, amount, note))
            passed_on += amount
        return passed_on


def package_name(package: Package, unit: str) -> str:
    """The name of a package: its own, or 8 h / 80 km."""
    if package.name:
        return package.name
    limits = [f"{plain(package.hours)} h"] if package.hours is not None else []
    limits += [f"{plain(package.distance)} {unit}"] if package.distance is not None else []
    return " / ".join(limits) or "all in"


def _reach(lower: Decimal, upper: Decimal | None, unit: str) -> str:
    if upper is None:
        return f"over {plain(lower)} {unit}" if lower else "all"
    return f"{plain(lower)} to {plain(upper)} {unit}"


def _spent(seconds: int) -> str:
    minutes = seconds // _MINUTE
    return f"{minutes // 60} h {minutes % 60:02d} min"
