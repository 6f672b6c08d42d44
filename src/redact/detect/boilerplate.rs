//! Words that a shop has written before anybody bought anything: subjects of its mails, reasons from its lists. No word
//! of them is anybody's, so a text that has only such words is nobody's.

use std::sync::LazyLock;

use super::text::Listed;
use super::words::Words;
use super::{cell, given, is_document, keep};

/// Longest text that is judged, in bytes.
const MAX_BYTES: usize = 160;
/// Digits of a number that says nothing of anybody: a count, a day, a price.
const MAX_DIGITS: usize = 6;

/// Small words and those of orders, parcels, payments, accounts and complaints, of which no one is a name. Without those
/// by which people speak of themselves: a text with one is somebody's.
const ENGLISH: &str = "issued arrives arrive stops stop away shopping shop us office aws bill build changes recipient customer absent home nobody mail sender undelivered undeliverable automatic domain bill list january february march april may june july august september october november december cycle count rebalancing duplicate label auto approved by rule see note none null n a tbd restock bounced blocked closed holiday business refuse weather force majeure customs inspection duties unpaid moved area rma a an the of for to in on at by with from and or not no is are was were be been has have had will your our we you this that it \
    its new update updated confirmation confirmed confirm order orders item items product products article parcel package packages shipment \
    shipments delivery deliveries delivered shipped dispatched despatched sent arrived arriving late delayed delay cancelled canceled cancellation \
    refund refunded return returns returned received exchange replacement warranty claim case ticket request requests re fwd fw number \
    invoice invoices receipt payment payments paid failed failure declined overdue reminder due account password reset verify verification code \
    login security alert notice notification newsletter sale offer offers discount voucher coupon welcome thanks thank good news way ready \
    pickup collection stock back available unavailable low out sold price drop changed review rate feedback survey subscription renewed expired \
    expiring expires soon today tomorrow now last chance days day hours hour week weekly daily monthly report summary statement threshold below above \
    wrong size colour color damaged defective broken missing part parts incomplete used opened packaging quality poor expected described \
    longer needed wanted mistake ordered accidental better found cheaper different too small large big does fit work working carrier lost \
    undeliverable incorrect unknown refused unwanted fraud suspected timeout failed error limit exceeded invalid rejected approved pending \
    processing processed completed complete started finished scheduled maintenance system service export import file files feed upload download \
    message inquiry question reply answer regarding created deleted removed added opened closed event stopped running regarding about where when why how never only partially partial left there here as than first step";
const GERMAN: &str = "kommt kommen erhalten bearbeitet einkauf kunde kundin empfänger empfängerin angetroffen anwesend abwesend zuhause niemand unbekannt adresse falsch unvollständig januar februar märz mai juni juli oktober dezember monatsbericht preisliste feiertag geschlossen verzogen siehe wir haben kw kein interesse widerruf widerrufen nichtgefallen fehlbestand umlagerung der die das des dem den ein eine einer eines und oder nicht kein keine ist sind war wurde wurden wird hat haben von für zu zum zur im in am an \
    auf bei mit aus ihre ihr ihrer ihren unsere neue neuer neues deine dein bestellung bestellungen bestellt artikel produkt ware paket sendung lieferung \
    geliefert zugestellt versandt versendet verschickt unterwegs angekommen verspätet verspätung storniert stornierung retoure rücksendung \
    rückgabe erstattung erstattet gutschrift umtausch ersatz garantie reklamation anfrage rückfrage rückruf frage antwort nummer nr rechnung rechnungen zahlung \
    bezahlt fehlgeschlagen abgelehnt überfällig mahnung zahlungserinnerung erinnerung konto passwort zurücksetzen bestätigung bestätigt bestätigen \
    anmeldung sicherheit hinweis newsletter angebot angebote rabatt gutschein willkommen vielen dank danke gute nachrichten bereit abholung \
    abholbereit bestand lager wieder verfügbar lieferbar ausverkauft preis geändert bewertung bewerten umfrage abgelaufen heute morgen \
    tage tag stunden woche wöchentlich täglich monatlich bericht zusammenfassung falsche falscher falsches größe farbe beschädigt defekt kaputt fehlt fehlend fehlende \
    teile teil unvollständig gebraucht geöffnet verpackung qualität schlecht mangelhaft erwartet beschrieben mehr benötigt gewünscht gefällt passt versehentlich \
    bestellfehler anders groß klein zu spät verloren unzustellbar annahme verweigert falschlieferung betrugsverdacht offen status eingang eingegangen eingetroffen kollektion kw vorgang fehler aw wg";
