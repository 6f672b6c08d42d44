//! What redacted text stood for.

/// What a token or a marker stands for; part of its text, so that unlike things never share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A caller: a token's subject, a certificate's name, an API key's owner.
    Caller,
    /// An Internet address.
    Address,
    /// The value of a parameter that may be logged but looks personal, or an identifier without a better kind.
    Value,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A person's or a company's name, or a user name.
    Name,
    /// A postal address or a line of one.
    Postal,
    /// A post code.
    Postcode,
    /// A city, district, county or state: the coarse part of a postal address.
    Place,
    /// A card number.
    Card,
    /// A bank account: IBAN, account number, routing number, or the reference of a payment.
    Account,
    /// The last digits of a card or account, an expiry date: too few values for a pseudonym.
    Tail,
    /// A tax number of a person or a company.
    Tax,
    /// A number on an identity card, passport, driving licence or number plate.
    Identity,
    /// A date of birth, an age, a gender.
    Birth,
    /// A device: MAC address, IMEI, serial number, advertising id.
    Device,
    /// What tells one browser from others: user agent, client hints, fingerprint.
    Agent,
    /// A position on earth.
    Geo,
    /// A cookie or a session's id.
    Session,
    /// A password, a one-time code, a PIN.
    Password,
    /// A bearer token, an API key, a signature.
    Token,
    /// A private key, a client's secret, a cloud account's secret key.
    Secret,
    /// A gift message.
    Gift,
    /// A person's own words: a comment, an answer, a search.
    Text,
    /// A label, an invoice or a picture, or where one can be fetched.
    Document,
    /// A prescription or another matter of health.
    Health,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 26] = [
        Self::Caller,
        Self::Address,
        Self::Value,
        Self::Email,
        Self::Phone,
        Self::Name,
        Self::Postal,
        Self::Postcode,
        Self::Place,
        Self::Card,
        Self::Account,
        Self::Tail,
        Self::Tax,
        Self::Identity,
        Self::Birth,
        Self::Device,
        Self::Agent,
        Self::Geo,
        Self::Session,
        Self::Password,
        Self::Token,
        Self::Secret,
        Self::Gift,
        Self::Text,
        Self::Document,
        Self::Health,
    ];

    /// The kind in tokens, markers and counts: lower-case letters.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Address => "ip",
            Self::Value => "value",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Postal => "address",
            Self::Postcode => "postcode",
            Self::Place => "place",
            Self::Card => "card",
            Self::Account => "account",
            Self::Tail => "tail",
            Self::Tax => "tax",
            Self::Identity => "identity",
            Self::Birth => "birth",
            Self::Device => "device",
            Self::Agent => "agent",
            Self::Geo => "geo",
            Self::Session => "session",
            Self::Password => "password",
            Self::Token => "token",
            Self::Secret => "secret",
            Self::Gift => "gift",
            Self::Text => "text",
            Self::Document => "document",
            Self::Health => "health",
        }
    }

    /// Whether a keyed pseudonym may stand for it. Not where there are so few values, or so skewed, that counting
    /// tokens gives them away, and not for free text and secrets that nobody has a reason to search for.
    pub const fn is_keyed(self) -> bool {
        !matches!(
            self,
            Self::Postcode
                | Self::Place
                | Self::Tail
                | Self::Birth
                | Self::Geo
                | Self::Password
                | Self::Secret
                | Self::Gift
                | Self::Text
                | Self::Document
                | Self::Health
        )
    }

    /// What stands for a value of a kind without pseudonyms: `pii_<kind>_hidden`, safe in URLs, JSON and headers.
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Caller => "pii_caller_hidden",
            Self::Address => "pii_ip_hidden",
            Self::Value => "pii_value_hidden",
            Self::Email => "pii_email_hidden",
            Self::Phone => "pii_phone_hidden",
            Self::Name => "pii_name_hidden",
            Self::Postal => "pii_address_hidden",
            Self::Postcode => "pii_postcode_hidden",
            Self::Place => "pii_place_hidden",
            Self::Card => "pii_card_hidden",
            Self::Account => "pii_account_hidden",
            Self::Tail => "pii_tail_hidden",
            Self::Tax => "pii_tax_hidden",
            Self::Identity => "pii_identity_hidden",
            Self::Birth => "pii_birth_hidden",
            Self::Device => "pii_device_hidden",
            Self::Agent => "pii_agent_hidden",
            Self::Geo => "pii_geo_hidden",
            Self::Session => "pii_session_hidden",
            Self::Password => "pii_password_hidden",
            Self::Token => "pii_token_hidden",
            Self::Secret => "pii_secret_hidden",
            Self::Gift => "pii_gift_hidden",
            Self::Text => "pii_text_hidden",
            Self::Document => "pii_document_hidden",
            Self::Health => "pii_health_hidden",
        }
    }
}
