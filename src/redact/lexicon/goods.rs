//! Words of goods: in the keys of articles, and in sentences, where a name beside them is a brand's.

use crate::redact::detect::text::Listed;

/// Words of the keys of articles.
pub static IN_KEYS: Listed = Listed::new(&joined::<70>(&ANYWHERE, &KEYS));
/// Words of a sentence about goods.
pub static IN_SENTENCES: Listed = Listed::new(&joined::<110>(&joined::<29>(&ANYWHERE, &ARTICLES), &SENTENCES));
/// Words after which an article is called by its name.
pub static BEFORE_NAMES: Listed = Listed::new(&joined::<10>(&ARTICLES, &["item"]));

/// Two lists as one of `N` words.
const fn joined<const N: usize>(one: &[&'static str], two: &[&'static str]) -> [&'static str; N] {
    assert!(one.len() + two.len() == N, "the length of the two");
    let mut words = [""; N];
    let mut index = 0;
    while index < N {
        words[index] = if index < one.len() { one[index] } else { two[index - one.len()] };
        index += 1;
    }
    words
}

/// Words of both.
const ANYWHERE: [&str; 20] = [
    "ean",
    "sku",
    "asin",
    "gtin",
    "isbn",
    "stock",
    "bestand",
    "preis",
    "prix",
    "precio",
    "prezzo",
    "prijs",
    "cena",
    "price",
    "buybox",
    "inventory",
    "brand",
    "marke",
    "marque",
    "marca",
];

/// Those that only keys have.
const KEYS: [&str; 50] = [
    "skus",
    "fnsku",
    "upc",
    "mpn",
    "barcode",
    "unitprice",
    "msrp",
    "rrp",
    "pris",
    "fiyat",
    "preco",
    "qty",
    "quantity",
    "menge",
    "quantite",
    "cantidad",
    "quantita",
    "aantal",
    "ilosc",
    "antal",
    "merk",
    "manufacturer",
    "hersteller",
    "vendor",
    "variant",
    "variants",
    "artikelnummer",
    "artikelnr",
    "artnr",
    "productid",
    "itemid",
    "variantid",
    "producttype",
    "category",
    "colour",
    "color",
    "hsn",
    "hscode",
    "taric",
    "condition",
    "slug",
    "bestandsmenge",
    "warengruppe",
    "артикул",
    "товар",
    "цена",
    "бренд",
    "mnozstvi",
    "cikkszam",
    "tuotenumero",
];

/// What a shop sells, in a sentence.
const ARTICLES: [&str; 9] =
    ["artikel", "article", "artículo", "articolo", "produkt", "product", "produit", "producto", "prodotto"];

/// Those that only sentences have: in a key they say less.
const SENTENCES: [&str; 81] = [
    "stk",
    "stück",
    "szt",
    "pcs",
    "units",
    "unités",
    "unidades",
    "unità",
    "lager",
    "lagerbestand",
    "ausverkauft",
    "restock",
    "réassort",
    "réapprovisionnement",
    "repricer",
    "repriced",
    "titel",
    "title",
    "listing",
    "listings",
    "poster",
    "edition",
    "ml",
    "nachbestellt",
    "catalog",
    "catalogue",
    "katalog",
    "inventaire",
    "inventario",
    "magazzino",
    "almacén",
    "entrepôt",
    "rupture",
    "agotado",
    "esaurito",
    "uitverkocht",
    "voorraad",
    "magazyn",
    "variante",
    "stuks",
    "sztuk",
    "kpl",
    "kusů",
    "darab",
    "adet",
    "unidade",
    "buc",
    "шт",
    "τεμάχια",
    "tuote",
    "tuotetta",
    "vare",
    "varen",
    "vara",
    "zboží",
    "termék",
    "produs",
    "ürün",
    "товар",
    "товара",
    "προϊόν",
    "catálogo",
    "catalogo",
    "catalogus",
    "luettelo",
    "katalógus",
    "κατάλογος",
    "каталог",
    "montre",
    "lampada",
    "pagina",
    "seo",
    "campaign",
    "adgroup",
    "keyword",
    "Товар",
    "Товара",
    "Каталог",
    "Κατάλογος",
    "Προϊόν",
    "Ürün",
];
