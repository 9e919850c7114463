"""Words that mean the opposite of one another, in the senses that news uses."""

from qa.question import stem

_PAIRS = """
rise fall drop decline sink plunge tumble; rose fell dropped declined; grow grew shrink shrank; increase decrease drop
fall decline; gain lose loss; up down; more less fewer; most least; higher lower; high low; above below under; over
under; highest lowest; largest smallest; biggest smallest; bigger smaller;
larger smaller; longer shorter; older younger; faster
slower; better worse; best worst; improve worsen deteriorate; strengthen weaken; strong weak; early late; earlier
later; earliest latest; before after; first last; win lose; won lost; winner loser; victory defeat; beat lose; succeed
fail; success failure; pass fail; support oppose; supporter opponent; supporters opponents; for against; back oppose;
accept reject refuse; accepted rejected refused; approve reject; agree disagree refuse; confirm deny; admit deny;
allow ban forbid bar prohibit; allowed banned barred forbidden; permit ban forbid; legal illegal; lawful unlawful;
safe unsafe dangerous; alive dead; live die; lived died; survive die; survived died killed; guilty innocent; convict
acquit; convicted acquitted; open close; opened closed shut; start stop end; begin end; began ended; continue stop;
keep drop; include exclude; included excluded; inside outside; with without; always never; often rarely seldom;
frequently rarely; many few; some none; all none; everyone nobody; everybody nobody; everything nothing; both neither;
easy difficult hard; easily hardly; full empty; true false; right wrong; correct wrong incorrect; public private; male
female; men women; man woman; boy girl; mother father; brother sister; son daughter; husband wife; young old; new old;
hot cold; warm cold; warmer colder cooler; wet dry; rich poor; buy sell; bought sold; lend borrow; import export;
imports exports; arrive leave depart; enter leave; remain resign leave; stay leave; stayed left; hire fire dismiss;
hired fired; push pull; send receive; sent received; give take; love hate; like dislike; praise criticise criticize
condemn; praised criticised criticized condemned; welcome condemn; remember forget; raise cut lower reduce; raised cut
lowered reduced; raising cutting lowering; expand shrink reduce; add remove; added removed; tighten ease loosen; ease
worsen; eased worsened; help hinder; protect endanger; encourage discourage; urge discourage; optimistic pessimistic;
optimism pessimism; positive negative; likely unlikely; possible impossible; able unable; known unknown; expected
unexpected; voluntary mandatory compulsory; optional mandatory required; required optional; temporary permanent;
majority minority; unanimous divided; simple complex; major minor; domestic foreign; cheap expensive; cheaper dearer
costlier; profit loss; surplus deficit; ahead behind; lead trail; led trailed; present absent; attend miss; attended
missed skipped; appear disappear; found lost; innocent guilty; northern southern; north south; east west; eastern
western; left right; indoor outdoor; urban rural; day night; morning evening; maximum minimum; upper lower; outperform
underperform; overestimate underestimate; top bottom; peak trough; worsen improve; healthy sick ill; forward backward;
advance retreat; attack defend; prosecution defence defense; plaintiff defendant; employer employee; teacher student;
friend enemy; ally enemy; hawkish dovish; retain lose; cancel keep; delay hasten; clean dirty; clear cloudy; calm
stormy; quickly slowly; slightly sharply; sharply slightly; narrowly easily; partly wholly; entirely partly; fully
partly partially; completely partially; only also; daily weekly monthly yearly; encouraged discouraged; comfortable
uncomfortable; satisfied dissatisfied; happy unhappy; fair unfair; sure unsure; certain uncertain; vaccinated
unvaccinated; armed unarmed; married unmarried; employed unemployed; conscious unconscious; identified unidentified;
confirmed unconfirmed; official unofficial; few numerous several; all one few; some every; every one; arrived left
departed; winter summer; spring autumn; released arrested detained; majority minority; hundreds dozens; same
different; accept reject; seller buyer; mild severe; light heavy; heavy light; slow fast quick; deep shallow; wide
narrow; thick thin; loud quiet; agreed refused; ordered forbade; kept lost; started stopped ended; closing opening;
winning losing; rising falling; increasing decreasing; growing shrinking; gaining losing; buying selling; allowing
banning; supporting opposing; approving rejecting; leading trailing; surged plunged slumped; soared plummeted plunged;
jumped dropped fell; climbed fell dropped; surge slump plunge; boost cut; boosted cut; exceed miss; exceeded missed;
upgrade downgrade; upgraded downgraded; overturn uphold; overturned upheld; acquittal conviction; hired resigned;
joined left quit; born died; yes no; authorized unauthorized; authorised unauthorised
"""
_PREFIXES = ("un", "in", "im", "dis", "non", "ir", "il")
# They begin so and mean nothing opposite to the rest.
_NOT_PREFIXED = frozenset(
    stem(word)
    for word in (
        "infield inside income inland inward inform intend intent intense inspire increase insight input indeed inmate "
        "inning innings install invest invoice import impart implant impress imprint improve impose impact discover "
        "display discount disease dispatch dispense dispose dispute district distract discharge discourse disclaim "
        "disguise union united universe under until"
    ).split()
)


def _pairs() -> frozenset[tuple[str, str]]:
    """Each pair both ways, as stems: a group's first word against each of the others."""
    found: set[tuple[str, str]] = set()
    for group in " ".join(_PAIRS.split()).split(";"):
        first, *others = (stem(word) for word in group.split())
        found.update(pair for other in others for pair in ((first, other), (other, first)))
    return frozenset(found)


_OPPOSITES = _pairs()


def opposite(one: str, other: str) -> bool:
    """Whether two words are opposites: by the list, or as "happy" and "unhappy" are, "careless" and "careful"."""
    if (stem(one), stem(other)) in _OPPOSITES:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) >= 4 and stem(long) not in _NOT_PREFIXED and any(long == prefix + short for prefix in _PREFIXES):
        return True
    return {one[-4:], other[-3:]} == {"less", "ful"} and one[:-4] == other[:-3]
