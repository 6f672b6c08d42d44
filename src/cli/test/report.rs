//! What came out of the cases, printed.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use super::{Judged, Report, Suite};
use crate::policy::cases::{Case, Outcome, Share};

/// Most routes and rules that are listed as not seen.
const MAX_UNSEEN: usize = 50;

impl Report {
    /// For people: one line for each case, and for a failure what differs and why.
    pub(super) fn text(&self, coverage: bool, least: Option<usize>) -> String {
        let mut page = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut page, coverage, least);
        page
    }

    fn write(&self, page: &mut String, coverage: bool, least: Option<usize>) -> fmt::Result {
        for suite in &self.suites {
            writeln!(page, "{}", suite.path.display())?;
            match &suite.judged {
                Ok(judged) => {
                    for (case, outcome) in &judged.results {
                        write_case(page, case, outcome)?;
                    }
                }
                Err(faults) => writeln!(page, "\n{}\n", faults.render(false))?,
            }
        }
        if coverage {
            self.write_unseen(page)?;
        }
        writeln!(page, "{}", self.summary())?;
        if let Some(least) = least.filter(|least| self.covered() < *least) {
            writeln!(page, "less than {least} % of routes or rules were seen")?;
        }
        Ok(())
    }

    fn write_unseen(&self, page: &mut String) -> fmt::Result {
        for (policy, coverage) in self.coverage.values() {
            let unseen: Vec<_> = coverage.unseen().collect();
            if unseen.is_empty() {
                continue;
            }
            writeln!(page, "\nnot seen of {}", policy.display())?;
            for line in unseen.iter().take(MAX_UNSEEN) {
                writeln!(page, "  {line}")?;
            }
            if unseen.len() > MAX_UNSEEN {
                writeln!(page, "  and {} more", unseen.len() - MAX_UNSEEN)?;
            }
            writeln!(page)?;
        }
        Ok(())
    }

    fn summary(&self) -> String {
        let (passed, failed, broken) = self.counts();
        let total = passed + failed;
        let broken = match broken {
            0 => String::new(),
            1 => ", 1 file with faults".to_owned(),
            many => format!(", {many} files with faults"),
        };
        let shares = |of: fn(&crate::policy::cases::Coverage) -> Share| {
            self.coverage.values().map(|(_, coverage)| of(coverage)).fold(Share { seen: 0, of: 0 }, |all, share| {
                Share { seen: all.seen + share.seen, of: all.of + share.of }
            })
        };
        let (routes, rules) = (shares(|it| it.routes()), shares(|it| it.rules()));
        if rules.of == 0 {
            return format!("{total} cases: {passed} passed, {failed} failed{broken}");
        }
        format!(
            "{total} cases: {passed} passed, {failed} failed{broken}; {} of {} routes ({} %) and {} of {} rules ({} %) seen",
            routes.seen,
            routes.of,
            routes.percent(),
            rules.seen,
            rules.of,
            rules.percent()
        )
    }

    /// Cases that passed and failed, and files with faults.
    fn counts(&self) -> (usize, usize, usize) {
        let judged = || self.suites.iter().filter_map(|suite| suite.judged.as_ref().ok());
        let results = || judged().flat_map(|judged| &judged.results);
        let passed = results().filter(|(_, outcome)| outcome.is_as_expected()).count();
        (passed, results().count() - passed, self.suites.len() - judged().count())
    }

    /// For programs.
    pub(super) fn json(&self) -> String {
        let (passed, failed, broken) = self.counts();
        let coverage = self.coverage.values().map(|(policy, coverage)| {
            json!({
                "policy": policy.display().to_string(),
                "routes": share(coverage.routes()),
                "rules": share(coverage.rules()),
                "unseen": coverage.unseen().collect::<Vec<_>>(),
            })
        });
        let report = json!({
            "passes": self.passes(),
            "passed": passed,
            "failed": failed,
            "files_with_faults": broken,
            "files": self.suites.iter().map(suite_json).collect::<Vec<_>>(),
            "coverage": coverage.collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }

    /// JUnit XML, as CI systems read it.
    pub(super) fn junit(&self) -> String {
        let mut page = String::new();
        let _ = self.write_junit(&mut page);
        page
    }

    fn write_junit(&self, page: &mut String) -> fmt::Result {
        let (passed, failed, broken) = self.counts();
        writeln!(page, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        let tests = passed + failed + broken;
        writeln!(page, "<testsuites name=\"portcullis\" tests=\"{tests}\" failures=\"{failed}\" errors=\"{broken}\">")?;
        for suite in &self.suites {
            let name = xml(&suite.path.display().to_string());
            match &suite.judged {
                Err(faults) => {
                    writeln!(page, "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\">")?;
                    writeln!(page, "    <testcase classname=\"{name}\" name=\"faults\">")?;
                    let text = xml(&faults.render(false));
                    writeln!(page, "      <error message=\"{} faults\">{text}</error>", faults.list.len())?;
                    writeln!(page, "    </testcase>")?;
                }
                Ok(judged) => write_cases(page, &name, judged)?,
            }
            writeln!(page, "  </testsuite>")?;
        }
        writeln!(page, "</testsuites>")
    }
}

fn write_cases(page: &mut String, suite: &str, judged: &Judged) -> fmt::Result {
    let failed = judged.results.iter().filter(|(_, outcome)| !outcome.is_as_expected()).count();
    let tests = judged.results.len();
    writeln!(page, "  <testsuite name=\"{suite}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\">")?;
    for (case, outcome) in &judged.results {
        let name = xml(&case.name);
        write!(page, "    <testcase classname=\"{suite}\" name=\"{name}\" line=\"{}\"", case.line)?;
        if outcome.is_as_expected() {
            writeln!(page, "/>")?;
            continue;
        }
        let mut why = String::new();
        write_case(&mut why, case, outcome)?;
        let message = outcome.differences.iter().map(|(what, wanted, is)| format!("{what}: {wanted}, found {is}"));
        let message = xml(&message.collect::<Vec<_>>().join("; "));
        writeln!(page, ">\n      <failure message=\"{message}\">{}</failure>\n    </testcase>", xml(&why))?;
    }
    Ok(())
}

fn write_case(page: &mut String, case: &Case, outcome: &Outcome) -> fmt::Result {
    let mark = if outcome.is_as_expected() { "ok  " } else { "FAIL" };
    writeln!(page, "  {mark}  {}", printable(&case.name))?;
    if outcome.is_as_expected() {
        return Ok(());
    }
    writeln!(page, "        line {}: {} {}", case.line, case.method, printable(&case.target))?;
    for (what, wanted, is) in &outcome.differences {
        writeln!(page, "        - {what}: {wanted}\n        + {what}: {is}")?;
    }
    if let Some(code) = outcome.code.filter(|_| case.expect.code.is_none()) {
        writeln!(page, "        because of {code}")?;
    }
    let Some(trace) = &outcome.trace else { return Ok(()) };
    let width = trace.steps.iter().map(|step| step.check.label().len()).max().unwrap_or_default();
    for step in &trace.steps {
        let mark = if step.passed { "ok  " } else { "FAIL" };
        writeln!(page, "          {mark}  {:width$}  {}", step.check.label(), printable(&step.detail))?;
    }
    if let Some(nearest) = &trace.nearest {
        writeln!(page, "          nearest: {}; lacking: {}", nearest.route.name, printable(&nearest.lacking))?;
    }
    Ok(())
}

fn suite_json(suite: &Suite) -> Value {
    let file = suite.path.display().to_string();
    match &suite.judged {
        Err(faults) => {
            let list: Value = serde_json::from_str(&faults.to_json()).unwrap_or_default();
            json!({ "file": file, "faults": list })
        }
        Ok(judged) => json!({
            "file": file,
            "policy": judged.policy.display().to_string(),
            "cases": judged.results.iter().map(|(case, outcome)| case_json(case, outcome)).collect::<Vec<_>>(),
        }),
    }
}

fn case_json(case: &Case, outcome: &Outcome) -> Value {
    let differences =
        outcome.differences.iter().map(|(what, wanted, is)| json!({ "of": what, "expected": wanted, "found": is }));
    json!({
        "name": case.name,
        "line": case.line,
        "passed": outcome.is_as_expected(),
        "decision": outcome.decision.as_str(),
        "code": outcome.code,
        "route": outcome.route.as_ref().map(|(name, _)| name),
        "role": outcome.role.as_ref().map(|(name, _)| name),
        "limits": outcome.limits,
        "differences": differences.collect::<Vec<_>>(),
    })
}

fn share(share: Share) -> Value {
    json!({ "seen": share.seen, "of": share.of, "percent": share.percent() })
}

/// Text without the power to move a terminal's cursor.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Escaped as text or attribute of XML 1.0, without the characters that it does not allow.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
