//! Names of people in running text: what follows a title, a role, or an act done to somebody, and looks like a name.

use std::sync::LazyLock;

use super::text::{at, before, run, run_back};
use super::words::Words;

/// Words after which a name stands, in lower case. After a title one word is enough, whatever it is.
const TITLES: &str = "mr mrs ms miss mx dr prof professor sir madam lady herr herrn frau fräulein monsieur madame mademoiselle mme \
    mlle señor señora señorita srta don doña dona sig signor signora signorina dott dottoressa pan pani dhr mevr \
    mevrouw meneer bay bayan shri smt kumari";

/// Roles of people in the shop's life, and words of greeting.
const ROLES: &str = "citofono klingel interphone clientul clientei clienta cumpărătorul destinatarul πελάτης πελάτη πελάτισσα παραλήπτης zákaznice příjemce vevő címzett العميل заказчик покупательница покупателя клиента клиентка picker packer debtor creditor debitor kreditor ordonnateur welcome buyer buyers customer client recipient consignee addressee shopper purchaser payer payee beneficiary \
    cardholder holder guest patient passenger tenant applicant subscriber reviewer complainant sender signer \
    signatory receiver employee driver courier technician agent user member owner contact dear hello hi hey attn hej hei hoi hallå tjena ahoj cześć szia salut salve ciao merhaba selam привет здравствуйте moi dag hiya bună dobrý kjære kære bästa \
    kunden klanten kundens klanta zákazník zákazníka ügyfél asiakas mottagaren modtager modtageren mottaker mottakeren adresat клиент покупатель \
    получатель client's attn \
    attention regards sincerely thanks cheers name named kunde kundin käufer käuferin empfänger empfängerin \
    besteller hallo liebe lieber acheteur acheteuse destinataire bonjour cher chère comprador compradora cliente \
    destinatario destinataria hola querido querida estimado estimada acquirente ciao caro cara gentile klant \
    koper ontvanger beste kupujący klient klientka odbiorca köpare kund mottagare alıcı müşteri sayın olá \
    prezado prezada destinatário";

/// What is done to, for or by somebody. A preposition may follow.
const ACTS: &str = "issued refund zwrot rimborso remboursement reembolso erstattung review rating comment adresse adres address adresa dirección indirizzo endereço adresi avviso captured abholung propre left zgłosił zgłosiła odebrał odebrała reclamación réclamation rückfrage klient pakken pakke paketti paketet forsendelse försändelse lähetys zásilka balík csomag colet pošiljka sending отправление посылка доставка label étiquette etikett etikette etichetta etiqueta etykieta delivered shipped ship deliver send dispatch dispatched buren buur nachbar nachbarn neighbour neighbor neighbours voisin voisine voisins vecino vecina vicino vicina \
    vizinho vizinha naboen grannen sąsiad sąsiada komşu contact contactar contactez kontakt kontakta assigned addressed emailed mailed calling called contacted notify notified notifying \
    refunding refunded signed approved requested placed written submitted invited spoke talked handed reported \
    received sent ordered purchased bought paid invoiced billed accepted collected escalated greeting behalf \
    registered welcome welcomed reviewed complaint message reply replied letter parcel package c/o declined refused cancelled canceled verified \
    charged credited reimbursed transferred wired settled returned collected geliefert zugestellt unterschrieben abgeholt angenommen verweigert \
    versendet refusé livré signé remis retiré reçu envoyé entregado firmado recibido rechazado enviado consegnato firmato ricevuto rifiutato \
    spedito bezorgd getekend geweigerd afgehaald doręczono odebrane podpisane entregue assinado recebido recusado levererat undertecknat \
    imzaladı matched compared merged anruf zustellung lieferung versand rückruf anfrage nachricht beschwerde retoure sendung brief \
    rechnung gutschrift llamó llamada entrega envío paquete reembolso reclamo queja appel livraison colis remboursement réclamation chiamata \
    consegna pacco rimborso reclamo bezorging levering pakket klacht dostawa przesyłka telefon zwrot leverans paket encomenda entrega \
    reclamação ligação shipment delivery refund return replacement";

