//! Detectors: what a datum looks like, wherever it stands. Each is one row of [`TABLE`]; a trigger finds places cheaply,
//! a validator of the row judges each.

mod address;
mod agent;
mod card;
mod email;
mod geo;
pub(super) mod keep;
mod literals;
pub(super) mod names;
pub(super) mod phone;
pub(super) mod postal;
mod secret;
mod tax;
pub(super) mod text;
mod words;

#[cfg(test)]
mod tests;

use super::Kind;

pub(super) use address::is_private;
pub(super) use literals::{Literal, Literals};

/// Where a validator is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// At `@`, plain or full-width.
    At,
    /// At the first digit of a run.
    Digit,
    /// At a colon.
    Colon,
    /// At a dash or colon between pairs of hexadecimal digits.
    Pair,
    /// At a capital, or a letter beyond ASCII, after a space or an opening mark.
    Capital,
    /// At one of some texts.
    Literal(&'static [&'static str]),
}

impl Trigger {
    /// Where rows with this trigger are kept; `None` for texts.
    #[inline]
    pub const fn place(self) -> Option<usize> {
        match self {
            Self::At => Some(0),
            Self::Digit => Some(1),
            Self::Colon => Some(2),
            Self::Pair => Some(3),
            Self::Capital => Some(4),
            Self::Literal(_) => None,
        }
    }
}

/// A validator: the text and the trigger's place give a span.
type Find = fn(&[u8], usize) -> Option<(usize, usize)>;

/// One detector.
pub struct Detector {
    /// For people.
    pub name: &'static str,
    /// What it finds.
    pub kind: Kind,
    /// Where it looks.
    pub trigger: Trigger,
    /// What it asks there.
    pub find: Find,
    /// Whether the shape proves what was found; else a key that an operator needs keeps it out.
    pub proves: bool,
    /// Texts in which it finds what stands between `⟦` and `⟧`.
    pub hits: &'static [&'static str],
    /// Texts in which it finds nothing.
    pub misses: &'static [&'static str],
}

