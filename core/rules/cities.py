"""Names people type for a time zone (docs/rules.md, 8 "Time zones"): data only, our own list.

Names are in lower case, without accents, and each stands here once. Cities that the zone database itself names
(Berlin, Tokyo, Los Angeles) are not repeated, unless its name for them is outdated.
"""

# zone -> cities in it that are no name of the zone database
CITIES = {
    "Africa/Cairo": "alexandria, giza",
    "Africa/Casablanca": "rabat, marrakesh, marrakech",
    "Africa/Johannesburg": "cape town, durban, pretoria",
    "Africa/Lagos": "abuja, ibadan, kano",
    "Africa/Nairobi": "mombasa",
    "America/Argentina/Buenos_Aires": "rosario, la plata",
    "America/Bogota": "medellin, cali, barranquilla",
    "America/Chicago": "dallas, houston, austin, san antonio, minneapolis, milwaukee, kansas city, st louis, "
    "saint louis, nashville, memphis, new orleans, oklahoma city, madison",
    "America/Denver": "salt lake city, albuquerque, boulder, colorado springs",
    "America/Detroit": "ann arbor",
    "America/Edmonton": "calgary",
    "America/Guayaquil": "quito",
    "America/Lima": "arequipa",
    "America/Los_Angeles": "san francisco, sf, bay area, silicon valley, palo alto, mountain view, oakland, "
    "san diego, seattle, sacramento, las vegas, portland, la",
    "America/Mexico_City": "guadalajara, puebla, cdmx",
    "America/New_York": "boston, washington, washington dc, philadelphia, miami, atlanta, orlando, tampa, "
    "pittsburgh, cleveland, columbus, cincinnati, charlotte, raleigh, baltimore, buffalo, brooklyn, manhattan, "
    "nyc, new york city, ny",
    "America/Phoenix": "tucson, scottsdale",
    "America/Sao_Paulo": "rio de janeiro, rio, brasilia, belo horizonte, curitiba, porto alegre, florianopolis",
    "America/Toronto": "ottawa, quebec, quebec city, mississauga",
    "America/Vancouver": "burnaby",
    "Asia/Dhaka": "chittagong",
    "Asia/Dubai": "abu dhabi, sharjah",
    "Asia/Ho_Chi_Minh": "hanoi, ha noi, da nang, ho chi minh city, saigon",
    "Asia/Jakarta": "bandung, surabaya",
    "Asia/Jerusalem": "tel aviv, haifa",
    "Asia/Karachi": "lahore, islamabad, rawalpindi, faisalabad",
    "Asia/Kathmandu": "katmandu",
    "Asia/Kolkata": "mumbai, bombay, delhi, new delhi, bangalore, bengaluru, hyderabad, chennai, madras, pune, "
    "calcutta, ahmedabad, gurgaon, gurugram, noida, jaipur, kochi, lucknow, chandigarh, indore, coimbatore",
    "Asia/Manila": "cebu, quezon city, davao",
    "Asia/Riyadh": "jeddah, mecca, dammam",
    "Asia/Seoul": "busan, incheon, 서울",
    "Asia/Shanghai": "beijing, peking, shenzhen, guangzhou, hangzhou, chengdu, nanjing, wuhan, xian, suzhou, "
    "tianjin, 北京, 上海",
    "Asia/Taipei": "hsinchu, kaohsiung",
    "Asia/Tashkent": "toshkent",
    "Asia/Tokyo": "osaka, kyoto, yokohama, nagoya, fukuoka, sapporo, 東京, 东京",
    "Asia/Yangon": "rangoon",
    "Australia/Brisbane": "gold coast, cairns",
    "Europe/Amsterdam": "rotterdam, the hague, den haag, utrecht, eindhoven, delft",
    "Europe/Athens": "thessaloniki",
    "Europe/Belgrade": "novi sad",
    "Europe/Berlin": "munich, munchen, hamburg, frankfurt, cologne, koln, stuttgart, dusseldorf, leipzig, "
    "dresden, karlsruhe, heidelberg, hannover, nuremberg, bonn, aachen",
    "Europe/Brussels": "antwerp, ghent, leuven",
    "Europe/Bucharest": "cluj, cluj-napoca, iasi, timisoara",
    "Europe/Copenhagen": "aarhus, kobenhavn",
    "Europe/Dublin": "cork, galway",
    "Europe/Helsinki": "espoo, tampere",
    "Europe/Istanbul": "ankara, izmir",
    "Europe/Kyiv": "kiev, lviv, kharkiv, odesa, odessa, київ",
    "Europe/Lisbon": "porto, lisboa",
    "Europe/London": "manchester, edinburgh, glasgow, bristol, leeds, liverpool, oxford, cardiff",
    "Europe/Madrid": "barcelona, seville, sevilla, malaga, bilbao",
    "Europe/Moscow": "saint petersburg, st petersburg, kazan, moskva, москва",
    "Europe/Oslo": "bergen, trondheim",
    "Europe/Paris": "lyon, marseille, toulouse, nice, bordeaux, lille, nantes, grenoble, strasbourg",
    "Europe/Prague": "brno, praha",
    "Europe/Rome": "milan, milano, turin, torino, naples, napoli, bologna, florence, roma",
    "Europe/Sofia": "plovdiv",
    "Europe/Stockholm": "gothenburg, goteborg, malmo, uppsala",
    "Europe/Vienna": "graz, linz, wien",
    "Europe/Warsaw": "krakow, cracow, wroclaw, gdansk, poznan, lodz, warszawa",
    "Europe/Zurich": "geneva, geneve, basel, bern, lausanne",
    "Pacific/Auckland": "wellington, christchurch",
    "Pacific/Honolulu": "hawaii",
}

