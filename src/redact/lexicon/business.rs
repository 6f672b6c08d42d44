//! Keys of the business itself: its sites, whom it trades with, and its stock.

use std::sync::LazyLock;

use super::split;
use super::undigited;
use crate::redact::detect::words::Words;

/// Places of a business where nobody lives.
const SITES: &str = "site sites docks crossdocks fc dc depot depots warehouse warehouses hub hubs lager lagerort lagerstandort versandlager magazzino magazzini \
    deposito entrepot entrepots plateforme almacen almacenes bodega magazijn magazyn magazyny sklad raktar \
    depozit skladiste varasto terminaali ambar depo armazem sortcenter sortingcenter sortcentre verteilzentrum \
    logistikzentrum fulfillmentcenter fulfilmentcentre fulfillment fulfilment distributioncenter crossdock \
    terminal facility filiale filialen branch branches succursale sucursal oddzial filial facilities plant dock \
    yard склад 倉庫 仓库 مستودع";

/// Marks of a stock's records beside those of goods.
const STOCK: &str = "bestand bestandsmenge stock inventory onhand bin lot lotnumber charge chargennummer batch supplier \
    manufacturer hersteller lieferant fournisseur fabricant proveedor fabricante fornitore produttore \
    leverancier fabrikant dostawca producent leverantor tillverkare tedarikci uretici fornecedor brand marke \
    marque marca merk marka voorraad existencias giacenza estoque stan lagersaldo stok restock reorder shelf \
    pallet inbound asn";

/// An order, or whoever placed it.
const ORDERS: &str = "order orderid bestellung bestellnummer bestellnr auftrag auftragsnummer commande pedido ordine bestelling \
    zamowienie siparis encomenda rma return retoure refund ticket case buyer customer kunde client cliente klant \
    klient kund musteri user rating stars";

/// What somebody has to remark.
const REMARKS: &str = "note notes comment comments remark remarks memo bemerkung bemerkungen anmerkung anmerkungen notiz notizen \
    kommentar kommentare hinweis commentaire commentaires remarque remarques comentario comentarios \
    observaciones observacion nota notas commento commenti osservazioni opmerking opmerkingen notitie uwagi \
    komentarz notatka anteckning yorum not observacoes observacao reason grund";

/// Whom a business buys from, sells through and ships with.
const TRADE: &str = "shipper seller sellers vendor supplier suppliers merchant carrier exporter importer manufacturer hersteller \
    lieferant spediteur spedition frachtfuhrer haendler handler verkaeufer verkaufer fournisseur transporteur \
    vendeur fabricant proveedor transportista vendedor fabricante fornitore corriere venditore produttore \
    leverancier vervoerder verkoper dostawca przewoznik sprzedawca leverantor saljare tedarikci satici \
    fornecedor sender absender expediteur remitente mittente afzender nadawca avsandare gonderen remetente \
    shipfrom store shop issuer employer distributor agency forwarder broker manufacturername";

/// Keys that name people and firms alike.
const NAMES: &str =
    "name name1 name2 name3 nm nom nombre nome naam nazwa namn navn nimi isim nev nume partyname registrationname";

/// Why something was done.
const REASONS: &str = "reason reasons reasontext reasoncode returnreason returnreasontext cancelreason refundreason grund gruende rueckgabegrund \
    begruendung motif raison motivo causale causa reden powod anledning sebep arsag syy duvod motiv indok причина razlog";

/// What was sought.
const SEARCHES: &str = "q query search searchterm searchterms searchquery searchtext searchstring keyword keywords kw term phrase begriff suchwort stichwort mots palabra parola fraza zapytanie suche suchbegriff suchtext \
    recherche busqueda buscar ricerca zoekterm zoekopdracht szukaj wyszukiwanie sok sokord arama ara busca pesquisa hledat haku kereses cauta поиск 検索 搜索";

static WORDS: LazyLock<Words> =
    LazyLock::new(|| Words::new(&[SITES, STOCK, TRADE, NAMES, ORDERS, REMARKS, REASONS, SEARCHES]));

const SITE: u8 = 1;
const GOODS: u8 = 2;
const PARTNER: u8 = 4;
const NAME: u8 = 8;
const ORDER: u8 = 16;
const REMARK: u8 = 32;
const REASON: u8 = 64;
const SEARCH: u8 = 128;

/// Whether `word` is a site's.
pub(super) fn is_site(word: &str) -> bool {
    WORDS.lists(undigited(word).as_bytes()) & SITE != 0
}

/// Whether a word of `key` is a site of the business: what stands under it is where it works.
pub fn is_of_site(key: &[u8]) -> bool {
    business(key).has_site()
}

/// Whether `key` is one that records of stock have, and orders have not.
pub fn is_of_stock(key: &[u8]) -> bool {
    business(key).has_stock()
}

/// Whether a word of `key` is an order, or whoever placed it.
pub fn is_of_order(key: &[u8]) -> bool {
    business(key).has_order()
}

