//! YAML of our own, written in the file's way: with or without an indentation of lists.

/// What is written. Scalars are given as they stand in the file, quotes and comment behind them included.
#[derive(Clone)]
pub(super) enum Yaml {
    Scalar(String),
    /// A text of several lines.
    Block(String),
    Map(Vec<(String, Yaml)>),
    List(Vec<Yaml>),
}

/// A map.
pub(super) fn map<const N: usize>(entries: [(&str, Yaml); N]) -> Yaml {
    Yaml::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A scalar that needs no quotes.
pub(super) fn bare(text: impl ToString) -> Yaml {
    Yaml::Scalar(text.to_string())
}

/// A scalar that is text to every reader.
pub(super) fn quoted(text: &str) -> Yaml {
    Yaml::Scalar(quote(text))
}

/// The same in single quotes, in which nothing but the quote itself means anything.
pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The lines of an item of a list whose dashes stand at a column.
pub(super) fn item(yaml: &Yaml, column: usize, indent_lists: bool) -> Vec<String> {
    let mut writer = Writer { lines: Vec::new(), indent_lists };
    writer.item(yaml, column);
    writer.lines
}

/// The lines of an entry whose key stands at a column.
pub(super) fn entry(key: &str, value: &Yaml, column: usize, indent_lists: bool) -> Vec<String> {
    let mut writer = Writer { lines: Vec::new(), indent_lists };
    writer.entry(&" ".repeat(column), key, value, column);
    writer.lines
}

/// The same in one line, for a place in brackets. Comments have no room there.
pub(super) fn flow(yaml: &Yaml) -> String {
    match yaml {
        Yaml::Scalar(text) => text.split("  #").next().unwrap_or_default().to_owned(),
        // Every text of ours is plain ASCII, whose escapes JSON and YAML share.
        Yaml::Block(text) => serde_json::Value::from(text.as_str()).to_string(),
        Yaml::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Yaml::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
    }
}

struct Writer {
    lines: Vec<String>,
    indent_lists: bool,
}

impl Writer {
    /// An entry, behind what already stands in its line.
    fn entry(&mut self, begun: &str, key: &str, value: &Yaml, column: usize) {
        match value {
            Yaml::Scalar(text) => self.lines.push(format!("{begun}{key}: {text}")),
            Yaml::Block(text) => {
                self.lines.push(format!("{begun}{key}: |"));
                self.text(text, column + 2);
            }
            Yaml::Map(entries) => {
                self.lines.push(format!("{begun}{key}:"));
                for (key, value) in entries {
                    self.entry(&" ".repeat(column + 2), key, value, column + 2);
                }
            }
            Yaml::List(items) => {
                self.lines.push(format!("{begun}{key}:"));
                let column = if self.indent_lists { column + 2 } else { column };
                for item in items {
                    self.item(item, column);
                }
            }
        }
    }

    fn item(&mut self, value: &Yaml, column: usize) {
        let begun = format!("{}- ", " ".repeat(column));
        match value {
            Yaml::Scalar(text) => self.lines.push(format!("{begun}{text}")),
            Yaml::Block(text) => {
                self.lines.push(format!("{begun}|"));
                self.text(text, column + 2);
            }
            Yaml::Map(entries) => {
                for (place, (key, value)) in entries.iter().enumerate() {
                    let begun = if place == 0 { begun.clone() } else { " ".repeat(column + 2) };
                    self.entry(&begun, key, value, column + 2);
                }
            }
            Yaml::List(items) => {
                self.lines.push(begun.trim_end().to_owned());
                for item in items {
                    self.item(item, column + 2);
                }
            }
        }
    }

    fn text(&mut self, text: &str, column: usize) {
        for line in text.lines() {
            self.lines.push(if line.is_empty() { String::new() } else { format!("{}{line}", " ".repeat(column)) });
        }
    }
}
