//! Names that are a brand's or an article's, and words of sentences about goods.

use super::firms::is_made_by;
use super::text::{Listed, at, before, has_word_before, run, run_back};
use crate::redact::lexicon;
use crate::redact::lexicon::goods::IN_SENTENCES;

/// Whether the words around speak of goods and not of somebody's.
pub fn is_of_goods(text: &[u8], from: usize, end: usize) -> bool {
    let reach = text.len().min(end + 40);
    is_made_by(text, from)
        || has_word_before(text, end, end - from, &IN_SENTENCES)
        || has_word_before(text, from, 40, &IN_SENTENCES)
        || has_word_before(text, reach, reach - end, &IN_SENTENCES)
}

/// Things that a shop sells, and names by the hundred: `Chair "Charles Eames"`, `Wine "Don Simon"`.
static ARTICLES: Listed = Listed::new(&[
    "chair",
    "lamp",
    "table",
    "desk",
    "sofa",
    "bed",
    "pan",
    "pot",
    "knife",
    "watch",
    "bag",
    "dress",
    "boots",
    "shoe",
    "shoes",
    "jeans",
    "jacket",
    "coat",
    "shirt",
    "tent",
    "bike",
    "wine",
    "whisky",
    "beer",
    "tea",
    "coffee",
    "cake",
    "perfume",
    "book",
    "movie",
    "film",
    "game",
    "toy",
    "doll",
    "guitar",
    "fabric",
    "colour",
    "color",
    "paint",
    "rose",
    "apple",
    "tomato",
    "ring",
    "necklace",
    "playlist",
    "album",
    "poster",
    "puzzle",
    "mug",
    "model",
    "stuhl",
    "lampe",
    "tisch",
    "kleid",
    "stiefel",
    "schuh",
    "schuhe",
    "jacke",
    "hose",
    "wein",
    "uhr",
    "tasche",
    "buch",
    "farbe",
    "chaise",
    "robe",
    "montre",
    "livre",
    "vin",
    "silla",
    "vestido",
    "reloj",
    "libro",
    "vino",
    "sedia",
    "divano",
    "vestito",
    "orologio",
    "lampada",
    "stoel",
    "jurk",
    "horloge",
    "boek",
    "wijn",
    "sukienka",
    "zegarek",
    "klänning",
    "kjole",
    "stol",
    "tuoli",
]);

/// Shops, which are called after the place where they are.
static SHOPS: Listed = Listed::new(&[
    "store",
    "shop",
    "tienda",
    "magasin",
    "boutique",
    "negozio",
    "winkel",
    "sklep",
    "butik",
    "butikk",
    "mağaza",
    "Mağaza",
    "loja",
    "prodejna",
    "magazin",
    "myymälä",
    "Geschäft",
    "geschäft",
    "filial",
]);

/// Whether a word is a shop or a site, after which the place stands where it is.
pub fn is_shop(word: &[u8]) -> bool {
    SHOPS.has(word) || lexicon::is_of_site(word)
}

/// Whether what begins at `from` is quoted, and the word before the quote is a thing that shops sell.
pub fn is_article(text: &[u8], from: usize) -> bool {
    let quoted = matches!(before(text, from), b'"' | b'\'');
    let end = from.saturating_sub(2);
    if !quoted || before(text, from - 1) != b' ' {
        return false;
    }
    let word = &text[end - run_back(text, end, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80)..end];
    ARTICLES.has(word)
}

/// Whether a volume or a length stands behind the words that end at `end`: `Jules Verne 75 ml`. What a parcel weighs
/// stands behind its receiver, too.
pub fn is_measured(text: &[u8], end: usize) -> bool {
    if at(text, end) != b' ' || !at(text, end + 1).is_ascii_digit() {
        return false;
    }
    let number = run(text, end + 1, 8, |byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'x'));
    let unit = end + 1 + number + usize::from(at(text, end + 1 + number) == b' ');
    let length = run(text, unit, 4, |byte| byte.is_ascii_alphabetic());
    matches!(&text[unit..unit + length], b"ml" | b"cl" | b"l" | b"mm" | b"cm")
}

