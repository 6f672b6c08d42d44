//! Keys of what somebody tells somebody else (`messageToSeller`, `note_from_buyer`, `defect_description`),
//! and of a datum that is asked for so that it is compared (`verify_zip`).

use super::split::Words;
use super::words::Sense;
use super::{Meaning, ending, table};
use crate::redact::Kind;

/// Last words that make a key of people's words out of the words before them; the filter of keys asks for them too.
pub(super) const ENDS: &str = "seller merchant vendor shop store courier carrier driver verkaufer verkaeufer handler haendler \
    fahrer bote vendeur livreur coursier vendedor repartidor venditore corriere verkoper bezorger koerier sprzedawcy \
    sprzedajacego kuriera kierowcy saljare saljaren satici satıcıya kurye entregador buyer customer client kunde kunden acheteur \
    comprador acquirente koper kupujacego musteri description beschreibung descripcion descrizione omschrijving opis \
    beskrivning aciklama descricao";

/// Words between what is told and whom it is told to, or who told it.
const BETWEEN: &[&str] = &[
    "to", "from", "for", "by", "an", "von", "fur", "fuer", "vom", "a", "au", "aux", "de", "du", "pour", "al", "del",
    "para", "por", "ao", "do", "da", "alla", "dal", "per", "aan", "van", "voor", "od", "dla", "till", "fran", "til",
    "fra",
];

/// Words for what is told.
const TOLD: &[&str] = &[
    "hint",
    "hints",
    "hinweis",
    "wish",
    "wunsch",
    "remark",
    "request",
    "info",
    "information",
    "instruction",
    "instructions",
    "uwagi",
    "uwaga",
    "nota",
    "notes",
    "consigne",
    "consignes",
    "indication",
    "indications",
];

/// What somebody says is wrong.
const WRONG: &[&str] = &[
    "defect",
    "damage",
    "complaint",
    "claim",
    "return",
    "problem",
    "mangel",
    "schaden",
    "defekt",
    "reklamation",
    "defaut",
    "panne",
    "dommage",
    "averia",
    "defecto",
    "dano",
    "difetto",
    "danno",
    "guasto",
    "reclamo",
    "schade",
    "klacht",
    "usterka",
    "reklamacja",
    "szkoda",
    "sorun",
    "hasar",
    "sikayet",
    "defeito",
    "reclamacao",
];

/// The meaning of a key that says who told whom, or what of.
pub(super) fn addressed(words: &Words) -> Option<Meaning> {
    let count = words.len();
    let last = words.word(count - 1);
    let ends = |word: &str| ENDS.split_ascii_whitespace().any(|known| known == word);
    // `messageToCustomer` is a gift's.
    if !ends(last) || super::known(words).is_some() {
        return None;
    }
    let free = Some(Meaning::FreeText(Kind::Text));
    if count >= 3 && BETWEEN.contains(&words.word(count - 2)) && is_told(words.word(count - 3)) {
        return free;
    }
    let before = words.word(count - 2);
    let describes = matches!(
        last,
        "description"
            | "beschreibung"
            | "descripcion"
            | "descrizione"
            | "omschrijving"
            | "opis"
            | "beskrivning"
            | "aciklama"
            | "descricao"
    );
    if describes && WRONG.contains(&before) { free } else { None }
}

fn is_told(word: &str) -> bool {
    TOLD.contains(&word) || matches!(table::sense(word), Some(Sense::Message | Sense::FreeText(_)))
}

/// `verify_zip`, `validate_phone`: what is compared, if it looks like it; else a yes or no.
pub(super) fn asked_for(words: &Words) -> Meaning {
    match (words.word(0), ending(words, words.len())) {
        (
            "verify" | "validate",
            Some((1, Sense::Personal(kind @ (Kind::Postcode | Kind::Phone | Kind::Tax | Kind::Account)))),
        ) => Meaning::Doubtful(kind),
        _ => Meaning::Keep,
    }
}