/// Whether `key` is a remark on what its record is about, and not what somebody searched for, asked or wished.
pub fn is_remark(key: &[u8]) -> bool {
    last_of(key, REMARK)
}

/// Whether `key` is of what a carrier's machines saw of a parcel.
pub fn is_of_scans(key: &[u8]) -> bool {
    matches!(
        split::last(key).joined(),
        "events"
            | "trackingevents"
            | "shipmentevents"
            | "scans"
            | "scan"
            | "scanevents"
            | "checkpoints"
            | "checkpoint"
            | "milestones"
            | "trackinghistory"
            | "activity"
            | "activities"
            | "trackingdetails"
            | "latestevent"
            | "scanevent"
            | "trackingevent"
    )
}

/// Whether `key` is why something was done, most often one of a list of reasons.
pub fn is_reason(key: &[u8]) -> bool {
    last_of(key, REASON)
}

/// Whether what `key` names logs in by a word: a user does, a profile or an origin is one of a list.
pub fn logs_in(key: &[u8]) -> bool {
    let words = split::last(key);
    words.len() == 0
        || !matches!(
            words.word(words.len() - 1),
            "child"
                | "parent"
                | "profile"
                | "party"
                | "origin"
                | "destination"
                | "business"
                | "firm"
                | "delivery"
                | "deliver"
                | "shipping"
                | "shipment"
                | "ship"
                | "billing"
                | "bill"
                | "invoice"
                | "home"
                | "first"
                | "last"
                | "full"
                | "display"
                | "legal"
                | "real"
                | "identity"
                | "partner"
                | "attention"
                | "entrega"
                | "livraison"
                | "lieferung"
                | "faktura"
                | "rechnung"
                | "factura"
        )
}

/// Whether `key` is what was sought.
pub fn is_search(key: &[u8]) -> bool {
    last_of(key, SEARCH)
}

/// Whether all words of `key` together, or the last one, are on the lists.
fn last_of(key: &[u8], lists: u8) -> bool {
    let words = split::last(key);
    let is = |word: &str| WORDS.lists(word.as_bytes()) & lists != 0;
    is(words.joined()) || words.len() > 0 && is(words.word(words.len() - 1))
}

/// Whether a key is one that messages and calls between two numbers have.
pub(super) fn is_of_message(words: &split::Words) -> bool {
    const KEYS: [&str; 22] = [
        "sid",
        "messagesid",
        "smssid",
        "smsmessagesid",
        "smsstatus",
        "callsid",
        "callstatus",
        "callduration",
        "nummedia",
        "numsegments",
        "segments",
        "mms",
        "sms",
        "dlr",
        "udh",
        "messagestatus",
        "messagetype",
        "accountsid",
        "messageuuid",
        "smsid",
        "messagebody",
        "body",
    ];
    KEYS.contains(&words.joined())
}

/// Whether a word of `key` is a trading partner of the business.
pub fn is_trading(key: &[u8]) -> bool {
    business(key).has_partner()
}

/// Whether `key` says that something has a name, and not what it is.
pub fn is_plain_name(key: &[u8]) -> bool {
    WORDS.lists(split::last(key).joined().as_bytes()) & NAME != 0
}

/// Parts of the business that a key speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Business(u8);

impl Business {
    /// Those that its words, or all of them together, are on the lists of.
    pub(super) fn of(words: &split::Words) -> Self {
        let lists = |word: &str| WORDS.lists(undigited(word).as_bytes());
        Self((0..words.len()).fold(lists(words.joined()), |all, index| all | lists(words.word(index))))
    }

    /// [`is_of_site`].
    pub const fn has_site(self) -> bool {
        self.0 & SITE != 0
    }

    /// [`is_of_stock`].
    pub const fn has_stock(self) -> bool {
        self.0 & (GOODS | SITE) != 0
    }

    /// [`is_of_order`].
    pub const fn has_order(self) -> bool {
        self.0 & ORDER != 0
    }

    /// [`is_trading`].
    pub const fn has_partner(self) -> bool {
        self.0 & (PARTNER | SITE) != 0
    }
}

fn business(key: &[u8]) -> Business {
    Business::of(&split::last(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_and_partners_are_known_by_a_word() {
        for key in ["depot", "pickupDepot", "warehouse_city", "lagerort", "hub2", "magazyn_miasto"] {
            assert!(is_of_site(key.as_bytes()), "{key}");
        }
        for key in ["city", "ship_city", "hubspot_id", "delivery", "home"] {
            assert!(!is_of_site(key.as_bytes()), "{key}");
        }
        for key in ["shipper", "supplierName", "vendor_name"] {
            assert!(is_trading(key.as_bytes()), "{key}");
        }
        for key in ["buyer", "consignee", "company"] {
            assert!(!is_trading(key.as_bytes()), "{key}");
        }
        assert!(is_plain_name(b"name1") && is_plain_name(b"Nm") && !is_plain_name(b"companyName"));
    }
}
