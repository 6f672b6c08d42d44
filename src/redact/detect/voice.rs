//! A shop's own messages to those who buy: `Your parcel arrives today`, `Wir haben Ihre Retoure erhalten`. They are made
//! of the words that shops write, and they speak to somebody; a buyer's own words speak of himself, or complain.

use super::boilerplate;
use super::text::Listed;

/// Words by which a shop speaks to somebody, or of itself.
static ADDRESSES: Listed = Listed::new(&[
    "your",
    "ihr",
    "ihre",
    "ihrer",
    "ihren",
    "ihrem",
    "dein",
    "deine",
    "deiner",
    "votre",
    "vos",
    "tu",
    "su",
    "sus",
    "tuo",
    "tua",
    "suo",
    "sua",
    "uw",
    "je",
    "twój",
    "twoja",
    "twoje",
    "din",
    "ditt",
    "dina",
    "deres",
    "seu",
    "váš",
    "vaše",
    "siparişiniz",
    "kargonuz",
]);

/// Words by which a shop speaks of itself before all others.
static WE: Listed =
    Listed::new(&["we", "wir", "nous", "hemos", "abbiamo", "wij", "vi", "good", "gute", "thank", "vielen"]);

/// What is wrong, as buyers say it.
static COMPLAINTS: Listed = Listed::new(&[
    "wrong",
    "broken",
    "damaged",
    "missing",
    "never",
    "poor",
    "defective",
    "lost",
    "late",
    "unwanted",
    "not",
    "no",
    "driver",
    "falsch",
    "falsche",
    "falscher",
    "kaputt",
    "defekt",
    "beschädigt",
    "fehlt",
    "fehlen",
    "nicht",
    "kein",
    "keine",
    "nie",
    "schlecht",
    "mauvais",
    "mauvaise",
    "cassé",
    "abîmé",
    "pas",
    "jamais",
    "mal",
    "roto",
    "rota",
    "falta",
    "nunca",
    "rotto",
    "rotta",
    "manca",
    "mai",
    "kapot",
    "niet",
    "geen",
    "nooit",
    "zły",
    "nie",
    "brak",
    "nigdy",
    "trasig",
    "fel",
    "inte",
    "ikke",
]);

/// Words by which a buyer speaks of himself; what is a shop's word elsewhere, such as `je` and `mi`, is not among them.
static SELVES: Listed = Listed::new(&[
    "i", "my", "me", "mine", "ich", "mein", "meine", "meinen", "mir", "mich", "moi", "mon", "ma", "mes", "mio", "mia",
    "ik", "mijn", "mój", "moja", "jag", "min", "jeg",
]);

/// Words of a text that are looked at for how it begins.
const MAX_LEAD: usize = 3;

/// Whether a text is a shop's own, written before anybody bought anything.
pub fn is_of_shop(value: &[u8]) -> bool {
    let words = || {
        value
            .split(|byte| !(byte.is_ascii_alphabetic() || *byte >= 0x80 || *byte == b'\''))
            .filter(|word| !word.is_empty())
    };
    let speaks =
        words().take(MAX_LEAD).any(|word| ADDRESSES.has(word)) || words().next().is_some_and(|word| WE.has(word));
    speaks
        && words().nth(2).is_some()
        && !words().any(|word| COMPLAINTS.has(word) || SELVES.has(word))
        && value
            .split(|byte| matches!(byte, b'.' | b'!'))
            .all(|part| part.trim_ascii().len() < 3 || boilerplate::is_boilerplate(part.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_speaks_to_somebody() {
        for text in [
            "Your parcel arrives today",
            "Your order has been shipped",
            "Ihr Paket kommt heute an",
            "Votre colis arrive aujourd'hui",
            "We have received your return. Thank you for shopping with us.",
            "Your delivery is 3 stops away",
            "Tu pedido ha sido enviado",
            "Il tuo ordine è stato spedito",
        ] {
            assert!(is_of_shop(text.as_bytes()), "{text}");
        }
        for text in [
            "my parcel never arrived, I am angry",
            "Your driver threw my parcel over the fence",
            "your parcel is damaged",
            "Your order, Jane, has shipped",
            "parcel arrived late",
            "Your parcel",
            "Ihre Bestellung an Frau Beispiel wurde versandt",
        ] {
            assert!(!is_of_shop(text.as_bytes()), "{text}");
        }
    }
}
