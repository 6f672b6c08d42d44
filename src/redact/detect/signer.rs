//! Names of one word, where the clause says that somebody is meant: who signed for a parcel, to whom a ticket was
//! assigned, who brings goods into a country.

use super::text::{Listed, at, has_word_before, run, run_back};
use super::{boilerplate, cell, firms, given, goods, names};

/// How a person takes a parcel.
static SIGNED: Listed = Listed::new(&[
    "signed",
    "unterschrieben",
    "unterzeichnet",
    "quittiert",
    "signé",
    "firmado",
    "firmato",
    "getekend",
    "podpisane",
    "podpisano",
    "undertecknat",
    "assinado",
]);
/// What is done there, and by machines and carriers as well.
static TAKEN: Listed = Listed::new(&[
    "received",
    "accepted",
    "collected",
    "taken",
    "refused",
    "angenommen",
    "entgegengenommen",
    "abgeholt",
    "reçu",
    "retiré",
    "recibido",
    "recogido",
    "ricevuto",
    "ritirato",
    "ontvangen",
    "afgehaald",
    "odebrane",
    "odebrano",
    "mottaget",
    "recebido",
]);
/// What is brought to somebody, or to a place.
static BROUGHT: Listed = Listed::new(&[
    "bezorgd",
    "consegnato",
    "delivered",
    "doręczono",
    "entregado",
    "geliefert",
    "handed",
    "livré",
    "remis",
    "zugestellt",
]);
/// What is given to somebody who works on it.
static GIVEN: Listed = Listed::new(&[
    "assigned",
    "reassigned",
    "escalated",
    "transferred",
    "zugewiesen",
    "übergeben",
    "assigné",
    "asignado",
    "assegnato",
    "toegewezen",
    "przypisano",
    "przypisane",
    "tilldelad",
    "atribuído",
]);
/// What somebody receives, and who brings it.
static PARCELS: Listed = Listed::new(&[
    "pod",
    "parcel",
    "parcels",
    "delivery",
    "delivered",
    "shipment",
    "courier",
    "driver",
    "tour",
    "stop",
    "paket",
    "päckchen",
    "sendung",
    "zustellung",
    "zugestellt",
    "lieferung",
    "colis",
    "livraison",
    "livré",
    "paquete",
    "envío",
    "entrega",
    "entregado",
    "pacco",
    "spedizione",
    "consegna",
    "consegnato",
    "pakket",
    "zending",
    "bezorgd",
    "paczka",
    "paczkę",
    "przesyłka",
    "dostawa",
    "paketet",
    "leverans",
    "encomenda",
    "signature",
    "proof",
]);
static PACKAGES: Listed = Listed::new(&["package", "packages"]);
/// Where a person takes it.
static DOORS: Listed = Listed::new(&["pod", "tour", "stop", "courier", "delivered", "signature", "proof", "door"]);
/// Work of people on what buyers asked.
static CASES: Listed = Listed::new(&[
    "ticket",
    "case",
    "claim",
    "complaint",
    "dispute",
    "inquiry",
    "return",
    "rma",
    "anfrage",
    "fall",
    "retoure",
    "reklamation",
    "beschwerde",
    "réclamation",
    "demande",
    "reclamación",
    "caso",
    "reclamo",
    "pratica",
    "klacht",
    "zgłoszenie",
    "sprawa",
    "ärende",
]);
/// Where work goes that nobody has yet.
static DESKS: Listed = Listed::new(&[
    "billing",
    "support",
    "logistics",
    "finance",
    "accounting",
    "sales",
    "marketing",
    "legal",
    "compliance",
    "operations",
    "engineering",
    "platform",
    "triage",
    "backlog",
    "escalations",
    "team",
    "tier",
    "queue",
    "fraud",
    "risk",
    "returns",
    "refunds",
    "payments",
    "security",
    "management",
    "supervisor",
    "fahrer",
    "zusteller",
    "bote",
    "kurier",
    "spedition",
    "abholer",
    "chauffeur",
    "livreur",
    "repartidor",
    "corriere",
    "bezorger",
    "kierowca",
    "facteur",
    "cartero",
    "postino",
    "buchhaltung",
    "versand",
    "einkauf",
    "vertrieb",
    "kundendienst",
    "kundenservice",
    "logistik",
    "technik",
    "retouren",
    "comptabilité",
    "logistique",
    "facturación",
    "logística",
    "contabilità",
    "logistica",
    "boekhouding",
    "logistiek",
    "księgowość",
    "logistyka",
]);
/// Neighbours, who take parcels.
static NEIGHBOURS: Listed = Listed::new(&[
    "neighbour",
    "neighbor",
    "nachbar",
    "nachbarn",
    "nachbarin",
    "buur",
    "buren",
    "buurman",
    "buurvrouw",
    "voisin",
    "voisine",
    "vecino",
    "vecina",
    "vicino",
    "vicina",
    "vizinho",
    "vizinha",
    "sąsiad",
    "sąsiada",
    "sąsiadka",
    "grannen",
    "naboen",
    "komşu",
]);
/// Who brings goods into a country or out of it; elsewhere a program does.
static TRADERS: Listed = Listed::new(&[
    "importer",
    "exporter",
    "importeur",
    "exporteur",
    "importateur",
    "exportateur",
    "importatore",
    "esportatore",
    "importador",
    "exportador",
    "declarant",
]);
/// Words of customs.
static CUSTOMS: Listed = Listed::new(&[
    "customs",
    "clearance",
    "declaration",
    "zoll",
    "zollanmeldung",
    "douane",
    "douanes",
    "dogana",
    "dogane",
    "aduana",
    "alfândega",
    "tull",
    "cło",
    "celna",
    "broker",
    "mrn",
    "eori",
    "ddp",
]);
/// Whether `word` before a name brings goods into a country: `None` if it is another word.
pub fn trades(text: &[u8], word: &[u8], start: usize) -> Option<bool> {
    TRADERS.has(word).then(|| has_word_before(text, start, 64, &CUSTOMS))
}