const PREPOSITIONS: &str = "to by for from with of an von für bei durch a para per pour par à chez por da di de voor door aan przez dla av till til pro pentru para для от por à";

/// Words between a role and a name.
const FILLERS: &str = "back is was name named called - – — ist es";

/// Parts of names that are written small.
const PARTICLES: &str = "de van von der den da dos das do del della di du la le las los el al bin bint ibn abu ter ten te zu zum zur \
    y e 't op af av vom san degli dalla lo";

/// Capitalised words that follow a role and are no names.
const OTHERS: &str = "order orders service services support id ids email e-mail mail address phone info information data error \
    errors not has had was is requested cancelled canceled does did cannot could with without and or the a an no \
    none null nil true false found created updated deleted missing invalid unknown name account accounts profile \
    group type status token session request response message messages exception failed failure success logged \
    load loads exists count pluck upsert destroy reload preload find_by cache \
    login logout ip agent details record records report list table lookup sync job api url uri http https json \
    xml sql notification notifications import imports export exports migration cleanup merge lifetime user-agent care success experience relations journey interface manual rewards benefits club loyalty hotline helpdesk segment segments number country city returned return returns refund portal center central \
    set where select from update insert into values join limit page screen button team amazon marketplace seller buyer customer client user recipient contact for in on at to \
    lager bestellung bestellungen auftrag aufträge lieferung lieferungen rechnung zahlung artikel größe übersicht änderung änderungen prüfung \
    rückgabe rückgaben gerät geräte händler kategorie verfügbarkeit bestände bestand datensätze datensatz fehler schnittstelle warteschlange \
    verbindung zeitüberschreitung ausführung übertragung überprüfung ungültige ungültiger ungültiges gültigkeit schlüssel größen stückzahl \
    commande commandes livraison facture catalogue synchronisation réseau échec état données requête réponse mise délai entrepôt créé créée \
    envoyé erreur connexion pedido pedidos envío envíos almacén catálogo conexión sincronización petición código página número sesión ejecución \
    ordine ordini spedizione magazzino catalogo fattura quantità attività disponibilità bestelling zamówienie zamówienia wysyłka płatność błąd \
    połączenie sipariş siparişi ürün kargo depo güncellendi başarısız hata bağlantı pedido estoque código atualização conexão sessão";

/// The name that begins with the capital, or the letter beyond ASCII, at `from`, if the words before announce one.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    // Most words announce nothing and are no part of a name.
    let (word, _) = word_before(text, from)?;
    if WORDS.lists(word) & !OTHER == 0 && !matches!(word, b"M" | b"Sr" | b"Sra" | b"D") {
        return None;
    }
    let (start, least) = match announced(text, from) {
        Some(least) => (from, least),
        None => (before_particles(text, from)?, 1),
    };
    let (end, count) = tokens(text, from)?;
    // `Customer Supplied Package`, `Colour "Lady Pink"`
    let goods = count >= 2 && super::cell::has_thing(&text[start..end])
        || word_before(text, from).is_some_and(|(_, title)| super::goods::is_article(text, title));
    // `["M", "L"]`: sizes.
    (count >= least && end - from > 1 && !goods && !super::goods::is_brand(&text[start..end])).then_some((start, end))
}

/// `M. de la Tour`: where the small words before the capital begin, if a title or role stands before them.
fn before_particles(text: &[u8], from: usize) -> Option<usize> {
    let mut start = from;
    for _ in 0..3 {
        let Some((word, begin)) = word_before(text, start) else { break };
        let small = word.len() >= 2 && word[0].is_ascii_lowercase() && start - begin == word.len() + 1;
        if !small || !is(word, PARTICLE) {
            break;
        }
        start = begin;
    }
    (start < from).then(|| announced(text, start).map(|_| start)).flatten()
}

/// Two to five words of a name and nothing else.
pub fn is_name_of_words(text: &[u8]) -> bool {
    tokens(text, 0).is_some_and(|(end, count)| end == text.len() && (2..=4).contains(&count))
}

/// Words of a name and nothing else, be it one.
pub fn is_words(text: &[u8]) -> bool {
    tokens(text, 0).is_some_and(|(end, count)| end == text.len() && (1..=5).contains(&count))
}

