//! Faults as SARIF 2.1.0 (OASIS), for code scanners and whoever shows their findings.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Code, Fault, Faults, Severity};
use crate::policy::source::Span;

/// What cannot stand in a path of a URI reference (RFC 3986 section 3.3); a colon could make it a scheme.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl Faults {
    /// All faults as one SARIF log.
    pub fn to_sarif(&self) -> String {
        let mut codes: Vec<Code> = Vec::new();
        for fault in &self.list {
            if !codes.contains(&fault.code) {
                codes.push(fault.code);
            }
        }
        let results: Vec<_> = self.list.iter().map(|fault| self.result(fault, &codes)).collect();
        let log = json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "portcullis",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": codes.iter().copied().map(rule).collect::<Vec<_>>(),
                } },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        });
        format!("{log:#}\n")
    }

    fn result(&self, fault: &Fault, codes: &[Code]) -> Value {
        let mut text = fault.message.clone();
        if let Some(help) = &fault.help {
            text = format!("{text}\n{help}");
        }
        let mut result = json!({
            "ruleId": fault.code.id(),
            "ruleIndex": codes.iter().position(|code| *code == fault.code),
            "level": fault.severity.word(),
            "message": { "text": text },
        });
        if let Some(location) = fault.span.and_then(|span| self.location(span, &fault.label)) {
            result["locations"] = json!([location]);
        }
        let related: Vec<_> = fault.also.iter().filter_map(|(span, label)| self.location(*span, label)).collect();
        if !related.is_empty() {
            result["relatedLocations"] = json!(related);
        }
        result
    }

    fn location(&self, span: Span, label: &str) -> Option<Value> {
        let (start, end) = self.sources.position(span)?;
        let path = self.sources.get(span.file)?.name.replace('\\', "/");
        let path = utf8_percent_encode(&path, PATH).to_string();
        let uri = if path.starts_with('/') { format!("file://{path}") } else { path };
        let mut location = json!({ "physicalLocation": {
            "artifactLocation": { "uri": uri },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        } });
        if !label.is_empty() {
            location["message"] = json!({ "text": label });
        }
        Some(location)
    }
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.id(),
        "shortDescription": { "text": code.explanation() },
        "help": { "text": format!("`portcullis explain {}` shows an example of wrong and right.", code.id()) },
    })
}

impl Severity {
    /// The command of a GitHub workflow that annotates a line.
    const fn workflow_command(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "notice",
        }
    }
}

impl Faults {
    /// All faults as workflow commands of GitHub Actions, one in each line.
    pub fn to_github(&self) -> String {
        self.list.iter().map(|fault| self.workflow_command(fault)).collect()
    }

    fn workflow_command(&self, fault: &Fault) -> String {
        let mut place = String::new();
        if let Some(span) = fault.span
            && let Some((start, end)) = self.sources.position(span)
            && let Some(source) = self.sources.get(span.file)
        {
            place = format!("file={},line={},endLine={},", property(&source.name), start.line, end.line);
            // GitHub ignores columns of more than one line.
            if start.line == end.line {
                place = format!("{place}col={},endColumn={},", start.column, end.column);
            }
        }
        let title = property(&format!("{} {}", fault.code.id(), fault.message));
        let mut text = fault.message.clone();
        for more in [(!fault.label.is_empty()).then_some(&fault.label), fault.help.as_ref()].into_iter().flatten() {
            text = format!("{text}\n{more}");
        }
        format!("::{} {place}title={title}::{}\n", fault.severity.workflow_command(), data(&text))
    }
}

/// Escaped as the message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escaped as a property of one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_commands_cannot_be_broken_out_of() {
        assert_eq!(property("a:b,c%\r\n::error::x"), "a%3Ab%2Cc%25%0D%0A%3A%3Aerror%3A%3Ax");
        assert_eq!(data("a:b\n::error::x"), "a:b%0A::error::x");
    }
}
