//! Files of cases, as `portcullis test` judges them: what it says of faults in them, of failures and of what they have
//! not seen. Cases are in this directory with what is expected in `.txt`; `UPDATE_GOLDEN=1 cargo test` writes that.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis::policy::cases;
use portcullis::policy::fault::Code;
use portcullis::policy::{LoadOptions, load};
use serde_json::Value;

use crate::cli::portcullis;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Exit code and standard output.
fn run(arguments: &[&str]) -> (i32, String) {
    let output = portcullis().arg("test").args(arguments).output().expect("the program runs");
    (output.status.code().expect("a code"), String::from_utf8(output.stdout).expect("text"))
}

fn golden(name: &str, shown: &str) {
    let path = directory().join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, shown).expect("written");
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), shown, "{name}");
}

#[test]
fn shipped_policies_decide_what_their_cases_say_and_are_seen_whole() {
    let (code, shown) = run(&["policies", "--min-coverage", "100%"]);
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("FAIL"), "{shown}");
    assert!(shown.contains("policies/tests/sp-api.yaml"), "{shown}");
}

#[test]
fn faults_of_cases_are_shown_as_those_of_policies() {
    let (code, shown) = run(&["tests/cases/faults.yaml"]);
    assert_eq!(code, 1);
    golden("faults.txt", &shown);
    for code in [Code::CaseCaller, Code::CaseRequest, Code::CaseContradiction, Code::Word, Code::DuplicateName] {
        assert!(shown.contains(code.id()), "{}", code.id());
    }
}

#[test]
fn names_that_the_policy_lacks_are_faults() {
    let (code, shown) = run(&["tests/cases/names.yaml"]);
    assert_eq!(code, 1);
    golden("names.txt", &shown);
    for code in [Code::CaseRoute, Code::UnknownRole, Code::UnknownLimit] {
        assert!(shown.contains(code.id()), "{}", code.id());
    }
}

#[test]
fn failures_say_what_differs_and_why() {
    let (code, shown) = run(&["tests/cases/failures.yaml", "--coverage"]);
    assert_eq!(code, 1);
    golden("failures.txt", &shown);
}

#[test]
fn machines_get_json_and_junit() {
    let (code, shown) = run(&["tests/cases/failures.yaml", "--format", "json"]);
    let report: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((code, &report["passes"], &report["failed"]), (1, &false.into(), &3.into()));
    let failed = &report["files"][0]["cases"][1];
    assert_eq!((&failed["code"], &failed["differences"][0]["of"]), (&"role_missing".into(), &"decision".into()));
    let (code, shown) = run(&["tests/cases/failures.yaml", "--format", "junit"]);
    assert_eq!(code, 1);
    golden("failures.junit.txt", &shown);
    let (_, faults) = run(&["tests/cases/faults.yaml", "--format", "junit"]);
    for page in [shown, faults] {
        assert!(page.contains("errors=\"") && !page.contains("&&"), "{page}");
        assert_eq!(page.matches("<testsuite ").count(), page.matches("</testsuite>").count());
    }
}

#[test]
fn too_little_seen_fails() {
    let (code, _) = run(&["policies/tests/quickstart.yaml", "--min-coverage", "100%"]);
    assert_eq!(code, 0);
    let (code, shown) = run(&["tests/cases/few.yaml", "--min-coverage", "90%", "--coverage"]);
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("not seen of") && shown.contains("route health"), "{shown}");
    assert_eq!(run(&["tests/cases/few.yaml"]).0, 0);
}

#[test]
fn where_there_are_no_cases_there_is_no_answer() {
    assert_eq!(run(&["nowhere.yaml"]).0, 2);
    assert_eq!(run(&["docs"]).0, 2);
}

#[test]
fn cases_and_explain_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = cases::read(&root.join("policies/tests/quickstart.yaml")).unwrap_or_else(|faults| panic!("{faults}"));
    let policy = load(&file.policy, &LoadOptions::check()).unwrap_or_else(|faults| panic!("{faults}")).policy;
    for case in &file.cases {
        let outcome = case.run(&policy);
        let mut command = portcullis();
        command.args(["explain", "--policy", "policies/quickstart.yaml", "--format", "json"]);
        command.args(["--method", case.method.as_str(), "--path", &case.target]);
        if let Some((kind, name)) = &case.caller {
            command.args(["--caller", &format!("{}:{name}", kind.prefix())]);
        }
        for group in &case.groups {
            command.args(["--group", group]);
        }
        let answer: Value = serde_json::from_slice(&command.output().expect("it runs").stdout).expect("JSON");
        assert_eq!(answer["verdict"], outcome.decision.as_str(), "{}", case.name);
        assert_eq!(answer["reason"].as_str(), outcome.code, "{}", case.name);
    }
}

#[test]
fn formatting_writes_once_and_checks_without_writing() {
    let here = tempfile::tempdir().expect("a directory");
    let path = here.path().join("p.yaml");
    let text = "# mine\n\nmode:   enforce # now\nversion: 1\n";
    let base = fs::read_to_string(directory().join("../faults/base.yaml")).expect("the base");
    let text = text.to_owned() + base.strip_prefix("version: 1\n").expect("a version");
    fs::write(&path, &text).expect("written");
    let run = |arguments: &[&str]| {
        let output = portcullis().arg("fmt").args(arguments).arg(&path).output().expect("it runs");
        output.status.code().expect("a code")
    };
    assert_eq!(run(&["--check"]), 1);
    assert_eq!(fs::read_to_string(&path).expect("text"), text);
    assert_eq!(run(&[]), 0);
    let once = fs::read_to_string(&path).expect("text");
    assert!(once.starts_with("# mine\n\nversion: 1\n") && once.ends_with("mode: enforce   # now\n"), "{once}");
    assert_eq!((run(&["--check"]), run(&[])), (0, 0));
    assert_eq!(fs::read_to_string(&path).expect("text"), once);
    // What variables stand for does not matter to the form; faults do.
    fs::write(&path, once.replace("mode: enforce", "mode: ${NOBODY_SET_THIS}")).expect("written");
    assert_eq!(run(&["--check"]), 0);
    let faulty = once.replace("mode: enforce", "mode: enforced");
    fs::write(&path, &faulty).expect("written");
    assert_eq!(run(&[]), 1);
    assert_eq!(fs::read_to_string(&path).expect("text"), faulty);
}