const FRENCH: &str = "arrive reçu arrivera destinataire client absent absente inconnu inconnue adresse incorrecte incomplète fermé refus rétractation janvier février mars avril juin juillet août septembre octobre novembre décembre avons le la les l de du des d un une et ou ne pas plus est sont été a à au aux pour par sur en avec votre vos notre nouvelle nouveau commande commandes \
    article articles produit colis envoi livraison livré livrée livrés expédié expédiée expédition arrivé arrivée retard retardée annulé annulée annulation retour retourné \
    remboursement remboursé remboursée échange remplacement garantie réclamation demande question réponse numéro n facture paiement payé échoué refusé refusée \
    rappel compte mot passe réinitialisation réinitialiser confirmation confirmée confirmé sécurité alerte offre offres promotion remise bon bienvenue merci \
    bonne nouvelle prêt prête retrait stock disponible indisponible rupture prix modifié avis expiré bientôt aujourd'hui demain jours jour \
    mauvaise mauvais taille couleur endommagé endommagée défectueux défectueuse cassé manquant manquante incomplet emballage qualité décevante convient besoin \
    erreur trop petit petite grand grande perdu différent tardive tr";
const SPANISH: &str = "llega llegará recibido destinatario cliente ausente desconocido dirección incorrecta cerrado rechazo desistimiento enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre hemos emitido el la los las de del un una y o no es son ha han sido está para por en con su sus tu nuestro nuevo nueva pedido pedidos artículo artículos producto \
    paquete envío entrega entregado enviado llegado retraso retrasado cancelado cancelación devolución devuelto reembolso reembolsado cambio garantía reclamación \
    solicitud pregunta respuesta número factura pago pagado fallido rechazado recordatorio cuenta contraseña restablecer confirmación confirmado seguridad aviso \
    oferta ofertas descuento cupón bienvenido gracias buenas noticias listo recogida disponible agotado precio caducado pronto hoy mañana días día talla color \
    equivocado equivocada incorrecto incorrecta dañado defectuoso roto falta faltan incompleto embalaje calidad mala ya necesito quiere error pequeño grande tarde perdido";
const ITALIAN: &str = "arriva arriverà ricevuto destinatario cliente assente sconosciuto indirizzo errato chiuso rifiuto recesso gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre abbiamo il lo la i gli le di del della dei un una e o non è sono stato stata per da in con su tuo tua suo sua nostro nuovo nuova ordine ordini articolo \
    articoli prodotto pacco spedizione spedito consegna consegnato arrivato ritardo annullato annullamento reso resi restituzione rimborso rimborsato cambio garanzia \
    reclamo richiesta domanda risposta numero fattura pagamento pagato fallito rifiutato promemoria conto password reimposta conferma confermato sicurezza avviso \
    offerta offerte sconto buono benvenuto grazie buone notizie pronto ritiro disponibile esaurito prezzo scaduto presto oggi domani giorni giorno taglia colore \
    sbagliata sbagliato errata errato danneggiato danneggiata difettoso rotto mancante incompleto imballaggio qualità scarsa più serve errore piccolo grande tardi perso";
const DUTCH: &str = "komt ontvangen hebben ontvanger klant thuis afwezig onbekend adres onjuist gesloten weigering herroeping januari februari maart april mei juni juli augustus september oktober november december de het een van en of niet geen is zijn was werd wordt heeft voor te in op bij met uit uw je onze nieuwe bestelling bestellingen besteld artikel \
    product pakket zending levering geleverd verzonden onderweg aangekomen vertraagd vertraging geannuleerd annulering retour terugbetaling terugbetaald ruilen garantie \
    klacht vraag antwoord nummer nr factuur betaling betaald mislukt geweigerd herinnering wachtwoord bevestiging bevestigd beveiliging melding aanbieding korting \
    welkom bedankt goed nieuws klaar afhalen voorraad weer beschikbaar uitverkocht prijs gewijzigd beoordeling verlopen vandaag morgen dagen dag verkeerde verkeerd maat \
    kleur beschadigd beschadigde defect kapot ontbreekt onvolledig verpakking kwaliteit slecht meer nodig vergissing klein groot laat kwijt";
