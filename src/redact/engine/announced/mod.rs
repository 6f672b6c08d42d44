//! The ways in which a text says that a value is somebody's: a key before it, a row above it, a neighbour, a word.
//!
//! | file | what it finds | for example |
//! |---|---|---|
//! | `pair` | a key, its separator and its value | `email=jane@…`, `"phone": "+49 …"` |
//! | `meaning` | what that key means where it stands | `name` within `buyer` |
//! | `extent` | how far its value reaches | `name=Jane Doe plan=gold` |
//! | `list` | values of one meaning, or a key and its value | `"phones": ["…", "…"]` |
//! | `name_value` | pairs whose halves are pairs | `{"name": "email", "value": "…"}` |
//! | `formats` | pairs of formats of their own: PHP, vCard, command lines | `s:4:"name";s:8:"Jane Doe";` |
//! | `edi` | segments of X12, EDIFACT, HL7 and MT940 | `NAD+BY+++Jane Doe` |
//! | `database` | bound parameters, taken keys, columns that are too short | `Key (email)=(jane@…)` |
//! | `inline_table` | a table within one line | `Kunde;PLZ / Jane Doe;12345` |
//! | `html_table` | a table or a list of HTML, a link to somebody | `<th>Name</th><td>Jane Doe</td>` |
//! | `json_table` | names of columns in one list, rows in others | `"columns": ["name"], "rows": [["Jane Doe"]]` |
//! | `fixed_width` | columns with spaces between | `1001   Jane Doe        12345` |
//! | `headerless_row` | cells beside one that is somebody's | `17;Jane Doe;jane@…;12345` |
//! | `sibling` | pairs of a record that is somebody's | `{"email": "…", "whoOrdered": "Jane Doe"}` |
//! | `labelled` | a value after a bare word | `IMEI 490154203237518` |
//! | `quotation` | a quoted text that no key announces | `the customer wrote "please ring twice"` |
//! | `quote_context` | what the words before a quote say of it | `for receiver "Jane Doe"` |
//! | `clause` | a name in the clause of something that is somebody's | `Jane Doe, please call 0151 555 0123` |
//! | `beside` | what stands beside a name, and pairs without a separator | `Jane Doe (0151 555 0123)` |
//! | `gift_message` | what people write on cards | `"Happy birthday, Tom!"` |
//! | `cut_key` | a value whose key was cut off | `…me":"Jane Doe"` |
//! | `phrase` | fixed phrases of programs, and labels that stand elsewhere | `CALLERID(all)=Jane Doe`, `cs1Label=Session cs1=…` |
//! | `positional` | values in the order of a statement's places | `VALUES ($1); ["Jane Doe"]` |
//! | `sent` | codes that were sent, places that are served | `your code is 509437` |
//! | `speaker` | who speaks in a chat | `Jane → agent: …`, `[12:01] Jane: …` |
//! | `bytes` | texts that are shown byte by byte | `<Buffer 4a 61 6e 65>` |
//! | `visit` | short parameters of links and of counters of visits | `/unsubscribe?t=…`, `idsite=3&_id=…` |

pub mod beside;
pub mod bytes;
pub mod clause;
pub mod columns_before_values;
pub mod cut_key;
pub mod database;
pub mod edi;
pub mod extent;
pub mod fixed_width;
pub mod formats;
pub mod gift_message;
pub mod gift_words;
pub mod headerless_row;
pub mod html_table;
pub mod inline_table;
pub mod json_table;
pub mod labelled;
pub mod list;
pub mod meaning;
pub mod name_value;
pub mod pair;
pub mod phrase;
mod plausible;
pub mod positional;
pub mod quotation;
pub mod quote_context;
pub mod sent;
pub mod sibling;
pub mod speaker;
pub mod spoken;
pub mod visit;