# Countries where every clock shows the same time (of where nearly everybody lives).
COUNTRIES = {
    "Africa/Cairo": "egypt",
    "Africa/Lagos": "nigeria",
    "Africa/Nairobi": "kenya",
    "Africa/Johannesburg": "south africa",
    "America/Argentina/Buenos_Aires": "argentina",
    "America/Bogota": "colombia",
    "America/Lima": "peru",
    "Asia/Dhaka": "bangladesh",
    "Asia/Dubai": "uae, united arab emirates",
    "Asia/Ho_Chi_Minh": "vietnam",
    "Asia/Hong_Kong": "hongkong",
    "Asia/Jerusalem": "israel",
    "Asia/Karachi": "pakistan",
    "Asia/Kathmandu": "nepal",
    "Asia/Kolkata": "india",
    "Asia/Manila": "philippines",
    "Asia/Seoul": "korea, south korea, rok",
    "Asia/Shanghai": "china, prc",
    "Asia/Singapore": "singapore",
    "Asia/Taipei": "taiwan, roc",
    "Asia/Tehran": "iran",
    "Asia/Tokyo": "japan",
    "Europe/Amsterdam": "netherlands, holland",
    "Europe/Athens": "greece",
    "Europe/Berlin": "germany, deutschland",
    "Europe/Brussels": "belgium",
    "Europe/Bucharest": "romania",
    "Europe/Budapest": "hungary",
    "Europe/Copenhagen": "denmark",
    "Europe/Dublin": "ireland, eire",
    "Europe/Helsinki": "finland",
    "Europe/Istanbul": "turkey, turkiye",
    "Europe/Kyiv": "ukraine",
    "Europe/London": "uk, united kingdom, england, scotland, wales, great britain, britain, gb",
    "Europe/Oslo": "norway",
    "Europe/Paris": "france",
    "Europe/Prague": "czechia, czech republic",
    "Europe/Rome": "italy, italia",
    "Europe/Sofia": "bulgaria",
    "Europe/Stockholm": "sweden",
    "Europe/Vienna": "austria",
    "Europe/Warsaw": "poland",
    "Europe/Zurich": "switzerland",
}

# One name for several places: the reader chooses.
SEVERAL = {
    "usa": "America/New_York, America/Chicago, America/Denver, America/Los_Angeles, Pacific/Honolulu",
    "canada": "America/Toronto, America/Vancouver, America/Edmonton, America/Winnipeg, America/Halifax",
    "australia": "Australia/Sydney, Australia/Brisbane, Australia/Adelaide, Australia/Perth, Australia/Darwin",
    "brazil": "America/Sao_Paulo, America/Manaus, America/Fortaleza, America/Rio_Branco",
    "mexico": "America/Mexico_City, America/Tijuana, America/Monterrey, America/Cancun",
    "russia": "Europe/Moscow, Asia/Yekaterinburg, Asia/Novosibirsk, Asia/Vladivostok, Europe/Kaliningrad",
    "indonesia": "Asia/Jakarta, Asia/Makassar, Asia/Jayapura",
    "spain": "Europe/Madrid, Atlantic/Canary",
    "portugal": "Europe/Lisbon, Atlantic/Azores",
    "chile": "America/Santiago, Pacific/Easter",
    "new zealand": "Pacific/Auckland, Pacific/Chatham",
    "san jose": "America/Los_Angeles, America/Costa_Rica",
    "san juan": "America/Puerto_Rico, America/Argentina/San_Juan",
    "birmingham": "Europe/London, America/Chicago",
    "cambridge": "Europe/London, America/New_York",
    "hamilton": "America/Toronto, Atlantic/Bermuda, Pacific/Auckland",
    "victoria": "America/Vancouver, Australia/Melbourne",
    "georgia": "America/New_York, Asia/Tbilisi",
    "valencia": "Europe/Madrid, America/Caracas",
    "cordoba": "America/Argentina/Cordoba, Europe/Madrid",
}
SEVERAL["us"] = SEVERAL["america"] = SEVERAL["united states"] = SEVERAL["usa"]
SEVERAL["brasil"] = SEVERAL["brazil"]
SEVERAL["nz"] = SEVERAL["new zealand"]

