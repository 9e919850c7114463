"""Words that the rules for suggested questions go by."""

import re

AUXILIARIES = frozenset("is are was were has have had will would can could should may might must".split())

_IRREGULAR = """
ate/eat beat/beat became/become began/begin bet/bet bought/buy broke/break brought/bring built/build came/come
caught/catch chose/choose cost/cost cut/cut dealt/deal did/do drank/drink drew/draw drove/drive fell/fall felt/feel
fled/flee flew/fly forgot/forget fought/fight found/find froze/freeze gave/give got/get grew/grow held/hold hid/hide
hit/hit hurt/hurt kept/keep knew/know laid/lay led/lead left/leave lent/lend lost/lose made/make meant/mean met/meet
overcame/overcome oversaw/oversee paid/pay put/put quit/quit ran/run rang/ring rode/ride rose/rise sang/sing sank/sink
sat/sit saw/see sent/send set/set shook/shake shot/shoot shut/shut slept/sleep sold/sell sought/seek spent/spend
split/split spoke/speak spread/spread stole/steal stood/stand struck/strike swam/swim swore/swear swept/sweep
taught/teach threw/throw took/take tore/tear undertook/undertake underwent/undergo went/go withdrew/withdraw won/win
woke/wake wore/wear wrote/write
"""
# Those whose last letter is doubled or dropped can't be told from their past by a rule.
_REGULAR = """
abandon accept accuse achieve acknowledge acquire add admit adopt advance aim air allow announce appeal appear appoint
approve argue arrest arrive assist attack attend award ban bar block borrow call campaign cancel carry cause celebrate
change charge claim close collect command commit compare compete complete confirm conduct contribute cover crash create
cross damage debut declare decline defeat defend delay deliver demand deny deploy describe design destroy detect
develop die direct disclose discover dismiss display donate double dominate drop earn edit elect eliminate employ enact
end endorse enter escape establish evacuate execute expand expel experience explain explore export face fail file
fill film finance fine finish fire force found fund gain generate graduate grant guarantee halt handle help
hire host identify impose improve include increase inform injure inspire install introduce invade invent invest
investigate invite issue join jump kick kidnap kill lack land last launch license lift link live lower manage march
mark marry miss move murder name negotiate nominate notch obtain occur offer open operate oppose order organize
outline own pass perform permit plan play plead pledge poll post practice predict premiere present prevent produce
promise promote propose protect provide publish pull purchase push qualify raise rank reach rebound receive recall
recommend record recover reduce refuse register reject relax release remain remove rename renew repeal replace rescue
resign respond restore result retain retire return reveal reverse review rule sack sail save schedule score seize
sentence serve settle share shift sign slash smash sponsor stage start state stay step stop store strip study submit
succeed sue suffer suggest support surpass surrender survive suspend sustain target tour total trade train transfer
travel trigger try turn unveil urge use veto view violate visit volunteer vote vow waive walk want warn watch work
"""


_DOUBLED = frozenset("ban bar drop stop plan step strip commit admit permit expel submit kidnap transfer".split())


def _past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if re.search(r"[^aeiou]y$", base):
        return base[:-1] + "ied"
    doubled = re.fullmatch(
        r"(?:ban|bar|drop|stop|plan|step|strip|commit|admit|permit|expel|submit|kidnap|transfer)", base
    )
    return base + (base[-1] if doubled else "") + "ed"


# past tense → base form
PAST = {
    **{_past(base): base for base in _REGULAR.split()},
    **{pair.split("/")[0]: pair.split("/")[1] for pair in _IRREGULAR.split()},
}

