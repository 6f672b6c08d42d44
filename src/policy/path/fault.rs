//! Why a path is refused.

/// Why a path is refused; never repaired by guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PathFault {
    /// Nothing there.
    #[error("the path is empty")]
    Empty,
    /// Does not start with `/`.
    #[error("the path does not start with a slash")]
    NotAbsolute,
    /// More than 8 KiB.
    #[error("the path is longer than 8 KiB")]
    TooLong,
    /// More than 64 segments.
    #[error("the path has more than 64 segments")]
    TooManySegments,
    /// U+0000, raw or encoded.
    #[error("the path holds a NUL")]
    Nul,
    /// A C0 or C1 control character or DEL, raw or encoded.
    #[error("the path holds a control character")]
    Control,
    /// `#`: a fragment never reaches a server (RFC 9110 section 4.2.5).
    #[error("the path holds a fragment")]
    Fragment,
    /// `\` or `%5C`, which some readers take for a slash.
    #[error("the path holds a backslash")]
    Backslash,
    /// `;` or `%3B`, after which some readers see path parameters, and others do not.
    #[error("the path holds a semicolon")]
    Semicolon,
    /// `:` for an app that reads alternate data streams.
    #[error("the path holds a colon")]
    Colon,
    /// A `%` without two hexadecimal digits.
    #[error("the path holds a malformed percent sequence")]
    MalformedPercent,
    /// `%25` before two hexadecimal digits: decoded twice it is another character.
    #[error("the path is percent-encoded twice")]
    DoubleEncoding,
    /// Escapes that are not UTF-8 (RFC 3629), over-long forms included.
    #[error("the path holds escapes that are not UTF-8")]
    NotUtf8,
    /// A `..` segment, however it is spelt; clients resolve their own (RFC 3986 section 5.2.4).
    #[error("the path holds a dot-dot segment")]
    DotDot,
    /// A segment that ends in a dot or a space, for an app that drops them.
    #[error("the path holds a segment that ends in a dot or a space")]
    TrailingDotOrSpace,
    /// A raw character that is not ASCII.
    #[error("the path holds a raw character that is not ASCII")]
    NonAscii,
    /// A raw character that RFC 3986 section 3.3 does not allow in a path.
    #[error("the path holds a character that must be percent-encoded")]
    Character,
}

impl PathFault {
    /// Every fault, for tables that must name them all.
    pub const ALL: [Self; 17] = [
        Self::Empty,
        Self::NotAbsolute,
        Self::TooLong,
        Self::TooManySegments,
        Self::Nul,
        Self::Control,
        Self::Fragment,
        Self::Backslash,
        Self::Semicolon,
        Self::Colon,
        Self::MalformedPercent,
        Self::DoubleEncoding,
        Self::NotUtf8,
        Self::DotDot,
        Self::TrailingDotOrSpace,
        Self::NonAscii,
        Self::Character,
    ];

    /// The code that stands in records; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "path_empty",
            Self::NotAbsolute => "path_not_absolute",
            Self::TooLong => "path_too_long",
            Self::TooManySegments => "path_too_many_segments",
            Self::Nul => "path_nul",
            Self::Control => "path_control",
            Self::Fragment => "path_fragment",
            Self::Backslash => "path_backslash",
            Self::Semicolon => "path_semicolon",
            Self::Colon => "path_colon",
            Self::MalformedPercent => "path_malformed_percent",
            Self::DoubleEncoding => "path_double_encoding",
            Self::NotUtf8 => "path_not_utf8",
            Self::DotDot => "path_dot_dot",
            Self::TrailingDotOrSpace => "path_trailing_dot_or_space",
            Self::NonAscii => "path_non_ascii",
            Self::Character => "path_character",
        }
    }
}
