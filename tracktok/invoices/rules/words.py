"""Amounts in words, as the foot of an invoice writes them: "Rupees Two Lakh Twenty-One Thousand Sixty-Eight Only".

Lakh and crore for Indian locales (en_IN, hi), millions for others. Hindi in Devanagari; every other language gets
plain English, which is what a foreign currency's words are checked by.
"""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import get_currency_name
from num2words import num2words

from tracktok.core import money

from .hindi import HINDI_BELOW_HUNDRED

_LAKH, _CRORE = 100_000, 10_000_000
_NAMES: dict[str, tuple[str, str, str, str]] = {
    "INR": ("Rupee", "Rupees", "Paisa", "Paise"),
    "NPR": ("Nepalese Rupee", "Nepalese Rupees", "Paisa", "Paise"),
    "LKR": ("Sri Lankan Rupee", "Sri Lankan Rupees", "Cent", "Cents"),
    "BDT": ("Taka", "Taka", "Poisha", "Poisha"),
    "USD": ("US Dollar", "US Dollars", "Cent", "Cents"),
    "CAD": ("Canadian Dollar", "Canadian Dollars", "Cent", "Cents"),
    "AUD": ("Australian Dollar", "Australian Dollars", "Cent", "Cents"),
    "NZD": ("New Zealand Dollar", "New Zealand Dollars", "Cent", "Cents"),
    "SGD": ("Singapore Dollar", "Singapore Dollars", "Cent", "Cents"),
    "HKD": ("Hong Kong Dollar", "Hong Kong Dollars", "Cent", "Cents"),
    "EUR": ("Euro", "Euros", "Cent", "Cents"),
    "GBP": ("Pound Sterling", "Pounds Sterling", "Penny", "Pence"),
    "CHF": ("Swiss Franc", "Swiss Francs", "Rappen", "Rappen"),
    "AED": ("UAE Dirham", "UAE Dirhams", "Fils", "Fils"),
    "SAR": ("Saudi Riyal", "Saudi Riyals", "Halala", "Halalas"),
    "QAR": ("Qatari Riyal", "Qatari Riyals", "Dirham", "Dirhams"),
    "KWD": ("Kuwaiti Dinar", "Kuwaiti Dinars", "Fils", "Fils"),
    "BHD": ("Bahraini Dinar", "Bahraini Dinars", "Fils", "Fils"),
    "OMR": ("Omani Rial", "Omani Rials", "Baisa", "Baisa"),
    "JOD": ("Jordanian Dinar", "Jordanian Dinars", "Fils", "Fils"),
    "ZAR": ("Rand", "Rand", "Cent", "Cents"),
    "KES": ("Kenyan Shilling", "Kenyan Shillings", "Cent", "Cents"),
    "MYR": ("Ringgit", "Ringgit", "Sen", "Sen"),
    "JPY": ("Japanese Yen", "Japanese Yen", "", ""),
    "KRW": ("South Korean Won", "South Korean Won", "", ""),
    "CNY": ("Yuan", "Yuan", "Fen", "Fen"),
}
"""One and several of the currency, one and several of its minor unit."""


def amount_in_words(amount: Decimal, currency: str, locale: str = "en_IN") -> str:
    """An amount in words, with its currency and "Only" at the end, as cheques and invoices have it.

    Rounded half up to the currency's minor unit first. `locale` such as en_IN, en_US, hi_IN. Raises KeyError for an
    unknown currency.
    """
    amount = money.round_amount(amount, currency)
    places = money.minor_unit(currency)
    whole = int(abs(amount))
    minor = int((abs(amount) - whole).scaleb(places))
    language = locale.replace("-", "_").lower()
    if language.split("_")[0] == "hi":
        return _hindi(whole, minor, currency, negative=amount < 0)
    indian = language.endswith("_in")
    one, several, minor_one, minor_several = _names(currency)
    text = f"{one if whole == 1 else several} {_english(whole, indian=indian)}"
    if minor and minor_several:
        text += f" and {_english(minor, indian=indian)} {minor_one if minor == 1 else minor_several}"
    elif minor:
        text += f" and {minor}/{10**places}"
    return f"{'Minus ' if amount < 0 else ''}{text} Only"


def _names(currency: str) -> tuple[str, str, str, str]:
    if currency in _NAMES:
        return _NAMES[currency]
    one, several = (get_currency_name(currency, count=count, locale="en") for count in (1, 2))
    return _capitals(one), _capitals(several), "", ""


def _capitals(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split())


def _english(number: int, *, indian: bool) -> str:
    """A number in English words, each with a capital: "Twenty-One Thousand Sixty-Eight"."""
    if indian and number >= _CRORE:
        crores, rest = divmod(number, _CRORE)
        text = f"{_english(crores, indian=True)} Crore"
        return f"{text} {_english(rest, indian=True)}" if rest else text
    spoken = str(num2words(number, lang="en_IN" if indian else "en")).replace(",", "").replace(" and ", " ")
    return "-".join(_capitals(part) for part in spoken.split("-"))


def _hindi(whole: int, minor: int, currency: str, *, negative: bool) -> str:
    if currency == "INR":
        name = "रुपया" if whole == 1 else "रुपये"
    else:
        name = get_currency_name(currency, count=whole, locale="hi")
    text = f"{_hindi_number(whole)} {name}"
    if minor and currency in {"INR", "NPR"}:
        text += f" और {_hindi_number(minor)} {'पैसा' if minor == 1 else 'पैसे'}"
    elif minor:
        text += f" और {minor}/{10 ** money.minor_unit(currency)}"
    return f"{'ऋण ' if negative else ''}{text} मात्र"


def _hindi_number(number: int) -> str:
    if number < len(HINDI_BELOW_HUNDRED):
        return HINDI_BELOW_HUNDRED[number]
    words: list[str] = []
    for unit, name in ((_CRORE, "करोड़"), (_LAKH, "लाख"), (1000, "हज़ार"), (100, "सौ")):
        count, number = divmod(number, unit)
        if count:
            words += [_hindi_number(count), name]
    if number:
        words.append(HINDI_BELOW_HUNDRED[number])
    return " ".join(words)
