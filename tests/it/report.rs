//! Reports are made from results alone.

use std::fs;

use crate::support::{HOME, contents, expect, sum, text, write};

/// Runs that bring along sweeps, clients and failures, so that every part of the page is there.
const SCENARIO: &str = "
about: Whatever a page can show.
function: { name: sum, params: { length: 3 } }
parties: 3
protocols:
  - additive
  - { name: rep3, parties: { compute: 3, input: 4, output: all } }
network: lan
sweep: { network.rtt: [1ms, 10ms, 100ms] }
unsupported: skip
repetitions: 2
";

#[test]
fn a_report_is_made_again_from_results_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", SCENARIO);
    let set = ["--set", "function.params.bits=16", "--seed", "9"];
    let ran = expect(&folder, 0, &[&["run", &file, "--out", "out"][..], &set].concat());
    let out = folder.path().join("out");
    let whole = contents(&out);
    for path in whole.keys() {
        let kept = ["results.jsonl", "resolved.yaml", "made_by.json"];
        let kept = kept.iter().any(|name| path.ends_with(name));
        if !kept {
            fs::remove_file(out.join(path)).unwrap();
        }
    }
    let reported = expect(&folder, 0, &["report", "out"]);
    let again = contents(&out);
    for (path, bytes) in &whole {
        assert!(again.get(path) == Some(bytes), "{} differs", path.display());
    }
    assert_eq!(again.len(), whole.len());
    assert_eq!(text(&reported.stdout), text(&ran.stdout));
    // Elsewhere, without touching the results.
    expect(&folder, 0, &["report", "out/results.jsonl", "--out", "elsewhere"]);
    let page = |folder: &std::path::Path| fs::read(folder.join("report.html")).unwrap();
    assert!(page(&folder.path().join("elsewhere")) == page(&out));
    assert!(!folder.path().join("elsewhere/results.jsonl").exists());
}

#[test]
fn the_page_tells_the_command_that_gives_the_results_again() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "s.yaml", SCENARIO);
    let set = ["--set", "function.params.bits=16", "--seed", "9"];
    expect(&folder, 0, &[&["run", "s.yaml", "--out", "out"][..], &set].concat());
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    let command = "mpclab run s.yaml --set function.params.bits=16 --seed 9</code>";
    assert!(page.contains(command), "{page}");
}

#[test]
fn the_resolved_scenario_gives_the_same_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", SCENARIO);
    expect(&folder, 0, &["run", &file, "--out", "out", "--set", "parties=5", "--seed", "9"]);
    fs::create_dir(folder.path().join("alone")).unwrap();
    fs::copy(folder.path().join("out/resolved.yaml"), folder.path().join("alone/s.yaml")).unwrap();
    expect(&folder, 0, &["run", "alone/s.yaml", "--out", "again"]);
    let results = |out: &str| crate::support::results(&folder.path().join(out));
    assert!(results("out") == results("again"));
}

#[test]
fn several_results_make_one_report() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        let scenario = sum("[shamir]", "").replace("A small sum.", &format!("About {name}."));
        let file = write(&folder, &format!("{name}.yaml"), &scenario);
        expect(&folder, 0, &["run", &file, "--out", name]);
    }
    expect(&folder, 0, &["report", "one", "two", "--out", "both"]);
    let page = fs::read_to_string(folder.path().join("both/report.html")).unwrap();
    for text in ["About one.", "About two.", "<title>one, two", "one.yaml", "two.yaml"] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_page_fetches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let coin = format!("{HOME}/scenarios/smoke/coin_toss.yaml");
    let sum = write(&folder, "s.yaml", SCENARIO);
    for (file, out) in [(&sum, "sum"), (&coin, "coin")] {
        expect(&folder, 0, &["run", file, "--out", out]);
        for (path, bytes) in contents(&folder.path().join(out)) {
            if !path.extension().is_some_and(|ending| ending == "html" || ending == "svg") {
                continue;
            }
            let page = text(&bytes).replace("http://www.w3.org/2000/svg", "");
            assert!(page.contains("<svg"), "{}", path.display());
            for reference in ["http://", "https://", "src=", "@import", "url(", "<link"] {
                assert!(!page.contains(reference), "{reference} in {}", path.display());
            }
        }
    }
}