const POLISH: &str = "odbiorca klient nieobecny nieznany adres błędny zamknięte odmowa odstąpienie styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień i w we z ze na do od dla o oraz lub nie jest są był została zostało został twoje twój twoja nasze nowe nowy nowa zamówienie zamówienia zamówień \
    artykuł produkt towar paczka paczki przesyłka przesyłki dostawa dostarczono dostarczona wysłane wysłana wysłano nadana nadano opóźniona opóźnienie anulowane anulowano \
    zwrot zwroty zwrócono wymiana gwarancja reklamacja zapytanie pytanie odpowiedź numer nr faktura płatność opłacone nieudana odrzucona przypomnienie konto hasło reset \
    potwierdzenie potwierdzone bezpieczeństwo oferta rabat kupon witamy dziękujemy gotowe odbiór odbioru dostępny niedostępny cena zmieniona ocena wygasło dziś jutro dni dzień \
    zły zła rozmiar kolor uszkodzony uszkodzona uszkodzone wadliwy zepsuty brak niekompletny opakowanie paleta jakość potrzebne pomyłka mały duży późno zaginęła";
const NORDIC: &str = "och i på till av för från med din ditt er den det en ett är har inte ny order beställning varan vara paket leverans levererad levererat skickad skickats försenad \
    avbruten avbeställd retur återbetalning byte garanti reklamation fråga svar nummer faktura betalning betald misslyckades påminnelse konto lösenord återställ bekräftelse \
    bekräftad erbjudande rabatt välkommen tack redo lager slut pris fel storlek färg skadad trasig saknas ofullständig kvalitet liten stor sen \
    og til fra din dit ordre bestilling varen pakke pakken levering leveret levert sendt forsinket annulleret kansellert refusion bytte reklamasjon spørsmål spørgsmål svar \
    betaling betalt påmindelse adgangskode bekræftelse bekreftelse tilbud velkommen tak takk klar udsolgt utsolgt pris forkert størrelse farve beskadiget skadet mangler \
    tilaus tilauksesi on ei ja tuote paketti toimitus toimitettu lähetetty myöhässä peruttu palautus hyvitys vaihto takuu kysymys vastaus lasku maksu vahvistus tarjous \
    tervetuloa kiitos valmis varasto loppu hinta väärä koko väri vaurioitunut rikki puuttuu";
const OTHERS: &str = "o a os as de do da um uma e ou não é foi para por em com seu sua nosso novo nova pedido pedidos encomenda artigo produto pacote envio entrega entregue enviado enviada \
    atraso atrasado cancelado cancelamento devolução reembolso troca garantia reclamação pergunta resposta número fatura pagamento pago recusado lembrete conta senha redefinir \
    confirmação confirmado segurança aviso oferta desconto cupom bem-vindo obrigado pronto retirada disponível esgotado preço expirado hoje amanhã dias tamanho cor errado errada danificado \
    defeituoso quebrado falta incompleto embalagem qualidade atrasada perdido \
    ve ile için bir siparişiniz sipariş siparişi ürün kargo kargoya kargonuz verildi teslim teslimat edildi iptal iade değişim garanti soru cevap fatura ödeme onayı onay şifre sıfırlama \
    indirim kampanya hoş geldiniz teşekkürler hazır stok fiyat yanlış beden renk hasarlı bozuk eksik kalite \
    a i v ve s z na do od pro není je byla bylo vaše váš nová objednávka objednávky objednávce zboží zásilka zásilky doručení doručeno odesláno odeslána zpoždění zrušeno vrácení reklamace \
    dotaz odpověď číslo faktura platba zaplaceno upomínka heslo potvrzení sleva vítejte děkujeme připraveno skladem vyprodáno cena špatná velikost barva poškozeno poškozené chybí \
    az egy és nem rendelés rendelése rendelését csomag szállítás szállítva feladva késik törölve visszaküldés visszatérítés csere garancia kérdés válasz számla fizetés jelszó megerősítés \
    kedvezmény köszönjük raktáron elfogyott ár rossz méret szín sérült hibás hiányzik \
    și sau nu este a fost comanda comenzii dumneavoastră dvs coletul colet livrare livrată livrat expediată expediat întârziere anulată anulat retur rambursare schimb garanție întrebare \
    răspuns factura plata plată parola confirmare reducere bun venit mulțumim gata stoc preț mărime greșită culoare deteriorat defect lipsă \
    и в на с по не для из ваш ваша ваше новый новая заказ заказа товар посылка отправление доставка доставлен доставлена отправлен отправлена отменён отменен отменена возврат обмен гарантия \
    вопрос ответ номер счёт счет оплата оплачен пароль подтверждение скидка спасибо готов склад цена неверный размер цвет повреждён поврежден брак замовлення відправлено доставлено";