/// Whether one word that begins at `from` is somebody's name: after `act`, which begins at `start`.
pub fn is_one(text: &[u8], act: &[u8], start: usize, from: usize) -> bool {
    let (signed, taken, neighbour) = (SIGNED.has(act), TAKEN.has(act), NEIGHBOURS.has(act));
    if !signed && !taken && !neighbour && !BROUGHT.has(act) && !GIVEN.has(act) {
        return false;
    }
    let Some((end, 1)) = names::tokens(text, from) else { return false };
    let name = &text[from..end];
    if name.len() < 3 || is_nobody(name) || !ends_clause(text, end) {
        return false;
    }
    let capitals = name.len() >= 4 && name.iter().all(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
    let parcel = || has_word_before(text, start, 64, &PARCELS);
    neighbour
        || given::sounds_known(name)
        || signed && (!is_english(act) || parcel() || capitals && has_word_before(text, start, 64, &PACKAGES))
        || taken
            && (!is_english(act)
                || has_word_before(text, start, 64, &DOORS)
                || capitals && (parcel() || has_word_before(text, start, 64, &PACKAGES)))
        || GIVEN.has(act) && !name.is_ascii() && has_word_before(text, start, 64, &CASES)
}

/// Whether a word that is written with a capital is a place's, a desk's, a program's, or a noun.
pub fn is_nobody(word: &[u8]) -> bool {
    is_other(word) || boilerplate::is_word(word) || names::announces(word) || is_noun(word)
}

/// Whether a word that is written with a capital is a desk's, a program's or a firm's.
pub fn is_other(word: &[u8]) -> bool {
    given::is_other(word)
        || cell::has_thing(word)
        || firms::is_program(word)
        || firms::is_carrier(word)
        || goods::is_shop(word)
        || DESKS.has(word)
}

/// Whether a word ends as nouns and the names of programs do, and no family's name: `Korrektur`, `AcmeShop`, `Lockerbox`.
fn is_noun(word: &[u8]) -> bool {
    const ENDS: [&str; 46] = [
        "ung", "tion", "sion", "ment", "heit", "keit", "schaft", "ität", "ity", "ance", "ence", "ness", "ure", "tur",
        "schein", "zettel", "liste", "list", "formular", "form", "vorlage", "bericht", "ware", "box", "shop", "app",
        "log", "data", "base", "server", "system", "service", "port", "soft", "queue", "store", "hub", "check", "flow",
        "error", "etikett", "storno", "forma", "kopie", "beleg", "antrag",
    ];
    let capital = word.windows(2).position(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    let particle = word.starts_with(b"Mc") || word.starts_with(b"Mac") || word.starts_with(b"De");
    capital.is_some_and(|place| !particle || place > 2)
        || ENDS.iter().any(|end| {
            let from = word.len().saturating_sub(end.len());
            word[from..].eq_ignore_ascii_case(end.as_bytes())
        })
}

/// Acts of programs as well, which write English.
fn is_english(act: &[u8]) -> bool {
    matches!(act, b"signed" | b"received" | b"accepted" | b"collected" | b"taken" | b"refused")
}

/// Whether a clause ends there, or goes on with a time or another act.
fn ends_clause(text: &[u8], end: usize) -> bool {
    if matches!(at(text, end), 0 | b',' | b';' | b'.' | b')' | b'"' | b'\n' | b'|') {
        return true;
    }
    let word = run(text, end + 1, 8, |byte| byte.is_ascii_lowercase() || byte >= 0x80);
    at(text, end) == b' '
        && (at(text, end + 1).is_ascii_digit()
            || matches!(
                &text[end + 1..end + 1 + word],
                b"at"
                    | b"on"
                    | b"by"
                    | b"um"
                    | b"am"
                    | b"and"
                    | b"und"
                    | b"le"
                    | b"el"
                    | b"il"
                    | b"om"
                    | b"op"
                    | b"o"
                    | b"via"
                    | b"-"
            )
            || matches!(at(text, end + 1), b'(' | b'-' | b'|' | b'['))
}

/// Where the word `act` begins before `for` in `signed for by`.
pub fn act_before(text: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let end = start.checked_sub(1).filter(|space| text[*space] == b' ')?;
    let length = run_back(text, end, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    (length > 0).then(|| (&text[end - length..end], end - length))
}
