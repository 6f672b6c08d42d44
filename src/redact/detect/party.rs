//! Labels for whoever buys, pays or receives: `{"title": "Customer", "value": "Jane Doe"}`.

use super::names;
use super::text::Listed;

/// Whoever buys, pays or receives.
static PARTIES: Listed = Listed::new(&[
    "customer",
    "buyer",
    "client",
    "recipient",
    "consignee",
    "receiver",
    "addressee",
    "shopper",
    "purchaser",
    "payer",
    "payee",
    "beneficiary",
    "cardholder",
    "sender",
    "contact",
    "requester",
    "kunde",
    "kundin",
    "käufer",
    "käuferin",
    "empfänger",
    "empfängerin",
    "besteller",
    "absender",
    "acheteur",
    "acheteuse",
    "cliente",
    "destinataire",
    "comprador",
    "compradora",
    "destinatario",
    "destinataria",
    "acquirente",
    "klant",
    "koper",
    "ontvanger",
    "kupujący",
    "klient",
    "klientka",
    "odbiorca",
    "köpare",
    "kund",
    "mottagare",
    "mottaker",
    "modtager",
    "alıcı",
    "müşteri",
    "zákazník",
    "příjemce",
    "vevő",
    "címzett",
    "ügyfél",
    "asiakas",
    "vastaanottaja",
    "destinatário",
    "клиент",
    "покупатель",
    "получатель",
]);

/// What a name is called.
const NAMES: [&[u8]; 7] = [b"Name", b"Nom", b"Nome", b"Nombre", b"Naam", b"Navn", b"Namn"];

/// `Customer`, `Kunde`, `Ship to`, `Name des Kunden`: a label for one of them, as people read it.
pub fn is_label(label: &[u8]) -> bool {
    let label = label.trim_ascii();
    let label = label.strip_suffix(b":").unwrap_or(label);
    let to = |verb: &[u8]| label.strip_suffix(b" to").is_some_and(|first| first.eq_ignore_ascii_case(verb));
    let capital = label.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
    let named = || {
        let mut words = label.split(|byte| *byte == b' ');
        words.next().is_some_and(|first| NAMES.contains(&first)) && words.next_back().is_some_and(names::is_role)
    };
    capital && (PARTIES.has(label) || named()) || [&b"ship"[..], b"bill", b"deliver", b"sold"].into_iter().any(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_of_a_party_or_of_a_thing() {
        for label in ["Customer", "Kunde", "Ship to", "Sold to:", "Name des Kunden", "Empfänger"] {
            assert!(is_label(label.as_bytes()), "{label}");
        }
        for label in ["customer", "Order", "Driver", "Name", "Product name", "Name of service", "to", ""] {
            assert!(!is_label(label.as_bytes()), "{label}");
        }
    }
}
