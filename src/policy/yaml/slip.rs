//! What probably went wrong where a parser of YAML gives up: it sees the place where it could not go on, and that is
//! rarely the place of the mistake.

/// A guess: what to do, and where what is missing began, if that is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slip {
    pub(super) help: String,
    pub(super) began: Option<usize>,
}

/// Guesses, from a text and the place where reading it stopped.
pub(super) fn slip(text: &str, at: usize) -> Option<Slip> {
    let said = |help: &str| Some(Slip { help: help.to_owned(), began: None });
    let begin = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let mut lines = text[begin..].lines();
    let (line, next) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if line[..line.len().min(at - begin)].contains('\t') || text[at..].starts_with('\t') || margin(next).contains('\t')
    {
        return said("indent with spaces: YAML does not take tabs");
    }
    let before = text[..begin].lines().rfind(|line| is_content(line)).unwrap_or_default();
    if [before, line].iter().any(|line| line[margin(line).len()..].starts_with('\u{a0}')) {
        return said("a line begins with a no-break space: indent with plain spaces");
    }
    if let Some((began, close)) = unclosed(&text[..at]) {
        return Some(Slip { help: format!("close it with `{close}`"), began: Some(began) });
    }
    let mut levels = Vec::new();
    let mut last = None;
    for (number, line) in text[..begin].lines().enumerate().filter(|(_, line)| is_content(line)) {
        enter(&mut levels, line);
        last = Some((number + 1, line));
    }
    let indent = margin(line).len();
    if let Some((number, before)) = last
        && !before.contains(": ")
        && !before.trim_end().ends_with(':')
        && indent >= margin(before).len()
        && !before.trim_start().starts_with('-')
    {
        return said(&format!("line {number} has no `:` behind its key"));
    }
    if levels.contains(&indent) || levels.is_empty() {
        return None;
    }
    let near = [levels.iter().rev().find(|level| **level < indent), levels.iter().find(|level| **level > indent)];
    let near: Vec<String> = near.into_iter().flatten().map(ToString::to_string).collect();
    said(&format!(
        "the keys of one map line up, and so do the items of one list: this line begins {indent} spaces in, where {} could \
         be meant",
        near.join(" or ")
    ))
}

fn margin(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn is_content(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with('#')
}

/// The columns in which a line may begin after this one.
fn enter(levels: &mut Vec<usize>, line: &str) {
    let (mut indent, mut rest) = (margin(line).len(), line.trim_start());
    loop {
        levels.retain(|level| *level < indent);
        levels.push(indent);
        let Some(item) = rest.strip_prefix("- ") else { return };
        indent += rest.len() - item.trim_start().len();
        rest = item.trim_start();
    }
}

/// The quote or bracket that is open at the end of a text, innermost first, and what would close it.
fn unclosed(text: &str) -> Option<(usize, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut quote: Option<(usize, char)> = None;
    // The last character that is no space: a quote begins a value, or it is an apostrophe.
    let mut before = '\n';
    let mut spaced = true;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if let Some((_, close)) = quote {
            if close == '"' && letter == '\\' {
                letters.next();
            } else if letter == close {
                quote = None;
                before = letter;
            }
            continue;
        }
        match letter {
            '#' if spaced => while letters.next_if(|(_, letter)| *letter != '\n').is_some() {},
            '"' | '\'' if "\n:,[{-".contains(before) => quote = Some((at, letter)),
            '[' if "\n:,[{-".contains(before) => open.push((at, ']')),
            '{' if "\n:,[{-".contains(before) => open.push((at, '}')),
            ']' | '}' if open.last().is_some_and(|(_, close)| *close == letter) => drop(open.pop()),
            _ => {}
        }
        spaced = letter.is_whitespace();
        if letter == '\n' || !spaced {
            before = letter;
        }
    }
    quote.or_else(|| open.pop())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(text: &str) -> (String, Option<usize>) {
        let at = text.find('|').expect("a mark");
        slip(&text.replacen('|', "", 1), at).map_or_else(Default::default, |slip| (slip.help, slip.began))
    }

    #[test]
    fn what_is_open_is_found_where_it_began() {
        assert_eq!(help("a: [x, y\nb|: c"), ("close it with `]`".into(), Some(3)));
        assert_eq!(help("a: \"x # y\nb|: c"), ("close it with `\"`".into(), Some(3)));
        assert_eq!(help("a: { b: [x], c: 'it''s'\nb|: c").1, Some(3));
        assert_eq!(help("a: it's # [not\nb: \"x\\\"y\"\nc: [1, {d: e}\nf|: g").1, Some(28));
        assert_eq!(help("path: /orders/{id}\nb: |]"), Default::default());
    }

    #[test]
    fn lines_that_do_not_line_up_are_told_where_they_could() {
        let (said, _) = help("routes:\n  - name: a\n   |methods: [GET]");
        assert!(said.contains("begins 3 spaces in, where 2 or 4 could"), "{said}");
        assert_eq!(help("gate:\n  listen \"127.0.0.1:1\"\n  tls:|\n").0, "line 2 has no `:` behind its key");
        assert_eq!(help("gate\n  listen|: x").0, "line 1 has no `:` behind its key");
        assert!(help("a:\n  b: c\n\u{a0} |d: e").0.contains("no-break space"));
        assert!(help("a:\n  b: c|\n\td: e").0.contains("tabs"));
    }
}
