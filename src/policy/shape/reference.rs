//! The tables as a document: `docs/policy.md`.

use std::fmt::Write as _;

use super::{Form, Kind, POLICY, Section, cases};

const HEAD: &str = "# The policy, key by key

<!-- Written by `portcullis schema --format markdown`; a test keeps it so. -->

A policy is a YAML file, or the `*.yaml` and `*.yml` files of a directory: lists join and maps merge, files without a
top-level `version:` are no part of it. Unknown keys are refused. `portcullis check` shows every fault at once,
`portcullis explain CODE` says what a code means, and `portcullis fmt` writes keys in the order in which they stand here.

Editors complete and explain keys with this line at the top of a policy:

```yaml
# yaml-language-server: $schema=schema.json
```

## References

A value (never a key) may refer to what is known only where the gate runs:

| written | stands for |
|---|---|
| `${NAME}` | the environment variable; one that is not set is a fault |
| `${NAME:-text}` | the variable, or the text if it is not set or empty |
| `$${` | `${` itself |
| `!file PATH` | the content of a file of at most 64 KiB, relative to the policy's file, without the line's end at its end |

The policy's digest covers what they stand for, so that a change of it is a change of the policy. Messages show the
reference and never what it stands for. They are not for secrets: a policy names the files of secrets and holds none
(KEY-1).
";

/// The reference of all keys, in Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut done = Vec::new();
    section(&mut page, &POLICY, "The top level", &mut done);
    page.push_str("\n# Files of cases\n\n`portcullis test` reads them.\n");
    section(&mut page, &cases::FILE_OF_CASES, "A file of cases", &mut done);
    page.push_str("\n# Forms of text\n\n| form | how it is written | example |\n|---|---|---|\n");
    for form in forms(&[&POLICY, &cases::FILE_OF_CASES]) {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| {} | {} | `{}` |", form.name, cell(form.doc), cell(form.example));
    }
    page
}

/// The forms that sections and those below them ask for, by name.
fn forms(of: &[&'static Section]) -> Vec<&'static Form> {
    let (mut found, mut done, mut next) = (Vec::new(), Vec::new(), of.to_vec());
    while let Some(section) = next.pop() {
        if !done.contains(&section.what) {
            done.push(section.what);
            for key in section.keys {
                sections(key.kind, &mut next);
                forms_of(key.kind, &mut found);
            }
        }
    }
    found.sort_by_key(|form| form.name);
    found.dedup_by_key(|form| form.name);
    found
}

fn forms_of(kind: Kind, found: &mut Vec<&'static Form>) {
    match kind {
        Kind::Text(form) => found.push(form),
        Kind::List(inner) | Kind::Filled(inner) | Kind::Named(inner) => forms_of(*inner, found),
        Kind::Either(one, other) => {
            forms_of(*one, found);
            forms_of(*other, found);
        }
        Kind::Words(_) | Kind::Number(..) | Kind::Map(_) | Kind::One(_) => {}
    }
}

fn section(page: &mut String, of: &'static Section, title: &str, done: &mut Vec<&'static str>) {
    if done.contains(&of.what) {
        return;
    }
    done.push(of.what);
    let _ = write!(page, "\n## {title}\n\n{}\n\n| key | value | default | meaning |\n|---|---|---|---|\n", of.doc);
    for key in of.keys {
        let name = if key.required { format!("**`{}`**", key.name) } else { format!("`{}`", key.name) };
        let default = match key.default {
            "" if key.required => "required".to_owned(),
            "" => String::new(),
            text if text.contains([' ', '`']) && !text.starts_with(['{', '[']) => text.to_owned(),
            text => format!("`{text}`"),
        };
        let _ = writeln!(page, "| {name} | {} | {} | {} |", value(key.kind), cell(&default), cell(key.doc));
    }
    for key in of.keys {
        let mut below = Vec::new();
        sections(key.kind, &mut below);
        for inner in below {
            section(page, inner, &format!("`{}`", inner.what), done);
        }
    }
}

fn sections(kind: Kind, found: &mut Vec<&'static Section>) {
    match kind {
        Kind::Map(section) | Kind::One(section) => found.push(section),
        Kind::List(inner) | Kind::Filled(inner) | Kind::Named(inner) => sections(*inner, found),
        Kind::Either(one, other) => {
            sections(*one, found);
            sections(*other, found);
        }
        Kind::Text(_) | Kind::Words(_) | Kind::Number(..) => {}
    }
}

fn value(kind: Kind) -> String {
    match kind {
        Kind::Text(Form { name, .. }) => (*name).to_owned(),
        Kind::Words(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Number(least, most) => format!("{least} to {most}"),
        Kind::List(item) => format!("list of: {}", value(*item)),
        Kind::Filled(item) => format!("list, not empty, of: {}", value(*item)),
        Kind::Map(section) => format!("see `{}`", section.what),
        Kind::One(section) => format!("one of those of `{}`", section.what),
        Kind::Named(item) => format!("by name: {}", value(*item)),
        Kind::Either(one, other) => format!("{}; or {}", value(*one), value(*other)),
    }
}

/// Text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
