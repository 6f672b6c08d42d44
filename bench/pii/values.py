"""Made-up values for `generate.py`, by marketplace: people, addresses, numbers with sound check digits, secrets.

Nobody lives here: names are put together from common parts, domains are `example` ones (RFC 2606) or the
marketplace's own relay, addresses on earth are anywhere, keys are random.
"""
import base64
import json
import string

PEOPLE = {
    "en_US": (["Marcus", "Delia", "Tamika", "Owen", "Priscilla", "Hank", "Rosalind", "DeShawn"], ["Whitlock", "O'Rourke", "Pennington", "Vance-Hollis", "Ballard", "McTavish", "Stroud"]),
    "en_GB": (["Imogen", "Alistair", "Fiona", "Rhys", "Cerys", "Nigel"], ["Featherstone", "Ap Rhys", "Blackwood", "Hargreaves", "D'Arcy", "Lloyd-Jones"]),
    "de_DE": (["Jürgen", "Käthe", "Sören", "Annegret", "Björn", "Lieselotte"], ["Müßig", "Großkopf", "von Hohenstein", "Schäfer", "Weiß", "Döring"]),
    "fr_FR": (["Hélène", "François", "Anaïs", "Benoît", "Maëlle", "Jean-Yves"], ["Lefèvre", "d'Aubigné", "Noël", "Châtelain", "de la Tour", "Bézier"]),
    "es_ES": (["Íñigo", "Begoña", "Ramón", "Nuria", "José María", "Consuelo"], ["Núñez Ibáñez", "Zúñiga", "Peña Gómez", "de la Cruz", "Ordóñez"]),
    "it_IT": (["Niccolò", "Giosuè", "Ludovica", "Graziella", "Ettore"], ["D'Angelo", "Lo Presti", "De Santis", "Bevilacqua", "Mastroianni"]),
    "nl_NL": (["Sjoerd", "Anouk", "Daniël", "Femke", "Joris"], ["van der Meulen", "'t Hart", "IJzerman", "de Boer-Visser", "Hoekstra"]),
    "pl_PL": (["Łukasz", "Żaneta", "Grzegorz", "Małgorzata", "Świętosława"], ["Wiśniewski", "Dąbrowska", "Źrebiec", "Kołodziejczyk"]),
    "sv_SE": (["Åsa", "Göran", "Linnéa", "Torbjörn"], ["Sjöström", "Åkerblad", "Lindqvist", "Öberg"]),
    "tr_TR": (["Gülşen", "İbrahim", "Çağla", "Oğuz"], ["Yılmaz", "Şahinoğlu", "Karagöz", "Işık"]),
    "pt_BR": (["João", "Conceição", "Thaís", "Luís Otávio"], ["da Silva Araújo", "Gonçalves", "dos Anjos", "Assunção"]),
    "ja_JP": (["美咲", "健太", "由美子", "翔"], ["高橋", "小林", "渡邉", "五十嵐"]),
    "ar_AE": (["محمد", "فاطمة", "خالد", "نورة"], ["العتيبي", "الهاشمي", "بن راشد", "المنصوري"]),
    "hi_IN": (["प्रिया", "राहुल", "अनुष्का", "विक्रम"], ["शर्मा", "चौधरी", "देशपांडे", "मिश्रा"]),
}
STREETS = {
    "en_US": ["{n} Juniper Hollow Rd", "{n} W 11th Street Apt {m}C", "P.O. Box {n}{m}"], "en_GB": ["Flat {m}, {n} Cobbler's Lane", "{n}b Kiln Croft"],
    "de_DE": ["Lindenallee {n}", "Am Mühlgraben {n}a", "Königstraße {n}/{m}"], "fr_FR": ["{n} bis rue de l'Église", "{n}, allée des Érables Bât. {m}"],
    "es_ES": ["Calle Mayor, {n}, {m}º izq.", "Avda. de la Constitución {n}"], "it_IT": ["Via dell'Orso {n}", "Corso Vittorio {n}/B int. {m}"],
    "nl_NL": ["Prinsengracht {n}-{m}", "'s-Gravenhekje {n}"], "pl_PL": ["ul. Świętokrzyska {n} m. {m}", "al. Łąkowa {n}"], "sv_SE": ["Björkvägen {n} lgh {m}", "Södra Långgatan {n}"],
    "tr_TR": ["Çınar Sokak No: {n} D: {m}", "İstiklal Cad. {n}"], "pt_BR": ["Rua das Acácias, {n} apto {m}", "Travessa São João {n}"],
    "ja_JP": ["本町{m}丁目{n}番地", "梅田{m}-{n}-1 コーポ桜{m}0{m}号"], "ar_AE": ["شارع الشيخ زايد مبنى {n}", "حي الروضة فيلا {n}"], "hi_IN": ["मकान नं {n}, गांधी मार्ग", "फ्लैट {m}0{m}, नेहरू नगर"],
}
CITIES = {"en_US": "Boise", "en_GB": "Norwich", "de_DE": "Görlitz", "fr_FR": "Nîmes", "es_ES": "Cáceres", "it_IT": "Forlì", "nl_NL": "Zwolle", "pl_PL": "Łódź", "sv_SE": "Malmö", "tr_TR": "İzmir", "pt_BR": "Goiânia", "ja_JP": "大阪市", "ar_AE": "دبي", "hi_IN": "पुणे"}
POSTCODES = {"en_US": "ddddd", "en_GB": "NRd dXX", "de_DE": "ddddd", "fr_FR": "3dddd", "es_ES": "1dddd", "it_IT": "4dddd", "nl_NL": "8ddd XX", "pl_PL": "dd-ddd", "sv_SE": "2dd dd", "tr_TR": "35ddd", "pt_BR": "74ddd-ddd", "ja_JP": "5dd-dddd", "ar_AE": "ddddd", "hi_IN": "411ddd"}
PHONES = {
    "en_US": ["+1 (208) 555-01dd", "208-555-01dd", "(208) 555 01dd", "1.208.555.01dd"], "en_GB": ["+44 1603 96dddd", "07700 900ddd"], "de_DE": ["+49 3581 48dddd", "0151/23dddddd", "+49 (0)151 23dddddd"],
    "fr_FR": ["+33 6 39 98 dd dd", "06.39.98.dd.dd"], "es_ES": ["+34 612 dd dd dd", "612ddddd9"], "it_IT": ["+39 347 ddddddd", "347 ddd dddd"], "nl_NL": ["+31 6 1dddddd4", "06-1dddddd4"],
    "pl_PL": ["+48 512 ddd ddd", "512-ddd-ddd"], "sv_SE": ["+46 70 174 06 dd", "070-1740 6dd"], "tr_TR": ["+90 532 ddd dd dd", "0532 ddd dd dd"], "pt_BR": ["+55 62 9dddd-dddd", "(62) 9dddd-dddd"],
    "ja_JP": ["+81 90-dddd-dddd", "090-dddd-dddd", "06-6ddd-dddd"], "ar_AE": ["+971 50 ddd dddd", "050 ddd dddd"], "hi_IN": ["+91 98ddd ddddd", "098ddd ddddd"],
}
IBANS = {"de_DE": ("DE", 18), "fr_FR": ("FR", 23), "es_ES": ("ES", 20), "it_IT": ("IT", 0), "nl_NL": ("NL", 0), "pl_PL": ("PL", 24), "sv_SE": ("SE", 20), "pt_BR": ("PT", 21)}
GIFTS = ["All our love on your {n}th, {first}! Kisses from {other}", "Herzlichen Glückwunsch, {first}! Deine {other}", "Joyeux anniversaire ma {first}, ta grand-mère {other}", "¡Feliz cumple, {first}! Te quiere {other}",
         "{first}さん、ご結婚おめでとうございます。{other}より", "Tanti auguri {first}, da {other} & famiglia", "Gefeliciteerd lieve {first}, groetjes {other}", "Mutlu yıllar {first}! {other}'den sevgiler", "जन्मदिन मुबारक {first}, प्यार सहित {other}"]