FRAMING = re.compile(
    r"\b(?:said|says|saying|told|tells|according to|added|adding|tweeted|wrote|writes|noted|explained|argued|recalled|"
    r"stated|claimed|suggested|warned|insisted|reportedly|allegedly|read|reads|posted|quoted|joked|asked|believe[sd]?|"
    r"thinks?|thought|described|called|think|likely|may|might|acknowledged|responded)\b",
    re.I,
)
# Words that point at what was said before, or at whoever is speaking.
LEANING = re.compile(
    r"\b(?:I|we|you|my|our|us|your|me|mine|ours|yours|I['’]\w+|we['’]\w+|you['’]\w+|it|they|them|this|these|those|"
    r"there|here|such|latter|one|ones|other|another|others|himself|herself|themselves|itself|him|then|so|too|"
    r"it['’]s|that['’]s|there['’]s|they['’]\w+|he['’]\w+|she['’]\w+|again|instead|however|meanwhile|similarly|"
    r"both|each|either|same|respectively|aforementioned|don['’]t|doesn['’]t|didn['’]t|not|never|n['’]t|"
    r"today|yesterday|tomorrow|tonight|now|ago|nearby|later|earlier|next|previous|previously|prior)\b",
    re.I,
)
BOUND = re.compile(r"\b(?:he|she|his|her|hers|their|its)\b", re.I)
# Things of which there is one, whoever is speaking.
UNIQUE = frozenset(
    "world president public pandemic coronavirus internet moon sun earth virus united first second third fourth fifth "
    "last most best worst largest biggest highest lowest oldest youngest longest end beginning start age number "
    "ball air media law press economy nation globe late early year week month season same only summit top final "
    "semifinals semifinal quarterfinals quarterfinal playoffs city's country's presidency right left poor rich".split()
)
ORGANISATIONS = frozenset(
    "university college school hospital court committee council agency department ministry museum bank airline party "
    "union bureau commission foundation institute association federation administration service "
    "company corporation".split()
)
NO_SURNAMES = frozenset(
    "house court states york kingdom city county state street avenue party league cup bowl games news times post "
    "journal angeles francisco jersey carolina dakota virginia hampshire mexico zealand korea africa america union "
    "service act law bill day center centre island islands river lake sea mountain park church school university "
    "college hospital club team series show awards award department office bureau agency committee council commission "
    "congress senate democrats republicans democrat republican army navy force guard police bank company inc corp "
    "group ltd co association foundation institute society network studios pictures entertainment airport "
    "airlines station "
    "building tower hall square bridge road hotel stadium arena field festival week month war battle trophy prize "
    "championship open tour conference summit report project program committee ocean bay beach valley hills hill "
    "springs falls rapids east west north south coast europe asia countries nations olympics olympic paralympics "
    "museum theatre theater gallery library garden gardens zoo store market exchange reserve fund motors "
    "fox sox yankees mets giants eagles bears lions tigers cowboys patriots chiefs packers warriors lakers celtics "
    "heat bulls nets knicks suns spurs rockets kings jets bills ravens steelers browns dolphins texans colts titans "
    "broncos raiders chargers saints falcons panthers buccaneers cardinals rams seahawks commanders vikings dodgers "
    "braves astros rangers mariners athletics angels twins royals guardians orioles rays marlins phillies nationals "
    "pirates brewers reds cubs rockies padres january february march april may june july august september october "
    "november december monday tuesday wednesday thursday friday saturday sunday".split()
)
ROLES = (
    r"(?:[Pp]resident|[Pp]rime [Mm]inister|[Mm]ayor|[Gg]overnor|Gov\.|CEO|chief executive|[Cc]hairman|[Cc]hairwoman|"
    r"head coach|[Cc]oach|[Ff]oreign [Mm]inister|[Hh]ealth [Mm]inister|[Dd]efense [Mm]inister|[Ff]inance [Mm]inister|"
    r"[Dd]irector|[Pp]olice [Cc]hief|[Ff]ire [Cc]hief|[Ss]ecretary[- ][Gg]eneral|[Cc]hancellor|[Aa]ttorney [Gg]eneral|"
    r"[Ss]uperintendent|[Ss]heriff|editor|owner|founder|co-founder|creator|quarterback)"
)
NO_FIRST_NAMES = frozenset(
    "the a an in on at of for and or but as by to from with after before during while when if since although though "
    "president senator representative governor mayor judge justice king queen prince princess pope mr mrs ms miss dr "
    "sir lord lady captain general colonel sergeant officer chief director professor minister secretary attorney "
    "actor actress singer coach rep sen gov sgt lt capt prof rev former ex republican democrat democratic american "
    "british french german russian chinese japanese italian spanish canadian australian indian israeli ukrainian "
    "turkish african asian european latin north south east west northern southern eastern western central new old san "
    "los las saint st fort mount lake el la le de great grand upper lower big little united national federal state "
    "city county monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december photo image video file credit getty associated this that these those "
    "his her their its our your my he she they we it you who what where why how no yes not all some many most "
    "both".split()
)