/// What programs say of a field that somebody filled in, and of the places where a shop sells.
const FORMS: &str = "required mandatory field blank must valid pflichtfeld pflichtangabe erforderlich ungültig ungültige ungültiger ungültiges leer feld muss format \
    obligatoire requis requise champ invalide vide obligatorio obligatoria requerido campo inválido inválida vacío obbligatorio richiesto vuoto valido \
    verplicht vereist veld ongeldig leeg wymagane wymagany pole nieprawidłowy nieprawidłowe puste obligatoriskt krävs fält ogiltig ogiltigt tomt zorunlu alan \
    geçersiz boş obrigatório vazio povinné pole neplatné prázdné kötelező mező érvénytelen üres påkrævet påkrevd felt ugyldig pakollinen virheellinen \
    amazon ebay kaufland allegro cdiscount bol zalando marketplace marktplatz käufer käuferin buyer acheteur acheteuse comprador compradora acquirente \
    koper kupujący kupujacy köpare køber kjøper alıcı ostaja";

/// All of them: which language a word is of says nothing.
static ALL: LazyLock<String> =
    LazyLock::new(|| [ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, DUTCH, POLISH, NORDIC, OTHERS, FORMS].join(" "));
static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(&[ALL.as_str()]));

/// Letters of a word at whose end another one stands: `Wunschartikel`.
const MIN_COMPOUND: usize = 5;

/// What a monitor begins its subjects with.
const STATES: [&[u8]; 12] = [
    b"ALARM",
    b"OK",
    b"INSUFFICIENT_DATA",
    b"WARNING",
    b"CRITICAL",
    b"ERROR",
    b"PROBLEM",
    b"RECOVERY",
    b"RESOLVED",
    b"FIRING",
    b"INFO",
    b"DOWN",
];

/// `ALARM: "Checkout latency" in EU (Frankfurt)`, `[FIRING:1] HighErrorRate`: a monitor's.
pub fn is_of_monitor(value: &[u8]) -> bool {
    let bracketed = value.strip_prefix(b"[").or_else(|| value.strip_prefix(b"** ")).unwrap_or(value);
    let length = super::text::run(bracketed, 0, 24, |byte| byte.is_ascii_uppercase() || byte == b'_');
    let told = STATES.contains(&&bracketed[..length]) && matches!(bracketed.get(length), Some(b':' | b']' | b' '));
    // `[shop/web] Build failed`, `Re: [acme/web] Bump …`, `Cron <root@web1> …`: a robot's of a forge or of a machine.
    let value = value.strip_prefix(b"Re: ").unwrap_or(value);
    let tag = super::text::run(value, 1, 48, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.')
    });
    let tagged = value.first() == Some(&b'[') && tag >= 3 && value.get(1 + tag) == Some(&b']') && !is_personal(value);
    (told || tagged) && !value.contains(&b'@') || value.starts_with(b"Cron <")
}

/// Words by which people speak of themselves, in the languages of the marketplaces.
static SELVES: Listed = Listed::new(&[
    "i", "i'm", "i've", "me", "my", "mine", "ich", "mir", "mich", "mein", "meine", "meinem", "meinen", "meiner", "je",
    "j'ai", "j", "moi", "mon", "ma", "mes", "yo", "mi", "mis", "io", "mio", "mia", "miei", "ik", "mij", "mijn", "ja",
    "mnie", "mój", "moja", "moje", "jag", "mig", "min", "mitt", "mina", "jeg", "meg", "eu", "meu", "minha", "ben",
    "benim", "můj", "moji", "minä", "én", "мне", "мой", "моя", "моё", "меня", "мені", "мій", "wife", "husband", "son",
    "daughter", "mother", "father", "frau", "herr", "mann", "tochter", "sohn", "mutter", "vater", "mr", "mrs", "ms",
    "dr",
]);

