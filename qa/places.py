"""Countries and American states as news names them, for questions that ask which country or which state."""

# A country, then the words for its people or things, and its other names.
_COUNTRIES = """
Afghanistan: Afghan; Albania: Albanian; Algeria: Algerian; Andorra: Andorran; Angola: Angolan; Argentina: Argentine,
Argentinian; Armenia: Armenian; Australia: Australian; Austria: Austrian; Azerbaijan: Azerbaijani; Bahamas: Bahamian;
Bahrain: Bahraini; Bangladesh: Bangladeshi; Barbados: Barbadian; Belarus: Belarusian; Belgium: Belgian; Belize:
Belizean; Benin: Beninese; Bhutan: Bhutanese; Bolivia: Bolivian; Bosnia and Herzegovina: Bosnian, Bosnia; Botswana:
Botswanan; Brazil: Brazilian; Brunei: Bruneian; Bulgaria: Bulgarian; Burkina Faso: Burkinabe; Burundi: Burundian;
Cambodia: Cambodian; Cameroon: Cameroonian; Canada: Canadian; Cape Verde: Cape Verdean; Central African Republic:;
Chad: Chadian; Chile: Chilean; China: Chinese; Colombia: Colombian; Comoros: Comorian; Democratic Republic of Congo:
Congolese, DR Congo; Costa Rica: Costa Rican; Croatia: Croatian; Cuba: Cuban; Cyprus: Cypriot; Czech Republic: Czech,
Czechia; Denmark: Danish; Djibouti: Djiboutian; Dominican Republic:; Ecuador: Ecuadorian; Egypt: Egyptian; El Salvador:
Salvadoran; England: English; Equatorial Guinea:; Eritrea: Eritrean; Estonia: Estonian; Eswatini: Swazi; Ethiopia:
Ethiopian; Fiji: Fijian; Finland: Finnish; France: French; Gabon: Gabonese; Gambia: Gambian; Georgia: Georgian; Germany:
German; Ghana: Ghanaian; Greece: Greek; Greenland: Greenlandic; Grenada: Grenadian; Guatemala: Guatemalan; Guinea:
Guinean; Guyana: Guyanese; Haiti: Haitian; Honduras: Honduran; Hungary: Hungarian; Iceland: Icelandic; India: Indian;
Indonesia: Indonesian; Iran: Iranian; Iraq: Iraqi; Ireland: Irish; Israel: Israeli; Italy: Italian; Ivory Coast:
Ivorian; Jamaica: Jamaican; Japan: Japanese; Jordan: Jordanian; Kazakhstan: Kazakh; Kenya: Kenyan; Kiribati:; Kosovo:
Kosovan; Kuwait: Kuwaiti; Kyrgyzstan: Kyrgyz; Laos: Laotian; Latvia: Latvian; Lebanon: Lebanese; Lesotho:; Liberia:
Liberian; Libya: Libyan; Liechtenstein:; Lithuania: Lithuanian; Luxembourg:; Madagascar: Malagasy; Malawi: Malawian;
Malaysia: Malaysian; Maldives: Maldivian; Mali: Malian; Malta: Maltese; Mauritania: Mauritanian; Mauritius: Mauritian;
Mexico: Mexican; Micronesia: Micronesian; Moldova: Moldovan; Monaco: Monegasque; Mongolia: Mongolian; Montenegro:
Montenegrin; Morocco: Moroccan; Mozambique: Mozambican; Myanmar: Burmese; Namibia: Namibian; Nauru: Nauruan; Nepal:
Nepali, Nepalese; Netherlands: Dutch; New Zealand:; Nicaragua: Nicaraguan; Niger: Nigerien; Nigeria: Nigerian; North
Korea: North Korean; North Macedonia: Macedonian; Northern Ireland: Northern Irish; Norway: Norwegian; Oman: Omani;
Pakistan: Pakistani; Palau: Palauan; Panama: Panamanian; Papua New Guinea:; Paraguay: Paraguayan; Peru: Peruvian;
Philippines: Philippine, Filipino; Poland: Polish; Portugal: Portuguese; Qatar: Qatari; Romania: Romanian; Russia:
Russian; Rwanda: Rwandan; Samoa: Samoan; Saudi Arabia: Saudi; Scotland: Scottish; Senegal: Senegalese; Serbia: Serbian;
Seychelles:; Sierra Leone:; Singapore: Singaporean; Slovakia: Slovak; Slovenia: Slovenian; Solomon Islands:; Somalia:
Somali; South Africa: South African; South Korea: South Korean; South Sudan: South Sudanese; Spain: Spanish; Sri Lanka:
Sri Lankan; Sudan: Sudanese; Suriname: Surinamese; Sweden: Swedish; Switzerland: Swiss; Syria: Syrian; Taiwan:
Taiwanese; Tajikistan: Tajik; Tanzania: Tanzanian; Thailand: Thai; Togo: Togolese; Tonga: Tongan; Trinidad and Tobago:
Trinidadian; Tunisia: Tunisian; Turkey: Turkish; Turkmenistan: Turkmen; Tuvalu: Tuvaluan; Uganda: Ugandan; Ukraine:
Ukrainian; United Arab Emirates: Emirati, UAE; United Kingdom: British, UK, Britain; United States: American, US, USA;
Uruguay: Uruguayan; Uzbekistan: Uzbek; Vanuatu:; Venezuela: Venezuelan; Vietnam: Vietnamese; Wales: Welsh; Yemen:
Yemeni; Zambia: Zambian; Zimbabwe: Zimbabwean
"""
_STATES = """
Alabama; Alaska; Arizona; Arkansas; California; Colorado; Connecticut; Delaware; Florida; Georgia; Hawaii; Idaho;
Illinois; Indiana; Iowa; Kansas; Kentucky; Louisiana; Maine; Maryland; Massachusetts; Michigan; Minnesota; Mississippi;
Missouri; Montana; Nebraska; Nevada; New Hampshire; New Jersey; New Mexico; New York; North Carolina; North Dakota;
Ohio; Oklahoma; Oregon; Pennsylvania; Rhode Island; South Carolina; South Dakota; Tennessee; Texas; Utah; Vermont;
Virginia; Washington; West Virginia; Wisconsin; Wyoming
"""


def _names(table: str) -> dict[str, str]:
    """Each way of saying it, in lower case, with the place's name."""
    said: dict[str, str] = {}
    for entry in " ".join(table.split()).split(";"):
        name, _, others = entry.partition(":")
        for other in (name, *others.split(",")):
            if other.strip():
                said[other.strip().lower()] = name.strip()
    return said


COUNTRIES = _names(_COUNTRIES)
STATES = _names(_STATES)