# Abbreviations, in groups that mean the same people: summer and winter letters are told apart by few.
ABBREVIATIONS = {
    "gmt wet west bst": "Europe/London, Europe/Lisbon, Africa/Accra, Asia/Dhaka",
    "cet cest met mest mez mesz": "Europe/Berlin, Europe/Paris, Europe/Madrid, Europe/Warsaw, Africa/Algiers",
    "eet eest": "Europe/Helsinki, Europe/Athens, Europe/Kyiv, Africa/Cairo",
    "ist": "Asia/Kolkata, Europe/Dublin, Asia/Jerusalem",
    "msk": "Europe/Moscow",
    "trt": "Europe/Istanbul",
    "est edt et eastern": "America/New_York, America/Toronto, America/Panama",
    "cst cdt ct central": "America/Chicago, America/Mexico_City, Asia/Shanghai, America/Winnipeg",
    "mst mdt mt mountain": "America/Denver, America/Phoenix, America/Edmonton",
    "pst pdt pt pacific": "America/Los_Angeles, America/Vancouver, Asia/Manila",
    "akst akdt": "America/Anchorage",
    "hst": "Pacific/Honolulu",
    "ast adt atlantic": "America/Halifax, America/Puerto_Rico, Asia/Riyadh",
    "nst ndt": "America/St_Johns",
    "brt": "America/Sao_Paulo",
    "art": "America/Argentina/Buenos_Aires",
    "clt clst": "America/Santiago",
    "cot": "America/Bogota",
    "pet": "America/Lima",
    "wat": "Africa/Lagos",
    "cat": "Africa/Maputo, Africa/Harare",
    "eat": "Africa/Nairobi",
    "sast": "Africa/Johannesburg",
    "gst": "Asia/Dubai",
    "pkt": "Asia/Karachi",
    "npt": "Asia/Kathmandu",
    "ict": "Asia/Bangkok, Asia/Ho_Chi_Minh",
    "wib": "Asia/Jakarta",
    "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "pht": "Asia/Manila",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "aest aedt aet": "Australia/Sydney, Australia/Melbourne, Australia/Brisbane",
    "acst acdt": "Australia/Adelaide, Australia/Darwin",
    "awst": "Australia/Perth",
    "nzst nzdt nzt": "Pacific/Auckland",
}

# Well-known places for every offset in use, the likelier first: what "UTC+2" is answered with.
_PLACES = """
America/New_York Europe/London Europe/Berlin Asia/Kolkata America/Los_Angeles America/Chicago Asia/Shanghai
Asia/Tokyo Asia/Singapore Europe/Paris America/Sao_Paulo Australia/Sydney America/Toronto America/Denver
Asia/Dubai Asia/Jerusalem Europe/Kyiv Europe/Athens Africa/Cairo Africa/Johannesburg Africa/Lagos
Africa/Nairobi Europe/Istanbul Europe/Moscow Asia/Riyadh Asia/Karachi Asia/Dhaka Asia/Jakarta Asia/Bangkok
Asia/Manila Asia/Seoul Asia/Hong_Kong Asia/Tehran Asia/Kathmandu Asia/Kabul Asia/Colombo Asia/Yangon
Asia/Tashkent Asia/Almaty Asia/Baku America/Mexico_City America/Bogota America/Lima America/Caracas
America/Santiago America/Argentina/Buenos_Aires America/Halifax America/St_Johns America/Phoenix
America/Anchorage Pacific/Honolulu Pacific/Auckland Australia/Brisbane Australia/Perth Australia/Adelaide
Australia/Darwin Europe/Lisbon Europe/Madrid Europe/Warsaw Europe/Helsinki Africa/Accra Africa/Algiers
Atlantic/Azores Atlantic/Cape_Verde America/Noronha America/Nuuk Atlantic/South_Georgia Pacific/Marquesas
Pacific/Pago_Pago Pacific/Gambier Pacific/Noumea Pacific/Guam Pacific/Fiji Pacific/Chatham Pacific/Apia
Pacific/Tongatapu Pacific/Kiritimati Australia/Eucla Australia/Lord_Howe Asia/Vladivostok Asia/Novosibirsk
"""
PLACES = tuple(_PLACES.split())