/// Whether a word is one that shops write.
pub fn is_word(word: &[u8]) -> bool {
    WORDS.lists(word) != 0
}

/// Whether each word is one that shops write, a number of one of their things, or a short number.
pub fn is_boilerplate(value: &[u8]) -> bool {
    if value.len() > MAX_BYTES || value.len() < 3 {
        return false;
    }
    let (mut words, mut digits, mut last): (usize, bool, &[u8]) = (0, false, b"");
    for part in value.split(|byte| matches!(byte, b' ' | b'/' | b',')) {
        let word = bare(part);
        if word.is_empty() {
            continue;
        }
        if word.iter().any(u8::is_ascii_digit) {
            // `0176 555 0123`: digits beside digits are a telephone number.
            let code = is_code(word) || is_of_document(last, word);
            if !code && (digits || !is_short_number(word)) {
                return false;
            }
            digits = !code;
            continue;
        }
        (digits, last) = (false, word);
        let known = |word: &[u8]| {
            let compound = |at: usize| word.len() - at >= MIN_COMPOUND && WORDS.lists(&word[at..]) != 0;
            WORDS.lists(word) != 0
                || word.len() >= 2 * MIN_COMPOUND - 1 && word.is_ascii() && (3..word.len()).any(compound)
        };
        let parts = || word.split(|byte| matches!(byte, b'\'' | b'-' | b'.' | b'_' | b':'));
        if !(known(word) || parts().count() > 1 && parts().all(|part| part.is_empty() || known(part))) {
            return false;
        }
        words += 1;
    }
    words > 0
}

