//! The closed table of fault codes. A code keeps its meaning for good; a fault that is no longer raised leaves a gap.

macro_rules! codes {
    ($($variant:ident = $id:literal $explanation:literal)*) => {
        /// What is wrong, as a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $explanation] $variant,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is shown, such as `PC0201`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The code of an id: of `PC0201` or of `pc0201`.
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
            }

            /// One sentence on what the code means.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    // The files.
    Unreadable = "PC0001" "A file or directory of the policy cannot be read."
    NoPolicy = "PC0002" "A directory holds no file with a top-level `version:`."
    TooLarge = "PC0003" "A file is larger than a policy may be."
    NotText = "PC0004" "A file is not UTF-8 text."
    TooMany = "PC0005" "There are more faults than are shown."

    // The text.
    Syntax = "PC0101" "The text is not YAML."
    DuplicateKey = "PC0102" "A key stands twice in one map."
    Anchor = "PC0103" "An anchor or alias: a policy is read as it is written, nothing is pulled in from elsewhere."
    Tag = "PC0104" "A YAML tag: the types of a policy follow from its keys."
    Documents = "PC0105" "More than one YAML document in a file."
    Bound = "PC0106" "More of something than a policy may hold."
    KeyType = "PC0107" "A key that is not plain text."
    Merge = "PC0108" "Two files of a directory give the same setting."

    // Keys and values.
    UnknownKey = "PC0201" "A key that the policy does not have."
    MissingKey = "PC0202" "A key that must be there."
    Type = "PC0203" "A value of the wrong kind: text, list or map."
    Word = "PC0204" "A word that is not one of those allowed."
    Number = "PC0205" "A number that is none, or out of its range."
    Duration = "PC0206" "A duration that is none, or out of its range."
    Size = "PC0207" "A size that is none, or out of its range."
    Rate = "PC0208" "A rate that is none, or out of its range."
    Network = "PC0209" "A network or address that is none."
    Address = "PC0210" "A listening address or URL that is none, or of a form that cannot be used here."
    Name = "PC0211" "A name that cannot stand in records."
    Version = "PC0212" "A version of the policy format that this build does not read."
    Empty = "PC0213" "A value or list that is empty where something must stand."
    Header = "PC0214" "A header name that is none, or cannot carry a key."
    Method = "PC0215" "A method that is none, or that the gate never forwards."
    Date = "PC0216" "A day or moment that is none."
    Digest = "PC0217" "A digest or serial number that is none."
    Pattern = "PC0218" "A pattern that is none, or lets through what is personal."

    // Names that do not fit together.
    DuplicateName = "PC0301" "A name given twice."
    UnknownRole = "PC0302" "A role that the policy does not define."
    UnknownLimit = "PC0303" "A limit that the policy does not define."
    NobodyHas = "PC0304" "A role without members: nobody has it."
    NobodyNeeds = "PC0305" "A role that no route allows."
    Member = "PC0306" "A member that is no user, group, certificate or key."
    Unproven = "PC0307" "A member, or a demand, that no configured caller method can prove."
    Reserved = "PC0308" "A name with a meaning of its own."
    Generic = "PC0309" "A name that no single person or service has (ID-2)."
    UnknownRoute = "PC0310" "A route, or a segment of one, that the policy does not have."

    // Routes.
    Template = "PC0401" "A path template that is none."
    Canonical = "PC0402" "A path template that no request can match, because requests are matched in canonical form."
    Unreachable = "PC0403" "A route that can never match, because another one always wins."
    Pii = "PC0404" "A route for personal data without a role of its own (ACC-2)."
    NobodyAllowed = "PC0405" "A route that says not whom it allows, or contradicts itself."
    PiiKind = "PC0406" "A kind of personal data that is not in the marketplace's vocabulary."

    // Safety.
    Plaintext = "PC0501" "An unencrypted connection to somewhere else than loopback (TLS-2)."
    Secret = "PC0502" "A secret in the policy itself rather than in a file of its own (KEY-1)."
    Trust = "PC0503" "Trust in everybody where it must be in somebody."
    NoAudit = "PC0504" "Nothing is recorded."
    Shadow = "PC0505" "Refusals are recorded and not enforced."
    PseudonymKey = "PC0506" "Records need pseudonyms and there is no key for them."
    Retention = "PC0507" "Records are kept shorter than the policies of the marketplace demand (LOG-4)."
    Unsigned = "PC0508" "The audit trail is not signed."

    // Files that the policy names.
    File = "PC0601" "A file that the policy names is not there or cannot be read."

    Variable = "PC0611" "A reference to an environment variable that is not set, or that cannot be read as one."
    Include = "PC0612" "A `!file` whose content cannot stand in the policy."

    // Files of cases.
    CaseCaller = "PC0701" "A caller of a case that is no user, certificate or key."
    CaseRequest = "PC0702" "A request of a case that is no method and target."
    CaseRoute = "PC0703" "A case expects a route that the policy does not have."
    CaseContradiction = "PC0704" "A case expects what cannot be together."

    // What is sound, and may not be what was meant.
    Overlap = "PC0801" "Two routes take the same paths, each more specific in another segment."
    PiiWide = "PC0802" "A route for personal data takes more than it needs (ACC-2)."
    PersonalParameter = "PC0803" "Records would show the values of a parameter that sounds personal (LOG-2)."
    SharedRole = "PC0804" "A role opens routes with personal data and routes without (ACC-2)."
    NeverBinds = "PC0805" "A limit that another one always reaches first, or that nothing can reach."
    Expiry = "PC0807" "A certificate that is not valid any more, or not for long."

    // Parts of the contract that this build lacks.
    NotBuilt = "PC0901" "Understood, but this build does not enforce it."
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Code;

    #[test]
    fn every_code_is_its_own() {
        let ids: HashSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| code.explanation().ends_with('.')));
    }
}