/// Two to five words of a name of which one has letters beyond ASCII: in a log that is a person, or a place.
pub fn is_foreign_name(text: &[u8]) -> bool {
    !text.is_ascii() && is_name_of_words(text)
}

/// The same without quotes around it: the run that begins at `from`.
pub fn foreign(text: &[u8], from: usize) -> Option<(usize, usize)> {
    // Most capitals are asked in vain: letters beyond ASCII stand in the first words or nowhere.
    if from == 0 || text[from..text.len().min(from + 40)].is_ascii() {
        return None;
    }
    // `Kundin Дмитрий …`: the role stands before the name.
    let first = run(text, from, 32, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    if is(&text[from..from + first], TITLE | ROLE) {
        return None;
    }
    let (end, count) = tokens(text, from)?;
    // `received at FC Poznań`, `Filiale München Ost`: nobody is a place.
    let placed = |word: &[u8]| matches!(word, b"at" | b"in" | b"im") || super::goods::is_shop(word);
    if word_before(text, from).is_some_and(|(word, start)| start + word.len() + 1 == from && placed(word)) {
        return None;
    }
    // `Västra Storgatan 10`
    if at(text, end) == b' ' && at(text, end + 1).is_ascii_digit() && super::street::ends_in_street(text, end) {
        return None;
    }
    let name = &text[from..end];
    let initial = name[0] >= 0x80 || name.get(1).is_some_and(|byte| byte.is_ascii_lowercase() || *byte >= 0x80);
    // Scripts without spaces write whole sentences so.
    let spaced = !String::from_utf8_lossy(name).chars().any(
        |character| matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{ff00}'..='\u{ffef}'),
    );
    let thing = super::cell::has_thing(name) || super::firms::has_legal_form(name);
    (initial
        && !thing
        && !super::goods::is_of_goods(text, from, end)
        && spaced
        && !name.is_ascii()
        && (2..=5).contains(&count))
    .then_some((from, end))
}

/// How many words a name needs here: none are announced, one after a title or role, two after an act.
fn announced(text: &[u8], from: usize) -> Option<usize> {
    let (word, start) = word_before(text, from)?;
    // `"message":"Gateway Timeout"`: a pair, of which the key's meaning decides.
    let gap = &text[start + word.len()..from];
    if gap.contains(&b':') && gap.ends_with(b"\"") {
        return None;
    }
    // Milliseconds.
    if word == b"ms" {
        return None;
    }
    let lists = WORDS.lists(word);
    if lists & (TITLE | ROLE) != 0 {
        return Some(1);
    }
    if matches!(word, b"M" | b"Sr" | b"Sra") || word == b"D" && before(text, from - 1) == b'.' {
        return Some(1);
    }
    if lists & ACT != 0 {
        return Some(2);
    }
    if lists & FILLER != 0 {
        let (earlier, _) = word_before(text, start)?;
        return is(earlier, ROLE).then_some(1);
    }
    if lists & PREPOSITION != 0 {
        let by = BY.contains(&word);
        // `parcel 1Z7OV7PJ7571468257 for …`: an id between.
        let code = run_back(text, start.saturating_sub(1), 40, |byte| byte > b' ');
        let token = &text[start.saturating_sub(1) - code..start.saturating_sub(1)];
        let numbers = token.iter().filter(|byte| byte.is_ascii_digit()).count();
        let is_code = (numbers >= 6 || by && numbers >= 2)
            && token.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'#'))
            || token.len() == 10 && token.starts_with(b"B0") && token.iter().all(u8::is_ascii_alphanumeric);
        let start = if is_code { start - 1 - code } else { start };
        let (earlier, start) = word_before(text, start)?;
        let lists = WORDS.lists(earlier);
        if by && is_code && MATTERS.split(' ').any(|matter| earlier.eq_ignore_ascii_case(matter.as_bytes())) {
            return Some(2);
        }
        if by && is_done(earlier) && lists & (ACT | ROLE) == 0 {
            return tokens(text, from).is_some_and(|(end, _)| !super::given::is_other(&text[from..end])).then_some(2);
        }
        let act = lists & ACT != 0
            || is_of_amount(text, start, earlier)
            || lists & PREPOSITION != 0 && word_before(text, start).is_some_and(|(act, _)| is(act, ACT));
        return act.then_some(2);
    }
    None
}