OPINIONS = ["Courier left it with my neighbour {other} at number {n}, not happy", "Die Verkäuferin {other} war unfreundlich, bitte rufen Sie mich an", "Je suis {first}, le colis est arrivé cassé", "Soy {first}, mi vecina {other} recogió el paquete",
            "{other} at the front desk signed for it", "Product ok, but my husband {other} is allergic to latex"]
AGENTS = ["Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:1{m}2.0) Gecko/20100101 Firefox/1{m}2.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 1{m}_{k} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/1{m}.{k} Mobile/15E{n} Safari/604.1",
          "Dalvik/2.1.0 (Linux; U; Android 1{m}; SM-G9{n}B Build/QP1A.190711.0{m}0)", "AmazonShopping/2{m}.{k}.0 (iOS/1{m}.{k}; iPhone1{m},{k})", "Opera/9.80 (Windows NT 6.1; U; de) Presto/2.{m}.{n} Version/1{m}.00"]


def luhn(digits):
    total = 0
    for i, d in enumerate(reversed(digits)):
        d = int(d) * (2 if i % 2 == 0 else 1)
        total += d - 9 if d > 9 else d
    return digits + str(-total % 10)


class Values:
    """Values of one person of one locale."""

    def __init__(self, rng, locale=None):
        self.r = rng
        self.locale = locale or rng.choice(sorted(PEOPLE))
        self.firsts, self.lasts = PEOPLE[self.locale]
        self.first_, self.last_ = rng.choice(self.firsts), rng.choice(self.lasts)

    def digits(self, pattern):
        out = ""
        for ch in pattern:
            out += str(self.r.randrange(10)) if ch == "d" else self.r.choice("ABDEFGHJLNPQRSTUWXYZ") if ch == "X" else ch
        return out

    def hex(self, n):
        return "".join(self.r.choice("0123456789abcdef") for _ in range(n))

    def alnum(self, n, extra=""):
        return "".join(self.r.choice(string.ascii_letters + string.digits + extra) for _ in range(n))

    def first(self):
        return self.first_

    def last(self):
        return self.last_

    def name(self):
        return self.last_ + " " + self.first_ if self.locale == "ja_JP" else self.first_ + " " + self.last_

    def other(self):
        return self.r.choice(self.firsts)

    def email(self):
        plain = "".join(ch for ch in self.first_.lower() if ch.isascii() and ch.isalpha()) or "kunde"
        return self.r.choice([f"{plain}.{self.alnum(4).lower()}@mail.example", f"{self.alnum(15).lower()}@marketplace.amazon.{self.r.choice(['de', 'fr', 'co.uk', 'com.tr', 'se'])}",
                              f"{plain}{self.r.randrange(99)}+shop@posteo.example.org", f"{plain}_{self.r.randrange(1960, 2005)}@web.example.net", f"o'{plain}@uni.example.edu"])

    def phone(self):
        return self.digits(self.r.choice(PHONES[self.locale]))

    def street(self):
        return self.r.choice(STREETS[self.locale]).format(n=self.r.randrange(2, 299), m=self.r.randrange(1, 9))

    def city(self):
        return CITIES[self.locale]

    def postcode(self):
        return self.digits(POSTCODES[self.locale])

    def ip(self):
        r = self.r
        return r.choice([f"{r.choice([81, 92, 109, 151, 178, 203, 24])}.{r.randrange(1, 254)}.{r.randrange(1, 254)}.{r.randrange(1, 254)}"] * 2 + [f"2a02:{r.randrange(0x1000, 0xffff):x}:{r.randrange(0x1000, 0xffff):x}::{r.randrange(1, 0xffff):x}"])

    def ip4(self):
        return f"{self.r.choice([81, 92, 109, 151, 178, 203])}." + ".".join(str(self.r.randrange(1, 254)) for _ in range(3))

    def card(self, grouped=None):
        number = luhn(self.r.choice(["4539", "5555", "4024", "5105"]) + "".join(str(self.r.randrange(10)) for _ in range(11)))
        sep = self.r.choice(["", " ", "-"]) if grouped is None else grouped
        return sep.join(number[i:i + 4] for i in range(0, 16, 4))

    def iban(self):
        country, n = IBANS.get(self.locale, ("DE", 18))
        if country == "NL":
            bban = "ABNA" + self.digits("d" * 10)
        elif country == "IT":
            bban = "X" + self.digits("d" * 22)
        else:
            bban = self.digits("d" * n)
        number = int("".join(str(int(ch, 36)) for ch in bban + country + "00"))
        iban = f"{country}{98 - number % 97:02d}{bban}"
        return " ".join(iban[i:i + 4] for i in range(0, len(iban), 4)) if self.r.random() < .4 else iban

    def cpf(self):
        d = [self.r.randrange(10) for _ in range(9)]
        for n in (10, 11):
            s = sum(x * w for x, w in zip(d, range(n, 1, -1)))
            d.append(0 if s % 11 < 2 else 11 - s % 11)
        t = "".join(map(str, d))
        return f"{t[:3]}.{t[3:6]}.{t[6:9]}-{t[9:]}"

    def lat(self):
        return f"{self.r.uniform(-60, 60):.{self.r.choice([5, 6, 7])}f}"

    def lon(self):
        return f"{self.r.uniform(-170, 170):.{self.r.choice([5, 6, 7])}f}"

    def gift(self):
        return self.r.choice(GIFTS).format(first=self.first_, other=self.other(), n=self.r.randrange(20, 90))

    def opinion(self):
        return self.r.choice(OPINIONS).format(first=self.first_, other=self.r.choice(self.firsts) + " " + self.r.choice(self.lasts), n=self.r.randrange(2, 90))

    def agent(self):
        return self.r.choice(AGENTS).format(m=self.r.randrange(2, 8), k=self.r.randrange(1, 6), n=self.r.randrange(100, 999))

    def access(self):
        return "Atza|IwEBI" + self.alnum(self.r.randrange(60, 200), "-_")

    def refresh(self):
        return "Atzr|IwEBI" + self.alnum(self.r.randrange(60, 200), "-_")

    def rdt(self):
        return "Atz.sprdt|IwEB" + self.alnum(self.r.randrange(60, 160), "-_")

    def client_secret(self):
        return "amzn1.oa2-cs.v1." + self.hex(64)

    def jwt(self):
        part = lambda o: base64.urlsafe_b64encode(json.dumps(o).encode()).decode().rstrip("=")
        return f"{part({'alg': 'ES256', 'kid': self.hex(6)})}.{part({'sub': self.email(), 'exp': 1790000000})}.{self.alnum(86, '-_')}"

    def aws_key(self):
        return self.r.choice(["AKIA", "ASIA"]) + "".join(self.r.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16))

    def aws_secret(self):
        return self.alnum(40, "/+")

    def password(self):
        return self.r.choice(["Tr0ub4dor&", "hunter2-", "S0mmer!", "pa55:word/", "q<W>e'"]) + self.alnum(5)

    def session(self):
        return self.r.choice([self.hex(32), self.alnum(26), f"{self.digits('ddd-ddddddd-ddddddd')}"])

    def api_key(self):
        return self.alnum(self.r.choice([24, 32, 43]))

    def mac(self):
        sep = self.r.choice(":-")
        return sep.join(self.hex(2) for _ in range(6))

    def imei(self):
        return luhn("35" + "".join(str(self.r.randrange(10)) for _ in range(12)))

    def uuid(self):
        h = self.hex(32)
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    def dob(self):
        return f"19{self.r.randrange(50, 99)}-0{self.r.randrange(1, 9)}-{self.r.randrange(10, 28)}"

    # What operators need.
    def order(self):
        return self.digits("ddd-ddddddd-ddddddd")

    def asin(self):
        return "B0" + "".join(self.r.choice(string.ascii_uppercase + string.digits) for _ in range(8))

    def sku(self):
        return self.r.choice(["LMP-{}-XL", "sku_{}_v3", "AB-{}/2"]).format(self.digits("dddd"))

    def trace(self):
        return self.hex(32)

    def stamp(self):
        return f"2026-1{self.r.randrange(0, 2)}-{self.r.randrange(10, 28)}T{self.r.randrange(10, 24)}:{self.r.randrange(10, 60)}:{self.r.randrange(10, 60)}.{self.digits('ddd')}Z"

    def clf(self):
        return f"{self.r.randrange(10, 28)}/Oct/2026:{self.r.randrange(10, 24)}:{self.r.randrange(10, 60)}:{self.r.randrange(10, 60)} +0200"

    def pod(self):
        return f"{self.r.choice(['shipper', 'order-sync', 'label-api'])}-{self.hex(10)}-{self.alnum(5).lower()}"

    def market(self):
        return self.r.choice(["A1PA6795UKMFR9", "A13V1IB3VIYZZH", "APJ6JRA9NG5V4", "A1RKKUPIHCS9HS", "A1805IZSGTT6HS", "A2NODRKZP88ZB9"])

    def ups(self):
        return "1Z" + self.digits("XXddXX") + self.digits("dddddddddd")

    def ean(self):
        d = "40" + self.digits("d" * 10)
        return d + str(-sum(int(x) * (3 if i % 2 else 1) for i, x in enumerate(d)) % 10)

    def price(self):
        return f"{self.r.randrange(5, 900)}.{self.r.randrange(10, 99)}"

    def ms(self):
        return str(self.r.randrange(3, 9000))

    def sha(self):
        return self.hex(40)