/// `DEFECTIVE`, `UNWANTED_ITEM`, `out_of_stock`, `Q7`: a constant of a program.
pub fn is_enumerated(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let marked = value.contains(&b'_');
    let plain = value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') && value.len() <= 48;
    let upper = !value.iter().any(u8::is_ascii_lowercase);
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    plain && letters >= 4 && digits == 0 && (upper || marked && !value.iter().any(u8::is_ascii_uppercase))
        || value.len() <= 4
            && matches!(value, [b'Q' | b'q', rest @ ..] if !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
}

/// Whether a text that people write elsewhere is a program's here: one of its constants, a number of an article, a
/// query of fields, or a few words of a list with a number of an order.
pub fn is_mechanical(value: &[u8]) -> bool {
    let one = !value.contains(&b' ');
    let automatic = [&b"auto-"[..], b"[auto", b"automatic", b"system:", b"[system", b"[bot"]
        .iter()
        .any(|start| value.get(..start.len()).is_some_and(|first| first.eq_ignore_ascii_case(start)));
    let short = || value.split(|byte| *byte == b' ').count() <= 3;
    automatic && !value.iter().any(|byte| matches!(byte, b'@' | b'+')) && !is_personal(value)
        || one
            && (is_code(value) && value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 5 || is_article(value))
        || one && value.len() >= 4 && value.iter().all(u8::is_ascii_uppercase) && WORDS.lists(value) != 0
        || is_field_query(value)
        || short() && value.split(|byte| *byte == b' ').any(|word| is_code(bare(word))) && is_boilerplate(value)
}

/// An article's number of thirteen digits with its check digit (GS1), or the marketplace's own.
fn is_article(value: &[u8]) -> bool {
    let sum = |value: &[u8]| {
        value
            .iter()
            .enumerate()
            .map(|(place, byte)| u32::from(byte - b'0') * if place % 2 == 0 { 1 } else { 3 })
            .sum::<u32>()
    };
    // Countries whose telephone numbers have thirteen digits with their code.
    let dialled = [&b"49"[..], b"55", b"86", b"62", b"52", b"54"].iter().any(|code| value.starts_with(code));
    !dialled
        && value.len() == 13
        && value.iter().all(u8::is_ascii_digit)
        && sum(value).is_multiple_of(10)
        && value[0] != b'0'
        || value.len() == 10
            && value.starts_with(b"B0")
            && value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `sku:KTC-4411`, `status:open assignee:none`: fields and what is asked of each, of which none is a person's.
fn is_field_query(value: &[u8]) -> bool {
    const ANYONES: [&[u8]; 12] = [
        b"sku",
        b"asin",
        b"ean",
        b"gtin",
        b"brand",
        b"status",
        b"state",
        b"category",
        b"type",
        b"warehouse",
        b"is",
        b"in",
    ];
    let mut fields = 0;
    for word in value.split(|byte| matches!(byte, b' ' | b'+')).filter(|word| !word.is_empty()) {
        if matches!(word, b"AND" | b"OR" | b"NOT") {
            continue;
        }
        let Some(colon) = word.iter().position(|byte| *byte == b':') else { return false };
        if !ANYONES.contains(&&word[..colon]) {
            return false;
        }
        fields += 1;
    }
    fields > 0
}

/// Whether somebody speaks of himself or his own, or names a person: such words are not a machine's.
pub fn is_personal(value: &[u8]) -> bool {
    is_of_self(value) || given::sounds_known(value)
}

/// The same in a text of machines as well: `I/O error`, `my_table is missing` are no person's.
pub fn speaks_of_self(value: &[u8]) -> bool {
    value.split(|byte| *byte == b' ').any(|word| SELVES.has(bare(word)))
}

/// Whether somebody speaks of himself or his own.
pub fn is_of_self(value: &[u8]) -> bool {
    value.split(|byte| !(byte.is_ascii_alphabetic() || *byte >= 0x80 || *byte == b'\'')).any(|word| SELVES.has(word))
}

/// Without the marks around it.
fn bare(word: &[u8]) -> &[u8] {
    let is_mark = |byte: &u8| {
        matches!(byte, b'.' | b',' | b':' | b';' | b'!' | b'?' | b'(' | b')' | b'"' | b'\'' | b'#' | b'[' | b']' | b'-')
    };
    let start = word.iter().position(|byte| !is_mark(byte)).unwrap_or(word.len());
    let end = word.iter().rposition(|byte| !is_mark(byte)).map_or(start, |last| last + 1);
    let word = &word[start..end];
    if ["–", "—", "…"].iter().any(|mark| word == mark.as_bytes()) { b"" } else { word }
}

/// `902-3159896-1390916`, `RMA802358`, `INV-2026-118`, `B0CXYZ1234`: capitals and digits, and no post code.
fn is_code(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = word.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    keep::order_id(word, 0) == Some(word.len())
        || letters >= 2
            && digits >= 4
            && word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'-')
            && !cell::is_postcode(word)
}

/// `Retoure 2391182`: the number of the document that the word before it names, which is not dialled.
fn is_of_document(last: &[u8], word: &[u8]) -> bool {
    is_document(last) && word.len() <= 24 && word[0] != b'0' && word.iter().all(u8::is_ascii_digit)
}

/// A count, a day, a share, a price.
fn is_short_number(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits <= MAX_DIGITS
        && word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'%' | b'-' | b':' | b'x'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_of_shops_are_nobodys() {
        for subject in [
            "Your order 902-3159896-1390916 has shipped",
            "Ihre Bestellung 88123 wurde versandt",
            "Votre commande 902-3159896-1390916 a été expédiée",
            "Twoje zamówienie zostało wysłane",
            "Reset your password",
            "Low stock alert: 12 items below threshold",
            "Good news! Your parcel is on the way",
            "Re: RMA802358 – Rückfrage",
            "Wrong size ordered",
            "Ihr Wunschartikel ist wieder verfügbar",
            "order.updated",
            "uszkodzona paleta",
        ] {
            assert!(is_boilerplate(subject.as_bytes()), "{subject}");
        }
        for subject in [
            "Where is my order",
            "Rückruf 0176 5550123",
            "Rückruf 01765550123",
            "Order for Jane Doe",
            "Jane, your order has shipped",
            "Bestellung von Brzęczek",
            "NW1 6XE",
            "12",
        ] {
            assert!(!is_boilerplate(subject.as_bytes()), "{subject}");
        }
    }

    #[test]
    fn constants_are_no_words() {
        for reason in ["DEFECTIVE", "UNWANTED_ITEM", "bad_otp", "Q7"] {
            assert!(is_enumerated(reason.as_bytes()), "{reason}");
        }
        for words in ["Jane", "broken", "Q", "K1A0B1", "jane_doe1", "Kaputt"] {
            assert!(!is_enumerated(words.as_bytes()), "{words}");
        }
    }
}