/// `refund of 437.90 € for …`: an amount between what was done and for whom.
fn is_of_amount(text: &[u8], start: usize, last: &[u8]) -> bool {
    let near = &text[start.saturating_sub(40)..start + last.len()];
    let amount = near.iter().any(u8::is_ascii_digit)
        && ["€", "zł", "EUR", "PLN", "USD", "GBP", "SEK", "kr", "$", "£", "Kč", "lei", "Ft", "TL"]
            .iter()
            .any(|sign| near.trim_ascii_end().ends_with(sign.as_bytes()));
    amount && near.split(|byte| *byte == b' ').any(|word| is(word, ACT))
}

/// Words that say who did something.
const BY: [&[u8]; 8] = [b"by", b"von", b"par", b"por", b"da", b"door", b"przez", b"av"];

/// What people open, write or send, a number of which follows.
const MATTERS: &str = "ticket order case return review comment reply claim dispute message refund complaint inquiry \
    question request rma bestellung anfrage commande pedido ordine retoure";

/// `opened`, `ouvert`, `geschlossen`: what was done to something.
fn is_done(word: &[u8]) -> bool {
    const ENDS: [&str; 12] = ["ed", "en", "té", "ée", "ert", "ado", "ada", "ido", "ato", "ata", "ito", "ny"];
    word.len() >= 5 && word[0].is_ascii_lowercase() && ENDS.iter().any(|end| word.ends_with(end.as_bytes()))
}

/// The word before `from` with its start, over a space and a mark.
fn word_before(text: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let mut end = from;
    end -= run_back(text, end, 3, |byte| {
        matches!(byte, b' ' | b'.' | b':' | b',' | b'"' | b'\'' | b'(' | b'[' | b'#' | b'*')
    });
    if end == from {
        return None;
    }
    let length =
        run_back(text, end, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'/' | b'-'));
    let start = end - length;
    // Not the end of a longer word: `com.acme.Buyer`, `on_customer`.
    let alone = length > 0
        && !matches!(before(text, start), b'.' | b'_' | b'$' | b'\\')
        && !before(text, start).is_ascii_digit();
    alone.then(|| (&text[start..end], start))
}

const TITLE: u8 = 1;
const ROLE: u8 = 2;
const ACT: u8 = 4;
const PREPOSITION: u8 = 8;
const FILLER: u8 = 16;
const PARTICLE: u8 = 32;
const OTHER: u8 = 64;

/// The lists of this file, in the order of their bits.
static WORDS: LazyLock<Words> =
    LazyLock::new(|| Words::new(&[TITLES, ROLES, ACTS, PREPOSITIONS, FILLERS, PARTICLES, OTHERS]));

/// Whether `word` is on one of `lists`.
fn is(word: &[u8], lists: u8) -> bool {
    WORDS.lists(word) & lists != 0
}

/// Words of a name from `from` on: where they end, and how many there are, particles aside.
pub fn tokens(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if from > text.len() {
        return None;
    }
    let mut end = from;
    let mut next = from;
    let mut count = 0;
    for index in 0..8 {
        let length = run(text, next, 64, is_letter);
        let mut word = &text[next..next + length];
        while let Some(trimmed) =
            word.strip_suffix(b"'").or_else(|| word.strip_suffix(b"-")).or_else(|| word.strip_suffix(b"."))
        {
            if word.ends_with(b".") && (word.len() <= 3 || is(trimmed, TITLE)) {
                break;
            }
            word = trimmed;
        }
        let is_particle = index > 0 && is(word, PARTICLE);
        if !is_particle
            && (!is_name(word)
                || is(word, OTHER)
                || text[..next + length].ends_with(b"-") && at(text, next + length).is_ascii_digit()
                || matches!(at(text, next + length), b'=' | b'_' | b'(' | b'/' | b'@' | b'\\' | b'+' | b'0'..=b'9'))
        {
            break;
        }
        if !is_particle {
            count += 1;
            end = next + word.len();
        }
        // A word that ends in a mark ends the name, an initial's dot aside.
        if !is_particle && word.len() < length || at(text, next + length) != b' ' {
            break;
        }
        next += length + 1;
    }
    (count > 0).then_some((end, count))
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'\'' | b'-' | b'.' | b'`')
}

