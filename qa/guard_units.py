"""Words of number and units of measure: what they come to."""

SMALL = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: 10 * number for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
SCALES = {
    "dozen": 12.0,
    "hundred": 1e2,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "mln": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "b": 1e9,
    "trillion": 1e12,
    "tn": 1e12,
    "trn": 1e12,
}
ORDINALS = (
    {
        word: number
        for number, word in enumerate(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
            "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
            1,
        )
    }
    | {
        word: 10 * number
        for number, word in enumerate("thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth".split(), 3)
    }
    | {"hundredth": 100}
)
SHARES = {"half": 2, "halves": 2, "third": 3, "quarter": 4} | {
    word: number for word, number in ORDINALS.items() if 4 <= number <= 12 or number in (20, 50, 100)
}
WHOLES = frozenset((*range(2, 21), 25, 30, 40, 50, 100, 200, 500, 1000))
SIGNS = {"½": 0.5, "⅓": 1 / 3, "¼": 0.25, "¾": 0.75, "⅔": 2 / 3}

_DAY = 86400.0
# Each unit's names, its dimension and how many base units it is.
_UNITS: dict[str, tuple[str, float]] = {
    "second sec seconds secs": ("time", 1.0),
    "minute minutes min mins": ("time", 60.0),
    "hour hours hr hrs": ("time", 3600.0),
    "light-year light-years": ("time", 365.25 * _DAY),
    "day days": ("time", _DAY),
    "night nights": ("time", _DAY),
    "week weeks wk wks": ("time", 7 * _DAY),
    "weekend weekends": ("time", 7 * _DAY),
    "month months": ("time", 30.44 * _DAY),
    "year years yr yrs year-old years-old year-olds yo": ("time", 365.25 * _DAY),
    "decade decades": ("time", 3652.5 * _DAY),
    "century centuries": ("time", 36525 * _DAY),
    "mile miles mi": ("length", 1609.344),
    "kilometre kilometres kilometer kilometers km kms": ("length", 1000.0),
    "metre metres meter meters": ("length", 1.0),
    "centimetre centimetres centimeter centimeters cm": ("length", 0.01),
    "millimetre millimetres millimeter millimeters mm": ("length", 0.001),
    "foot feet ft": ("length", 0.3048),
    "inch inches": ("length", 0.0254),
    "yard yards yd yds": ("length", 0.9144),
    "kilogram kilograms kilo kilos kg": ("weight", 1000.0),
    "gram grams gramme grammes g": ("weight", 1.0),
    "milligram milligrams mg": ("weight", 1e-3),
    "microgram micrograms mcg µg": ("weight", 1e-6),
    "ounce ounces oz": ("weight", 28.35),
    "lb lbs": ("weight", 453.6),
    "ton tons": ("weight", 907185.0),
    "tonne tonnes": ("weight", 1e6),
    "acre acres": ("area", 4046.9),
    "hectare hectares": ("area", 10000.0),
    "litre litres liter liters": ("volume", 1.0),
    "millilitre millilitres milliliter milliliters ml": ("volume", 0.001),
    "gallon gallons": ("volume", 3.785),
    "barrel barrels": ("volume", 159.0),
    "mph": ("speed", 1.609),
    "kph kmh km/h": ("speed", 1.0),
    "degree degrees °c °f c f celsius fahrenheit": ("temperature", 1.0),
    "% percent pct pc": ("percent", 1.0),
    "dollar dollars buck bucks": ("money", 1.0),
    "euro euros": ("money", 1.0),
    "yen": ("money", 1.0),
    "rupee rupees": ("money", 1.0),
    "cent cents pence": ("money", 0.01),
    "pound pounds": ("money", 1.0),
}
UNIT_OF = {name: (names.split()[0], *what) for names, what in _UNITS.items() for name in names.split()}
SQUARE = {
    "mile": ("area", 2.59e6),
    "kilometre": ("area", 1e6),
    "metre": ("area", 1.0),
    "foot": ("area", 0.0929),
    "inch": ("area", 6.45e-4),
}
CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
