//! Texts that only structure knows what to do with.

/// What stands where a text was found that only structure knows what to do with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The values of a statement of SQL.
    Values,
    /// A part of a form.
    FormPart,
    /// A flag of a command line.
    Flag,
    /// A name of a data source of Go: `user:password@tcp(host)`.
    DataSource,
    /// A login on a command line.
    Account,
    /// The password of `sshpass`.
    SshPassword,
    /// Who calls, in a telephone exchange's plan.
    Caller,
    /// An arrow between what was and what is.
    Becomes,
    /// By which somebody asks for a network.
    NetworkIdentity,
    /// Who logs in to a network, before the way in which.
    RadiusLogin,
    /// Who logs in to a server of files.
    CommandLogin,
    /// The password of a machine, behind its login.
    MachinePassword,
    /// Who moved a file, before what became of it.
    FileLogin,
    /// The value of a field that could not be read.
    FieldValue,
    /// A value that is not of the type before it.
    TypeValue,
    /// A piece of a file that could not be read.
    Excerpt,
    /// A party of an EDIFACT message.
    Party,
    /// Whom a party of an EDIFACT message may speak to.
    Contact,
    /// A number or an address of such a contact.
    ContactAddress,
    /// A text of PHP's serialised arrays.
    Serialised,
    /// What a binder of forms says of a value.
    Rejected,
    /// A row of which a database complains.
    FailingRow,
    /// A printed field of a label in ZPL.
    LabelField,
    /// A parameter that was bound to a statement.
    Binding,
    /// The same, with its type behind it.
    TypedBinding,
    /// A value of which a database complains, before the key's name.
    Complaint,
    /// Columns and values of a key that is taken.
    TakenKey,
    /// A value that is too long for its column.
    Truncated,
    /// A segment of an X12 message.
    Segment,
    /// An escape of quoted-printable.
    Printable,
    /// The party of a booking (MT940).
    Payee,
}

/// Texts that structure asks for.
pub const MARKS: [(&str, Mark); 47] = [
    (" VALUES", Mark::Values),
    (" values", Mark::Values),
    (")VALUES", Mark::Values),
    ("VALUES (", Mark::Values),
    ("form-data;", Mark::FormPart),
    (" --", Mark::Flag),
    ("@tcp(", Mark::DataSource),
    ("@unix(", Mark::DataSource),
    (" -u ", Mark::Account),
    ("NAD+", Mark::Party),
    (";s:", Mark::Serialised),
    ("rejected value [", Mark::Rejected),
    ("row contains (", Mark::FailingRow),
    ("^FD", Mark::LabelField),
    ("binding parameter", Mark::Binding),
    ("' for key '", Mark::Complaint),
    ("' for column '", Mark::Complaint),
    ("~N", Mark::Segment),
    ("~PER*", Mark::Segment),
    (":TE'", Mark::ContactAddress),
    ("=0D=0A", Mark::Printable),
    ("=C3=", Mark::Printable),
    ("=C4=", Mark::Printable),
    ("=C5=", Mark::Printable),
    ("=E3=", Mark::Printable),
    ("(String)", Mark::TypedBinding),
    ("CTA+", Mark::Contact),
    ("Key (", Mark::TakenKey),
    ("Truncated value: '", Mark::Truncated),
    ("?32", Mark::Payee),
    ("sshpass -p", Mark::SshPassword),
    ("CALLERID(", Mark::Caller),
    (" -> ", Mark::Becomes),
    (" identity '", Mark::NetworkIdentity),
    (" identity \"", Mark::NetworkIdentity),
    (" identity=\"", Mark::NetworkIdentity),
    ("/<via Auth-Type", Mark::RadiusLogin),
    (" - USER ", Mark::CommandLogin),
    (" password ", Mark::MachinePassword),
    ("] OK ", Mark::FileLogin),
    ("] FAIL ", Mark::FileLogin),
    ("field's value: '", Mark::FieldValue),
    (" from String \"", Mark::TypeValue),
    (" before: '", Mark::Excerpt),
    ("=2C ", Mark::Printable),
    ("=2C=20", Mark::Printable),
    ("=E2=80=", Mark::Printable),
];
