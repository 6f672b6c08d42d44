//! Faults as people and machines read them.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use super::{Fault, Faults, Severity};
use crate::policy::source::{Source, Span};

/// Bytes of a line that are shown: a policy on one endless line must not flood a terminal.
const MAX_LINE: usize = 400;

/// One fault of `--format json`.
#[derive(Serialize)]
struct JsonFault<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    help: Option<&'a str>,
}

impl Faults {
    /// All faults with source excerpts, as text; `color` for a terminal.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let reports: Vec<String> = self.list.iter().map(|fault| self.render_one(fault, &renderer)).collect();
        reports.join("\n\n")
    }

    /// All faults as a JSON array.
    pub fn to_json(&self) -> String {
        let list: Vec<_> = self.list.iter().map(|fault| self.json_one(fault)).collect();
        // Text, numbers and nothing else: serialising cannot fail.
        serde_json::to_string_pretty(&list).unwrap_or_else(|_| "[]".to_owned())
    }

    fn render_one(&self, fault: &Fault, renderer: &Renderer) -> String {
        let level = match fault.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let mut group = Group::with_title(level.primary_title(fault.message.as_str()).id(fault.code.id()));
        if let Some(span) = fault.span {
            group = self.excerpt(group, span, AnnotationKind::Primary, &fault.label);
        }
        for (span, label) in &fault.also {
            group = self.excerpt(group, *span, AnnotationKind::Context, label);
        }
        if let Some(help) = &fault.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }

    fn excerpt<'a>(&'a self, group: Group<'a>, span: Span, kind: AnnotationKind, label: &'a str) -> Group<'a> {
        let Some(source) = self.sources.get(span.file) else { return group };
        let (line, marked) = first_line(source, span.range());
        let text = shown(source, line.clone());
        let annotation = kind.span(marked).label((!label.is_empty()).then_some(label));
        let snippet = Snippet::source(text)
            .path(source.name.as_str())
            .line_start(source.position(line.start).line)
            .annotation(annotation);
        group.element(snippet)
    }

    fn json_one<'a>(&'a self, fault: &'a Fault) -> JsonFault<'a> {
        let place = fault.span.and_then(|span| self.sources.position(span));
        JsonFault {
            code: fault.code.id(),
            severity: fault.severity.word(),
            message: &fault.message,
            file: fault.span.and_then(|span| self.sources.get(span.file)).map(|source| source.name.as_str()),
            line: place.map(|(start, _)| start.line),
            column: place.map(|(start, _)| start.column),
            end_line: place.map(|(_, end)| end.line),
            end_column: place.map(|(_, end)| end.column),
            help: fault.help.as_deref(),
        }
    }
}

/// The line that a place starts on, and the place within that line. Only this line goes to the renderer, which would
/// otherwise walk the whole file for every fault.
fn first_line(source: &Source, place: Range<usize>) -> (Range<usize>, Range<usize>) {
    let text = &source.text;
    let start = source.floor(place.start);
    let mut line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let mut line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |at| start + at);
    if start - line_start > MAX_LINE / 2 {
        line_start = source.floor(start - MAX_LINE / 2);
    }
    if line_end - line_start > MAX_LINE {
        line_end = source.floor(line_start + MAX_LINE);
    }
    let end = source.floor(place.end).clamp(start, line_end.max(start));
    (line_start..line_end, start - line_start..end - line_start)
}

/// Part of a source with everything hidden that must be, byte for byte, so that places stay true.
fn shown(source: &Source, part: Range<usize>) -> String {
    let mut text = String::with_capacity(part.len());
    for (at, c) in source.text[part.clone()].char_indices() {
        let at = part.start + at;
        let hidden = source.hidden.iter().any(|place| place.contains(&at));
        match c {
            _ if hidden => text.extend(std::iter::repeat_n('*', c.len_utf8())),
            c if c.is_control() && c != '\t' => text.extend(std::iter::repeat_n(' ', c.len_utf8())),
            c => text.push(c),
        }
    }
    text
}
