//! What customers tell whoever brings their parcel: `Zustellhinweis`, `consigne_livraison`, `notas_repartidor`. Such keys
//! are made of two parts, in one word or in several, in either order, and there are as many as there are shops: the parts
//! are known, and not the keys.

use super::split::Words;
use crate::redact::detect::text::Listed;

/// Words for what is told.
pub(super) static NOTES: Listed = Listed::new(&[
    "hint",
    "hints",
    "note",
    "notes",
    "comment",
    "comments",
    "remark",
    "remarks",
    "instruction",
    "instructions",
    "wish",
    "wishes",
    "directions",
    "hinweis",
    "hinweise",
    "anweisung",
    "anweisungen",
    "notiz",
    "notizen",
    "bemerkung",
    "bemerkungen",
    "anmerkung",
    "anmerkungen",
    "wunsch",
    "wuensche",
    "wunsche",
    "kommentar",
    "genehmigung",
    "consigne",
    "consignes",
    "indication",
    "indications",
    "precision",
    "precisions",
    "remarque",
    "remarques",
    "commentaire",
    "commentaires",
    "instruccion",
    "instrucciones",
    "indicacion",
    "indicaciones",
    "nota",
    "notas",
    "observacion",
    "observaciones",
    "comentario",
    "comentarios",
    "mensaje",
    "istruzione",
    "istruzioni",
    "indicazione",
    "indicazioni",
    "annotazioni",
    "avvertenze",
    "instructie",
    "instructies",
    "aanwijzing",
    "aanwijzingen",
    "opmerking",
    "opmerkingen",
    "notitie",
    "notities",
    "wens",
    "wensen",
    "verzoek",
    "uwagi",
    "uwaga",
    "instrukcja",
    "instrukcje",
    "wskazowki",
    "notatka",
    "komentarz",
    "instruktion",
    "instruktioner",
    "anvisning",
    "anvisningar",
    "meddelande",
    "besked",
    "kommentti",
    "ohje",
    "ohjeet",
    "notu",
    "notlari",
    "talimati",
    "talimatlari",
    "aciklamasi",
    "instrucao",
    "instrucoes",
    "indicacoes",
    "observacao",
    "observacoes",
    "recado",
    "poznamka",
    "pokyny",
    "megjegyzes",
    "utasitas",
    "instructiuni",
    "observatii",
]);

/// Words for what, or whom, it is about, and beginnings of words that are made of several.
pub(super) static DELIVERIES: Listed = Listed::new(&[
    "delivery",
    "deliver",
    "courier",
    "driver",
    "carrier",
    "dropoff",
    "doorstep",
    "access",
    "gate",
    "safeplace",
    "zustell",
    "zustellung",
    "zusteller",
    "liefer",
    "lieferung",
    "lieferanten",
    "anlieferung",
    "anliefer",
    "abstell",
    "ablage",
    "ablageort",
    "abstellort",
    "abhol",
    "fahrer",
    "kurier",
    "boten",
    "paketboten",
    "livraison",
    "livreur",
    "coursier",
    "chauffeur",
    "acces",
    "entrega",
    "repartidor",
    "mensajero",
    "transportista",
    "consegna",
    "corriere",
    "recapito",
    "bezorg",
    "bezorging",
    "bezorger",
    "aflever",
    "aflevering",
    "lever",
    "levering",
    "koerier",
    "dostawy",
    "dostawa",
    "doreczenia",
    "kuriera",
    "kurier",
    "leverans",
    "leverings",
    "utlamnings",
    "bud",
    "chauffor",
    "toimitus",
    "kuljettaja",
    "teslimat",
    "kurye",
    "kargo",
    "entregador",
    "estafeta",
    "doruceni",
    "kuryr",
    "kuryrovi",
    "szallitasi",
    "futar",
    "livrare",
    "curier",
]);

/// Whether a word of the key, or a part of its last word, is a note's, and another what such a note is about, or the key
/// around it.
pub(super) fn is_told(words: &Words, within: Option<&Words>) -> bool {
    let count = words.len();
    let ends = |index: usize| {
        let word = words.word(index);
        NOTES.has(word.as_bytes()) || DELIVERIES.has(word.as_bytes())
    };
    if count > 1 {
        let has = |list: &Listed| (0..count).any(|index| list.has(words.word(index).as_bytes()));
        return ends(count - 1) && has(&NOTES) && has(&DELIVERIES);
    }
    let around = within.is_some_and(|within| DELIVERIES.has(within.joined().as_bytes()));
    around && NOTES.has(words.joined().as_bytes()) || is_compound(words.joined())
}

/// `zustellhinweis`, `noteconsegna`
fn is_compound(word: &str) -> bool {
    const SHORTEST: usize = 3;
    if word.len() < 8 || !word.is_ascii() {
        return false;
    }
    (SHORTEST..word.len() - SHORTEST).any(|at| {
        let (first, rest) = word.split_at(at);
        let (first, rest) = (first.as_bytes(), rest.as_bytes());
        DELIVERIES.has(first) && (NOTES.has(rest) || rest[0] == b's' && NOTES.has(&rest[1..]))
            || NOTES.has(first) && DELIVERIES.has(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Meaning;
    use crate::redact::Kind;
    use crate::redact::lexicon;

    #[test]
    fn a_note_is_known_by_its_parts_in_any_order() {
        for key in [
            "Zustellhinweis",
            "zustellanweisung",
            "abstellgenehmigung",
            "leveransinstruktion",
            "consigneLivreur",
            "consignes_de_livraison",
            "notas_repartidor",
            "noteConsegna",
            "bezorginstructies",
            "opmerking_bezorger",
            "uwagi_dla_kuriera",
            "kurye_notu",
            "recado_entregador",
            "courierInstructions",
            "delivery_hint",
        ] {
            assert_eq!(lexicon::meaning(key.as_bytes(), None), Meaning::FreeText(Kind::Text), "{key}");
            assert!(!lexicon::is_strange(key.as_bytes()), "{key}");
        }
        for key in ["delivery_id", "driver_version", "hint", "hinweis_id", "noteworthy", "kargo_no", "precision"] {
            assert_ne!(lexicon::meaning(key.as_bytes(), None), Meaning::FreeText(Kind::Text), "{key}");
        }
    }
}
