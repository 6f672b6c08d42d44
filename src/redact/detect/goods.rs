//! Names that are a brand's or an article's, and words of sentences about goods.

use super::firms::is_made_by;
use super::text::has_word_before;
use crate::redact::lexicon::goods::IN_SENTENCES;

/// Whether the words around speak of goods and not of somebody's.
pub fn is_of_goods(text: &[u8], from: usize, end: usize) -> bool {
    let reach = text.len().min(end + 40);
    is_made_by(text, from)
        || has_word_before(text, end, end - from, &IN_SENTENCES)
        || has_word_before(text, from, 40, &IN_SENTENCES)
        || has_word_before(text, reach, reach - end, &IN_SENTENCES)
}

/// Names of firms and goods that are somebody's as well.
const BRANDS: [&str; 68] = [
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
];

pub fn is_brand(name: &[u8]) -> bool {
    BRANDS.iter().any(|brand| name.starts_with(brand.as_bytes()))
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
    is_brand(said) || measured
}