const fn row(
    name: &'static str,
    kind: Kind,
    trigger: Trigger,
    find: Find,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Detector {
    Detector { name, kind, trigger, find, proves: true, hits, misses }
}

const fn guess(
    name: &'static str,
    kind: Kind,
    trigger: Trigger,
    find: Find,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Detector {
    Detector { name, kind, trigger, find, proves: false, hits, misses }
}

/// All detectors. Of those with one trigger the first that finds something decides.
pub const TABLE: [Detector; 27] = [
    row(
        "e-mail address",
        Kind::Email,
        Trigger::At,
        email::find,
        &[
            "to ⟦jane.doe+x@mail.example.co.uk⟧, ok",
            "name='⟦o''brien@example.com⟧'",
            "<⟦jürgen@bücher.example⟧>",
            "⟦田中@例え.jp⟧ logged in",
            "a=⟦b@xn--bcher-kva.example⟧&c",
            "⟦jane＠example.org⟧",
            "see ⟦jane@example.com⟧.",
            "['⟦a.b@example.com⟧','x']",
            "⟦\"jane doe\"@example.com⟧",
            "⟦root@[203.0.113.9]⟧",
        ],
        &[
            "lodash@4.17.21",
            "git@github.com:acme/x.git",
            "app@sha256:abc",
            "Obj@1a2b3c",
            "@types/node@20.1.0",
            "a @ b.c",
            "@home",
        ],
    ),
    row(
        "IBAN",
        Kind::Account,
        Trigger::Digit,
        card::iban,
        &["to ⟦DE89 3704 0044 0532 0130 00⟧ now", "iban=⟦gb33bukb20201555555555⟧", "⟦NL91-ABNA-0417-1643-00⟧"],
        &["DE89 3704 0044 0532 0130 01", "XX89370400440532013000", "SKUDE89370400440532013000"],
    ),
    row(
        "card number",
        Kind::Card,
        Trigger::Digit,
        card::card,
        &[
            "card ⟦4111 1111 1111 1111⟧ declined",
            "⟦378282246310005⟧",
            "pan=⟦5555-5555-5555-4444⟧,",
            "⟦6011111111111117⟧ 3",
        ],
        &[
            "4111 1111 1111 1112",
            "0.4111111111111111",
            "9412627132694182",
            "4111111111111111.5",
            "trace4111111111111111",
            "1234567",
        ],
    ),
    row(
        "CPF or CNPJ",
        Kind::Tax,
        Trigger::Digit,
        tax::brazil,
        &["cpf ⟦529.982.247-25⟧", "⟦11.222.333/0001-81⟧"],
        &["529.982.247-26", "11.222.333/0001-82"],
    ),
    row(
        "codice fiscale",
        Kind::Tax,
        Trigger::Digit,
        tax::italy,
        &["CF ⟦RSSMRA85T10A562S⟧"],
        &["RSSMRA85T10A562T", "ABCDEF12G34H567I"],
    ),
    row(
        "GSTIN or PAN",
        Kind::Tax,
        Trigger::Digit,
        tax::india,
        &["⟦27AAPFU0939F1ZV⟧", "pan ⟦ABCPE1234F⟧"],
        &["27AAPFU0939F1ZW", "ABCDE1234F"],
    ),
    row(
        "DNI or NIE",
        Kind::Identity,
        Trigger::Digit,
        tax::spain,
        &["dni ⟦12345678Z⟧", "⟦X1234567L⟧"],
        &["12345678A", "112345678Z", "sku-12345678Z"],
    ),
    row(
        "national insurance number",
        Kind::Identity,
        Trigger::Digit,
        tax::national_insurance,
        &["nino ⟦AB123456C⟧"],
        &["DA123456C", "AB123456E", "XAB123456C"],
    ),
    guess(
        "social security number",
        Kind::Identity,
        Trigger::Digit,
        tax::social_security,
        &["ssn ⟦123-45-6789⟧."],
        &["000-45-6789", "666-45-6789", "123-45-67890", "1-123-45-6789"],
    ),
    row(
        "IPv4 address",
        Kind::Address,
        Trigger::Digit,
        address::v4,
        &[
            "from ⟦203.0.113.9⟧:8080",
            "ip=⟦8.8.8.8⟧,",
            "::ffff:⟦203.0.113.9⟧",
            "http://⟦203.0.113.9⟧/x",
            "peer ⟦203.0.113.9⟧/32",
        ],
        &[
            "v1.2.3.4",
            "version 7.52.1.3",
            "Chrome/19.0.895.0",
            "203.0.113.0/24",
            "1.2.3.4.5",
            "1.2.3",
            "fw=4.12.3.29",
            "300.1.1.1",
        ],
    ),
    row(
        "position",
        Kind::Geo,
        Trigger::Digit,
        geo::pair,
        &["at ⟦52.520008,13.404954⟧", "ll=⟦-33.86880, 151.20930⟧"],
        &["52.52,13.40", "100.12345,200.12345", "1.23456 2.34567"],
    ),
    row(
        "telephone number with a country's code",
        Kind::Phone,
        Trigger::Digit,
        phone::international,
        &[
            "at ⟦+49 176 5550 1234⟧ now",
            "⟦+1 206-555-0135 ext. 54910⟧ about",
            "⟦+44(0)116 496 0682⟧",
            "+x ⟦+4915078918605⟧,",
        ],
        &["+0000", "a+49 176 5550 1234", "+12", "2026-11-14T15:18:00+02:00", "0.0049123456789"],
    ),
    guess(
        "telephone number",
        Kind::Phone,
        Trigger::Digit,
        phone::national,
        &[
            "⟦(206) 555-0100⟧",
            "call ⟦2065550100⟧",
            "⟦503.555.2710⟧ ok",
            "⟦06 24 08 80 51⟧",
            "⟦080-8650-6172⟧",
            "⟦0044 20 7946 0018⟧",
            "⟦(31) 95486-4958⟧",
        ],
        &[
            "028-0340236-1234567",
            "2026-11-14 15:18:00",
            "1763923967121",
            "took 1234567 ms",
            "10.0.0.1",
            "+0000",
            "9400113623423563757011",
            "6f253ba5-8017-4066-9549-123456789012",
            "1.234.567,89",
            "200 1532 0.123",
        ],
    ),
    row(
        "IPv6 address",
        Kind::Address,
        Trigger::Colon,
        address::v6,
        &[
            "from ⟦2001:db8::1⟧ port",
            "[⟦2001:db8:1:2:3:4:5:6⟧]:443",
            "⟦::ffff:203.0.113.9⟧",
            "ip:⟦2001:db8::8c3b:defb⟧,",
        ],
        &["std::fmt", "10:15:01", "a::b", "::", "00:1b:44:11:3a:b7", "key::value", "x=1:2"],
    ),
    row(
        "hardware address",
        Kind::Device,
        Trigger::Pair,
        address::mac,
        &["mac ⟦00:1b:44:11:3a:b7⟧.", "⟦00-1B-44-11-3A-B7⟧"],
        &["00:1b:44:11:3a", "00:1b:44:11:3a:b7:00", "10:15:01", "00-1b:44-11-3a-b7"],
    ),
    guess(
        "name after a title, a role or an act",
        Kind::Name,
        Trigger::Capital,
        names::find,
        &[
            "Buyer ⟦Alfredo Manzoni⟧ requested",
            "Dear ⟦Mr. John O'Neill⟧, your",
            "for customer ⟦Yasmine van de Ven⟧ now",
            "buyer ⟦斎藤 康弘⟧ requested",
            "delivered to ⟦Maria Lopez⟧ at",
            "Frau ⟦Müller⟧ rief an",
        ],
        &[
            "Customer Service called",
            "Buyer ID missing",
            "BuyerService Started Fine",
            "delivered to Queue now",
            "com.acme.Buyer Manager",
        ],
    ),
    guess(
        "name with letters beyond ASCII",
        Kind::Name,
        Trigger::Capital,
        names::foreign,
        &["note: ⟦Niccolò Bevilacqua⟧ rang", "(71, ⟦Świętosława Kołodziejczyk⟧, x)", "for ⟦विक्रम चौधरी⟧ now"],
        &["Größe geändert", "→ Next Step", "Jane Doe called", "ログ 出力"],
    ),
    row(
        "name before a title",
        Kind::Name,
        Trigger::Literal(&["様", "さん", "さま", "先生", "女士", "님"]),
        names::honoured,
        &["お客様: ⟦田中太郎⟧様", "⟦王⟧女士 来电"],
        &[" 様", "x様"],
    ),
    row(
        "JSON web token",
        Kind::Token,
        Trigger::Literal(&["eyJ"]),
        secret::jwt,
        &["t=⟦eyJhbGciOiJub25lIn0.e30.⟧ x"],
        &["eyJhIjoxfQ.e30.", "eyJ"],
    ),
    row(
        "credentials",
        Kind::Token,
        Trigger::Literal(&["Bearer ", "bearer ", "Bearer+", "BEARER "]),
        |text, from| secret::credentials(text, from, "Bearer"),
        &["Bearer ⟦abcdef0123456789⟧ x"],
        &["Bearer token expired", "Bearer authentication"],
    ),
    row(
        "basic credentials",
        Kind::Password,
        Trigger::Literal(&["Basic ", "basic "]),
        |text, from| secret::credentials(text, from, "Basic"),
        &["Basic ⟦YWxpY2U6c2VjcmV0⟧"],
        &["Basic information follows", "Basic YWxpY2U="],
    ),
    row(
        "user agent",
        Kind::Agent,
        Trigger::Literal(&["Mozilla/", "Dalvik/", "Opera/", "AmazonWebView/"]),
        agent::find,
        &[
            "ua ⟦Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1.2 Mobile Safari/5⟧ took",
            "\"⟦Dalvik/2.1.0 (Linux; U)⟧\"",
        ],
        &["Mozilla foundation", "Opera singer"],
    ),
    row(
        "user agent of an app",
        Kind::Agent,
        Trigger::Literal(&[
            " (iOS",
            "(iPhone",
            "(iPad",
            "(Linux;",
            "(Android",
            "(Windows NT",
            "(Macintosh",
            "(X11;",
            "+(iOS",
            " (Darwin",
        ]),
        agent::around,
        &["\"⟦AmazonShopping/25.5.0 (iOS/15.5; iPhone15,5)⟧\" rt", "⟦App/1.0 CFNet/2 (iPhone; 3)⟧"],
        &["see (iPhone 15)", "x (iOS"],
    ),
    row(
        "private key",
        Kind::Secret,
        Trigger::Literal(&["-----BEGIN "]),
        literals::private_key,
        &[],
        &["-----BEGIN CERTIFICATE-----"],
    ),
    guess(
        "login that was tried",
        Kind::Name,
        Trigger::Literal(&[
            "invalid user ",
            "for user ",
            "opened for ",
            "Failed password for ",
            "Accepted password for ",
            "Accepted publickey for ",
        ]),
        literals::tried,
        &["Failed password for ⟦alice7⟧ from 203.0.113.9", "invalid user ⟦bob⟧ from"],
        &["Failed password for root from", "session for user in", "for user \"x"],
    ),
    row(
        "login in a URL",
        Kind::Password,
        Trigger::Literal(&["://"]),
        literals::login,
        &["https⟦://alice:secret@⟧ftp.example.net/x"],
        &["https://example.com/?email=a@b.example", "ssh://git@example.com/x", "http://host/a@b"],
    ),
    row(
        "mail header in another script",
        Kind::Text,
        Trigger::Literal(&["=?utf-8?", "=?UTF-8?", "=?iso-8859-1?", "=?ISO-8859-1?"]),
        literals::encoded_word,
        &["Subject: ⟦=?utf-8?B?SsO8cmdlbg==?=⟧ x"],
        &["a=?utf-8?no"],
    ),
];