/// Names of firms and goods that are somebody's as well.
const BRANDS: [&str; 159] = [
    "Hugo Boss",
    "Jean Paul Gaultier",
    "Benjamin Moore",
    "Paul Mitchell",
    "Yves Rocher",
    "Yves Saint Laurent",
    "Olivia Garden",
    "Marie Curie",
    "Tommy Hilfiger",
    "Calvin Klein",
    "Ralph Lauren",
    "Jack Daniel",
    "Jack Wolfskin",
    "Johnnie Walker",
    "Mary Kay",
    "Levi Strauss",
    "Louis Vuitton",
    "Christian Dior",
    "Giorgio Armani",
    "Emporio Armani",
    "Carolina Herrera",
    "Paco Rabanne",
    "Thomas Sabo",
    "Michael Kors",
    "Karl Lagerfeld",
    "Marc Jacobs",
    "Kate Spade",
    "Jimmy Choo",
    "Donna Karan",
    "Elizabeth Arden",
    "Helena Rubinstein",
    "Bobbi Brown",
    "Charlotte Tilbury",
    "Jo Malone",
    "Harry Potter",
    "Max Mara",
    "Philipp Plein",
    "Pierre Cardin",
    "Sally Hansen",
    "Betty Crocker",
    "Ben Sherman",
    "Fred Perry",
    "Tom Ford",
    "Tom Tailor",
    "Herman Miller",
    "Jamie Oliver",
    "Gordon Ramsay",
    "Thomas Henry",
    "Victoria Beckham",
    "Victoria Secret",
    "Ariana Grande",
    "Michael Jordan",
    "Albert Einstein",
    "Vincent van Gogh",
    "Gustav Klimt",
    "Frida Kahlo",
    "Leonardo da Vinci",
    "Claude Monet",
    "Nikola Tesla",
    "Dr Martens",
    "Martens",
    "Oetker",
    "Pepper",
    "Clean",
    "Georg Jensen",
    "Laura Ashley",
    "Stella McCartney",
    "Caran Ache",
    "Paul Hewitt",
    "Peter Kaiser",
    "Otto Kern",
    "Marc O'Polo",
    "Marco Polo",
    "Marco Tozzi",
    "Daniel Wellington",
    "Tory Burch",
    "Kurt Geiger",
    "Ted Baker",
    "Paul Smith",
    "Alexander McQueen",
    "Vivienne Westwood",
    "Henry Hoover",
    "Johanna Basford",
    "Emma Matratze",
    "Katy Perry",
    "Oscar de la Renta",
    "Roberto Cavalli",
    "Jil Sander",
    "Bruno Banani",
    "Betty Barclay",
    "Gerry Weber",
    "Gino Rossi",
    "Franck Muller",
    "Maurice Lacroix",
    "Guy Laroche",
    "Nina Ricci",
    "Lolita Lempicka",
    "Issey Miyake",
    "Elie Saab",
    "Narciso Rodriguez",
    "Salvatore Ferragamo",
    "Ermenegildo Zegna",
    "Sergio Tacchini",
    "Robert Bosch",
    "Emily Bridgewater",
    "Miller Harris",
    "Clive Christian",
    "Francis Kurkdjian",
    "Serge Lutens",
    "Annick Goutal",
    "Estee Lauder",
    "Joe Browns",
    "James Perse",
    "John Deere",
    "John Frieda",
    "Johnny Cupcakes",
    "Anastasia Beverly",
    "Rupert Sanderson",
    "Stuart Weitzman",
    "Steve Madden",
    "Sam Edelman",
    "Cole Haan",
    "Eddie Bauer",
    "Liz Claiborne",
    "Perry Ellis",
    "Kenneth Cole",
    "Anne Klein",
    "Alice Olivia",
    "Diane von Furstenberg",
    "Nicole Farhi",
    "Agnes B",
    "Sandro Ferrone",
    "Carlo Colucci",
    "Luis Trenker",
    "Hans Grohe",
    "Jakob Jensen",
    "Jacob Jensen",
    "Arne Jacobsen",
    "Charles Eames",
    "Eva Solo",
    "Robert Welch",
    "Joseph Joseph",
    "Sophie Allport",
    "Emma Bridgewater",
    "Cath Kidston",
    "Orla Kiely",
    "William Morris",
    "Beatrix Potter",
    "Peter Rabbit",
    "Thomas Cook",
    "Mark Levinson",
    "Harman Kardon",
    "Ernie Ball",
    "Paul Reed",
    "Les Paul",
    "Oliver Peoples",
    "Tom Wood",
    "Pat McGrath",
    "Lise Watier",
];

/// Whether the words that begin at `from`, or the quoted text in which they stand, begin with a brand.
pub fn is_quoted_brand(text: &[u8], from: usize) -> bool {
    let lead = run_back(text, from, 40, |byte| byte >= b' ' && !matches!(byte, b'"' | b'\''));
    is_brand(&text[from..]) || matches!(before(text, from - lead), b'"' | b'\'') && is_brand(&text[from - lead..])
}

pub fn is_brand(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_uppercase)
        && BRANDS.iter().any(|brand| brand.as_bytes()[0] == name[0] && name.starts_with(brand.as_bytes()))
}

/// `paul hewitt`: a brand as people type it.
pub fn is_sought(said: &[u8]) -> bool {
    let small = !said.iter().any(u8::is_ascii_uppercase);
    small
        && BRANDS.iter().any(|brand| {
            brand.contains(' ')
                && said.get(..brand.len()).is_some_and(|first| first.eq_ignore_ascii_case(brand.as_bytes()))
                && matches!(said.get(brand.len()), None | Some(b' '))
        })
}

/// Whether a search's words are for goods: a brand, or a measure of them.
pub fn is_goods(said: &[u8]) -> bool {
    const UNITS: [&[u8]; 18] = [
        b"ml", b"l", b"cl", b"g", b"kg", b"cm", b"mm", b"inch", b"zoll", b"gb", b"tb", b"mah", b"w", b"watt", b"pack",
        b"pcs", b"oz", b"er",
    ];
    let words = || said.split(|byte| *byte == b' ');
    let is_number =
        |word: &[u8]| !word.is_empty() && word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let measured = words()
        .zip(words().skip(1))
        .any(|(number, unit)| is_number(number) && UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known)));
    is_brand(said) || is_sought(said) || measured
}
