//! Names of one word, where the clause says that somebody is meant: who signed for a parcel, to whom a ticket was
//! assigned, who brings goods into a country; and titles with a dot.

use super::text::{Listed, at, before, has_word_before, run, run_back};
use super::{boilerplate, cell, firms, given, goods, names};

/// What is done at a door, or at a desk, by one person.
static HANDED: Listed = Listed::new(&[
    "signed",
    "received",
    "accepted",
    "collected",
    "taken",
    "refused",
    "unterschrieben",
    "angenommen",
    "entgegengenommen",
    "abgeholt",
    "quittiert",
    "unterzeichnet",
    "signé",
    "reçu",
    "retiré",
    "remis",
    "firmado",
    "recibido",
    "recogido",
    "firmato",
    "ricevuto",
    "ritirato",
    "consegnato",
    "getekend",
    "ontvangen",
    "afgehaald",
    "podpisane",
    "podpisano",
    "odebrane",
    "odebrano",
    "undertecknat",
    "mottaget",
    "assinado",
    "recebido",
    "geliefert",
    "delivered",
    "handed",
    "zugestellt",
    "livré",
    "entregado",
    "bezorgd",
    "doręczono",
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
/// Titles that are other words or names without their dot.
static DOTTED: Listed = Listed::new(&[
    "ing", "mag", "drs", "mw", "inż", "inz", "mgr", "dipl", "ir", "avv", "arch", "geom", "rag", "lic", "mudr", "judr",
    "phdr", "rndr", "hr", "fr", "sr", "sra", "hab", "univ", "med", "jur", "phil", "rer", "nat",
]);
/// Titles with a dot in them.
const INNER: [&str; 12] = [
    "Sig.ra", "Sig.na", "sig.ra", "Dott.ssa", "dott.ssa", "Prof.ssa", "Dr.in", "Mag.a", "D.ª", "Sr.ª", "Dr.ª",
    "Prof.in",
];

/// Whether the word before, which begins at `start` and ends at `end`, is a title with its dot.
pub fn is_dotted(text: &[u8], start: usize, end: usize) -> bool {
    let word = &text[start..end];
    // `Dr. med. Doe`
    let capital = || word[0].is_ascii_uppercase() || text[..start].ends_with(b"Dr. ");
    at(text, end) == b'.'
        && at(text, end + 1) == b' '
        && (matches!(word, b"drs" | b"mgr" | b"ir") || word == "inż".as_bytes() || DOTTED.has(word) && capital())
}

/// Whether such a word is a part of what begins with a title: `Frau Mag. Beispiel`.
pub fn is_dotted_word(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_uppercase) && DOTTED.has(word)
}

/// Whether a title with a dot in it stands before the space at `from - 1`.
pub fn follows_inner(text: &[u8], from: usize) -> bool {
    let Some(end) = from.checked_sub(1).filter(|space| text[*space] == b' ') else { return false };
    // Most words before a capital end in other letters.
    text[..end].ends_with(b"Dipl.-Ing.")
        || matches!(before(text, end), b'a' | b'n' | 0xAA)
            && INNER.iter().any(|title| text[..end].ends_with(title.as_bytes()))
}

/// Whether `word` before a name brings goods into a country: `None` if it is another word.
pub fn trades(text: &[u8], word: &[u8], start: usize) -> Option<bool> {
    TRADERS.has(word).then(|| has_word_before(text, start, 64, &CUSTOMS))
}

/// Whether one word that begins at `from` is somebody's name: after `act`, which begins at `start`.
pub fn is_one(text: &[u8], act: &[u8], start: usize, from: usize) -> bool {
    let handed = HANDED.has(act);
    let neighbour = NEIGHBOURS.has(act);
    if !handed && !neighbour && !GIVEN.has(act) {
        return false;
    }
    let Some((end, 1)) = names::tokens(text, from) else { return false };
    let name = &text[from..end];
    let other = given::is_other(name)
        || cell::has_thing(name)
        || firms::is_program(name)
        || firms::is_carrier(name)
        || goods::is_shop(name)
        || boilerplate::is_word(name)
        || names::announces(name)
        || DESKS.has(name);
    name.len() >= 3
        && !other
        && ends_clause(text, end)
        && (neighbour
            || given::sounds_known(name)
            || handed && (!is_english(act) || has_word_before(text, start, 64, &PARCELS))
            // Programs are packages too, and none is written so.
            || handed && name.len() >= 4 && name.iter().all(u8::is_ascii_uppercase) && has_word_before(text, start, 64, &PACKAGES)
            || !handed && name.iter().skip(1).all(u8::is_ascii_lowercase) && has_word_before(text, start, 64, &CASES))
}

/// `Customer`, `Kunde`, `Ship to`: a label for whoever buys or receives.
pub fn is_party(label: &[u8]) -> bool {
    let label = label.trim_ascii().strip_suffix(b":").unwrap_or(label);
    let to = |verb: &[u8]| label.strip_suffix(b" to").is_some_and(|first| first.eq_ignore_ascii_case(verb));
    let capital = label.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
    let named = || {
        let mut words = label.split(|byte| *byte == b' ');
        words
            .next()
            .is_some_and(|first| matches!(first, b"Name" | b"Nom" | b"Nome" | b"Nombre" | b"Naam" | b"Navn" | b"Namn"))
            && words.last().is_some_and(|last| names::is_role(last))
    };
    capital && (names::is_role(label) || named()) || [&b"ship"[..], b"bill", b"deliver", b"sold"].into_iter().any(to)
}

/// Acts of programs as well, which write English.
fn is_english(act: &[u8]) -> bool {
    static ENGLISH: Listed =
        Listed::new(&["signed", "received", "accepted", "collected", "taken", "refused", "delivered", "handed"]);
    ENGLISH.has(act)
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