/// Whether one of the small words of names begins at `from`: `van der Berg`.
pub fn begins_particle(text: &[u8], from: usize) -> bool {
    let length = run(text, from, 8, is_letter);
    length > 0 && (is(&text[from..from + length], PARTICLE) || text[from + 1..].starts_with(b"'"))
}

/// A capital and small letters, an initial, several capitals, or a word in another script.
fn is_name(word: &[u8]) -> bool {
    match word {
        [first, rest @ ..] if first.is_ascii_uppercase() => {
            let dotted = rest.iter().position(|byte| *byte == b'.');
            // `Foo.bar` is code, `J.` and `J.R.` are initials.
            let is_code = dotted.is_some_and(|dot| dot + 1 < rest.len() && rest[dot + 1].is_ascii_lowercase());
            !is_code && (!rest.is_empty() || word.len() == 1)
        }
        [first, ..] if *first >= 0x80 => is_script(word) && !begins_small(word),
        // `d'Aubigny`, `dell'Orto`
        _ => word.iter().position(|byte| *byte == b'\'').is_some_and(|mark| {
            (1..=4).contains(&mark) && word.get(mark + 1).is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80)
        }),
    }
}

/// `übergeben`: no name begins so, and many a word does.
pub fn begins_small(word: &[u8]) -> bool {
    String::from_utf8_lossy(&word[..word.len().min(4)]).chars().next().is_some_and(char::is_lowercase)
}

/// Letters beyond ASCII, not the marks, arrows and pictures that logs are adorned with.
pub fn is_script(word: &[u8]) -> bool {
    let text = String::from_utf8_lossy(word);
    text.chars().any(|character| !character.is_ascii() && character.is_alphabetic())
        && !text
            .chars()
            .any(|character| matches!(character, '\u{2010}'..='\u{2bff}' | '\u{fffd}' | '\u{1f000}'..='\u{1faff}'))
}

/// Where the longest run of words begins that ends at `right` and is a name.
fn spaced(text: &[u8], right: usize) -> Option<usize> {
    let mut from = right - run_back(text, right, 64, |byte| is_letter(byte) || byte == b' ');
    while from < right {
        if text[from] != b' '
            && !is_title(text, from)
            && tokens(&text[..right], from).is_some_and(|(end, _)| end == right)
        {
            return Some(from);
        }
        from += run(text, from, right - from, |byte| byte != b' ') + 1;
    }
    None
}

/// `お客様 `, `様 `: a word of address before the name.
fn is_title(text: &[u8], from: usize) -> bool {
    let word = &text[from..from + run(text, from, 48, |byte| byte != b' ')];
    ["様", "さん", "さま", "殿"].iter().any(|title| word.ends_with(title.as_bytes()))
}

/// Titles that follow a name: `田中様`, `José-san`. `from` is the title's first byte.
pub fn honoured(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let length = run_back(text, from, 48, |byte| byte >= 0x80 || byte.is_ascii_alphabetic() || byte == b' ');
    if before(text, from) == b' ' && before(text, from - 1).is_ascii_alphanumeric()
        || before(text, from) == b' ' && before(text, from - 1) >= 0x80
    {
        return spaced(text, from - 1).map(|start| (start, from - 1));
    }
    let slice = &text[from - length..from];
    let start = from - length
        + slice.iter().rposition(|byte| byte.is_ascii_punctuation() || *byte == b' ').map_or(0, |place| place + 1);
    // A family's name and a space before it.
    let family = if before(text, start) == b' ' { run_back(text, start - 1, 24, |byte| byte >= 0x80) } else { 0 };
    let start = if family > 0 && is_script(&text[start - 1 - family..start - 1]) { start - 1 - family } else { start };
    // `お客様`, `皆様`: a customer, all of you.
    let name = &text[start..from];
    let is_word = ["お客", "皆", "奥", "神", "同"].iter().any(|word| name == word.as_bytes());
    (start < from && !is_word && is_script(name)).then_some((start, from))
}
