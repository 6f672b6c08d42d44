//! Words of streets, and of what stands beside their numbers, in the languages of the marketplaces and their neighbours.

use std::sync::LazyLock;

use super::names::{begins_small, is_script};
use super::text::{at, before, run, run_back};
use super::words::Words;

/// On the list of [`LEADING`].
pub const LEAD: u8 = 1;
/// On that of [`TRAILING`].
pub const TRAIL: u8 = 2;
/// On that of [`NUMBERED`].
pub const NUMBER: u8 = 4;
/// On that of [`WEAK`].
pub const MAY: u8 = 8;
/// On that of [`FRENCH`].
pub const FRANCE: u8 = 16;
/// On that of [`PARTICLES`].
pub const SMALL: u8 = 32;
/// On that of [`UNITS`].
pub const UNIT: u8 = 64;

/// The lists that a word is on.
pub static WORDS: LazyLock<Words> =
    LazyLock::new(|| Words::new(&[LEADING, TRAILING, NUMBERED, WEAK, FRENCH, PARTICLES, UNITS]));

/// Words that stand before a street's name.
pub const LEADING: &str = "pasaje passatge passeig praia beco ladeira sítio quinta urb urbanizacion ctra straße strasse πλατεία λεωφ λ. ж.к жк бул площада zum zur auf hinter unter beim bei unterm obere untere quadra calle c/ avenue boulevard avenida avda avd av paseo plaza carrer carretera ronda camino travesía glorieta via viale v.le piazza \
    piazzale p.zza corso largo vicolo strada rua travessa alameda praça estrada rodovia rue quai chemin allée impasse \
    ulica ul aleja al aleje os osiedle plac pl rynek ул улица пр пр-т viela vereda loteamento núcleo recanto trecho viaduto chácara condomínio esplanada проспект пер переулок бульвар наб пл площадь ш шоссе шосе вул вулиця просп провулок набережна набережная майдан узвіз bd bulevardul bdul calea aleea soseaua \
    şoseaua blvd carrera diagonal transversal prol privada cerrada calzada circuito andador rambla urbanización jl jalan jln đường ngõ nám \
    náměstí třída trg lungotevere stradă contrada salita piazzetta οδός λεωφόρος postfach apartado box شارع طريق am an im \
    borgo borghetto calata circonvallazione discesa erta fondamenta gradinata incrocio larghetto litoranea lungomare \
    lungolago lungarno lungadige passeggiata prolungamento rotonda rotatoria scalinata sdrucciolo sestiere slargo \
    sottoportego stradella stretto stretta supportico traversa vicoletto viottolo ramo \
    acera arrabal autovía bajada baixada barriada bulevar callejón callejon cañada caserío costanilla cuesta explanada \
    jardines kalea paraje pasadizo plazuela plazoleta plaça pujada riera rúa senda sendero travessera urbanización \
    vereda vial vía \
    azinhaga calçada calçadinha escadinhas largueta passeio praceta quelha rotunda servidão viela";
/// Words that stand after it, with the number behind them.
pub const TRAILING: &str = "u sk mah mahallesi blv bulv bulvārī prospektas prospektā pr g plentas alėja aleja gatvės gatve ielā šoseja sokağı ulica cesta nábřeží náměstí tér tere fasor sétány dűlő köz sor park rakpart sugárút puistotie пр пр-т проспект ул улица пер наб ш straße strasse str allee platz gasse weg straat laan plein gracht gatan väg vägen cadde caddesi cad \
    sokak sokağı sok bulvarı bulvar utca út útja tér körút köz gata gaten gate gade vei veien vej katu kuja gatvė iela tänav puiestee ulice";
/// Words that stand after it, with the number before it.
pub const NUMBERED: &str = "street st road rd avenue ave boulevard blvd lane ln terrace crescent parkway pkwy marg salai मार्ग रोड गली \
    सड़क चौक";
/// The same, which are other things as well: a place, a unit or the line's end must follow.
pub const WEAK: &str = "drive dr way court ct place pl square sq close grove row hill walk gardens highway hwy nagar colony croft mews lodge heights circle cir ter trail loop ridge quay parade esplanade vale rise estate";
/// Words before a name that stand behind the number: `14 rue de la République`.
pub const FRENCH: &str = "venelle sentier hameau lotissement résidence ruelle esplanade montée faubourg voie cité clos mail sente traverse promenade rond-point parvis rue avenue boulevard place quai chemin allée impasse cours square passage route av bd \
    allées berge carrefour carré chaussée cour descente domaine drève esplanades galerie mails passerelle placette \
    porte quartier raccourci rocade ruelles sentiers square venelles villa villas voirie";
/// Small words of names of streets.
pub const PARTICLES: &str = "de la le les du des di del della dello dei dos da do das van der den 't of the y e el los las d' in zum zur \
    alten großen kleinen";
