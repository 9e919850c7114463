"""Names that mean the same in news: countries and their people, short forms, initials, capitals for governments."""

from qa.places import COUNTRIES, STATES

# Each group is one thing; lower case, without full stops.
_SAME = """
united states, us, usa, america, american, americans, washington, states; united kingdom, uk, britain, british,
briton, britons, london, great britain; england, english; european union, eu, european, europe, brussels; united
nations, un; russia, russian, russians, moscow, kremlin; china, chinese, beijing; ukraine, ukrainian, ukrainians,
kyiv, kiev; north korea, north korean, pyongyang; south korea, south korean, seoul; iran, iranian, tehran; france,
french, paris; germany, german, germans, berlin; japan, japanese, tokyo; israel, israeli, israelis, jerusalem; turkey,
turkish, ankara, turkiye; india, indian, new delhi, delhi; netherlands, dutch, holland; syria, syrian, damascus; cuba,
cuban, havana; republican, republicans, gop, grand old party; democrat, democrats, democratic; conservative,
conservatives, tory, tories; labour, labor; liberal, liberals; covid, coronavirus, covid-19, pandemic, virus, sars;
meta, facebook; google, alphabet; twitter, x; federal reserve, fed; world health organization, world health
organisation, who; federal bureau of investigation, fbi; centers for disease control and prevention, cdc; food and
drug administration, fda; supreme court, justices, court, scotus; new york city, nyc, new york, new yorkers,
manhattan, big apple; los angeles, la; white house, administration; pentagon, defense department, defence department;
capitol, congress; house, representatives; senate, senator, senators; parliament, mps, mp, commons; christmas, xmas;
thanksgiving; world cup; super bowl; internet, online, web; california, californian, californians; texas, texan,
texans; philippines, filipino, filipinos, manila; islam, islamic, muslim, muslims; christianity, christian,
christians; jewish, jew, jews, judaism; catholic, catholics, vatican, church; black, african-american, african
american; hispanic, hispanics, latino, latinos, latinx; native american, native americans, indigenous; pope, pontiff,
vatican, holy see; queen, monarch; king, monarch; taliban; islamic state, isis, isil, daesh; amazon; youtube; nato,
alliance; earth, planet; sun; moon; god; bible; wall street; africa, african, africans; asia, asian, asians; arab,
arabs; latin america, latin american; middle east; ms, multiple sclerosis; ai, artificial intelligence; tv,
television; wwii, world war ii, second world war, world war two; world war i, first world war; first lady; big apple;
nfl, league; nba, league; mlb, league; wnba, league; nhl, league; artificial intelligence, ai; dna; ceo, chief
executive; abc; nbc; cbs; irs; nasa; attorney general; gm, general motors; lgbtq, lgbt, gay; jfk, kennedy; philly,
philadelphia; vegas, las vegas; bama, alabama; dc, washington; finland, finn, finns, finnish; denmark, dane, danes;
spain, spaniard, spaniards; sweden, swede, swedes; poland, pole, poles; turkey, turk, turks; scotland, scot, scots;
united kingdom, brit, brits; serbia, serb, serbs; croatia, croat, croats; kurdistan, kurd, kurds, kurdish;
afghanistan, afghan, afghans; argentina, argentine, argentines; oscar, oscars, academy award, academy awards;
european, euro, euros, eurozone; olympics, olympic, olympian, olympians, games; saint, st; mount, mt; fort, ft;
doctor, dr; jr, junior; sr, senior
"""
# Abbreviations of American states as news writes them.
_STATE_SHORT = """
ala alabama; ariz arizona; ark arkansas; calif california; colo colorado; conn connecticut; del delaware; fla florida;
ga georgia; ill illinois; ind indiana; kan kansas; ky kentucky; la louisiana; md maryland; mass massachusetts; mich
michigan; minn minnesota; miss mississippi; mo missouri; mont montana; neb nebraska; nev nevada; okla oklahoma; ore
oregon; pa pennsylvania; tenn tennessee; tex texas; vt vermont; va virginia; wash washington; wis wisconsin; wyo
wyoming; nj new jersey; ny new york; nc north carolina; sc south carolina; nm new mexico; nh new hampshire; ri rhode
island; wva west virginia; nd north dakota; sd south dakota
"""
_CITIES = """
london paris berlin moscow beijing tokyo kyiv kiev seoul tehran jerusalem ankara damascus havana manila amsterdam
athens atlanta auckland austin baghdad baltimore bangkok barcelona beirut belfast birmingham bogota boston brisbane
bristol brussels bucharest budapest buffalo cairo calgary cardiff charlotte chicago cincinnati cleveland cologne
copenhagen dallas delhi denver detroit dhaka doha dubai dublin edinburgh frankfurt geneva glasgow hamburg hanoi
helsinki houston indianapolis islamabad istanbul jakarta johannesburg kabul karachi kathmandu khartoum kharkiv
kinshasa lagos leeds lima lisbon liverpool louisville lyon madrid manchester mariupol marseille melbourne memphis
miami milan milwaukee minneapolis minsk montreal mumbai munich nairobi naples nashville oakland odesa orlando oslo
ottawa perth philadelphia phoenix pittsburgh portland prague quebec riga riyadh rome sacramento santiago sarajevo
seattle shanghai sheffield shenzhen singapore sofia stockholm sydney tampa taipei tallinn toronto tripoli tunis turin
vancouver venice vienna vilnius warsaw wellington wuhan zurich brooklyn hollywood
"""


def _canonical() -> dict[str, frozenset[str]]:
    """Each phrase with the things it may mean."""
    found: dict[str, set[str]] = {}
    for said, name in COUNTRIES.items():
        found.setdefault(said, set()).add(name.lower())
        found.setdefault(said + "s", set()).add(name.lower())
    for group in " ".join(_SAME.split()).split(";"):
        names = [name.strip() for name in group.split(",")]
        for name in names:
            found.setdefault(name, set()).add(names[0])
    for entry in " ".join(_STATE_SHORT.split()).split(";"):
        short, _, name = entry.strip().partition(" ")
        found.setdefault(short, set()).add(name)
        found.setdefault(name, set()).add(name)
    return {phrase: frozenset(things) for phrase, things in found.items()}


# What an American paper needn't name for it to be meant.
HOME = frozenset("united states; us; usa; america; american; americans; washington; white house; congress".split("; "))
ALIASES = _canonical()
# Words for a nation's or faith's people, which an article seldom needs to say of those it writes about.
PEOPLES = frozenset(
    said for said, name in COUNTRIES.items() if said != name.lower() and not said.startswith(("uk", "us", "uae"))
) | frozenset(
    """
    spaniard greek finn finns dane danes swede swedes pole poles turk turks scot scots brit brits briton britons serb
    croat european europeans african africans asian asians arab arabs jew jews jewish muslim muslims black blacks white
    latino latinos hispanic hispanics englishman englishwoman frenchman frenchwoman irishman irishwoman dutchman
    welshman olympian olympians americans germans russians ukrainians israelis
    """.split()
)
# Places that are told even where nothing is written with a capital.
PLACES = frozenset((*_CITIES.split(), *COUNTRIES, *(name.lower() for name in STATES.values()))) - {
    "turkey",
    "chad",
    "jordan",
    "georgia",
    "polish",
    "us",
    "mali",
    "guinea",
    "phoenix",
    "buffalo",
    "china",
    "charlotte",
    "perth",
    "orlando",
    "austin",
    "dutch",
    "naples",
    "nice",
    "bath",
    "reading",
    "cork",
    "sofia",
    "split",
    "orange",
}