/// Words before a part of a building.
pub const UNITS: &str = "og eg ug dg piano к г d: ет вх ап бл етаж вход butas but dz ajtó em fszt όροφος st km apt apartment suite ste unit flat floor fl room rm m lok lokal daire d kat piso puerta planta esc app appt étage \
    int interno scala apto bloco casa andar sala bus top stiege whg esq dto izq dcha izda dcha n nw ne sw s w lgh hs huis bus bât bat bâtiment résidence ap ap. apto. depto of oficina torre blk block wing villa lot tv th mf sal stuen кв квартира корп корпус дом оф офис подъезд этаж em emelet ajtó bst as wohnung lejlighed plot bajo entresuelo ático izq dcho fte frente cave rés \
    appartamento apartamento appartement departamento vivienda portal edificio palazzina lote fração interfono";

/// Ends of words that are names of streets, the number behind them.
pub const ENDS: [&str; 55] = [
    "straße",
    "strasse",
    "str.",
    "straat",
    "laan",
    "gatan",
    "vägen",
    "weg",
    "allee",
    "gasse",
    "damm",
    "ufer",
    "gracht",
    "plein",
    "singel",
    "vej",
    "caddesi",
    "gata",
    "gaten",
    "gade",
    "vegen",
    "veien",
    "vei",
    "stræde",
    "gränd",
    "stigen",
    "stien",
    "katu",
    "kuja",
    "polku",
    "chaussee",
    "promenade",
    "pfad",
    "graben",
    "stieg",
    "dijk",
    "steeg",
    "dreef",
    "utca",
    "gatvė",
    "allé",
    "boulevarden",
    "bulevarden",
    "vænget",
    "parken",
    "torvet",
    "bakken",
    "haven",
    "plassen",
    "torget",
    "platsen",
    "kroken",
    "puisto",
    "ranta",
    "rinne",
];
/// The same, which other words have too (`Stellplatz 12`, `Substr 5`): a place must follow.
pub const WEAK_ENDS: [&str; 12] =
    ["platz", "str", "kade", "ring", "hof", "markt", "berg", "feld", "pad", "tie", "tänav", "park"];

/// A word with its bounds, marks at its end aside.
#[derive(Clone, Copy)]
pub struct Word {
    /// First byte.
    pub start: usize,
    /// After the last byte.
    pub end: usize,
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'\'' | b'-' | b'.' | b'/')
}

impl Word {
    /// The word that ends at `end`.
    pub fn before(text: &[u8], end: usize) -> Option<Self> {
        let start = end - run_back(text, end, 32, is_letter);
        let inner =
            !matches!(before(text, start), b'_' | b'=' | b'@' | b'\\' | b'$') && !before(text, start).is_ascii_digit();
        (start < end && inner).then_some(Self { start, end })
    }

    /// The word that begins at `start`.
    pub fn after(text: &[u8], start: usize) -> Option<Self> {
        let length = run(text, start, 32, |byte| is_letter(byte) && byte != b'/');
        let end = start + length;
        let end = end - run_back(text, end, 1, |byte| byte == b'.' || byte == b'-');
        let code = matches!(at(text, end), b'_' | b'=' | b'@' | b'(' | b'\\') || at(text, end).is_ascii_digit();
        (start < end && !code).then_some(Self { start, end })
    }

    /// Its bytes.
    pub fn text(self, text: &[u8]) -> &[u8] {
        &text[self.start..self.end]
    }

    /// Lists that it is on, with or without its dot.
    pub fn lists(self, text: &[u8]) -> u8 {
        let word = self.text(text);
        WORDS.lists(word) | word.strip_suffix(b".").map_or(0, |word| WORDS.lists(word))
    }

    /// Whether it is written as a name.
    pub fn is_name(self, text: &[u8]) -> bool {
        let word = self.text(text);
        word[0].is_ascii_uppercase() && (word.len() > 1 || at(text, self.end) == b'.' || at(text, self.end) == b' ')
            || word[0] >= 0x80 && is_script(word) && !begins_small(word)
            // `l'Église`
            || matches!(word, [b'l' | b'd' | b'L' | b'D', b'\'', next, ..] if next.is_ascii_uppercase() || *next >= 0x80)
    }

    /// `Lindenstraße`, `Kerkstraat`: a street's name in one word.
    pub fn is_street(self, text: &[u8], ends: &[&str]) -> bool {
        let word = self.text(text);
        let ends_in = |end: &&str| {
            let from = word.len().saturating_sub(end.len());
            from > 2 && word[from..].eq_ignore_ascii_case(end.as_bytes())
        };
        self.is_name(text) && word.len() >= 6 && ends.iter().any(ends_in)
    }
}
