use mpclab_reports::export::{self, Format};
use mpclab_reports::record::{Outcome, Record};
use mpclab_reports::table::{Comparison, ScopeTable};

use crate::fixture;

fn comparison(records: &[Record], format: Format, width: usize) -> String {
    export::comparison(&Comparison::of(records), format, width).unwrap()
}

fn scopes(records: &[Record], format: Format) -> String {
    export::scopes(&ScopeTable::of(records), format, 80).unwrap()
}

#[test]
fn comparison_in_a_narrow_terminal() {
    let text = comparison(&fixture::auction(), Format::Table, 80);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn comparison_in_a_wide_terminal() {
    insta::assert_snapshot!(comparison(&fixture::single(), Format::Table, 120));
}

#[test]
fn comparison_with_trouble() {
    insta::assert_snapshot!(comparison(&fixture::troubled(), Format::Table, 80));
}

#[test]
fn comparison_in_markdown() {
    insta::assert_snapshot!(comparison(&fixture::troubled(), Format::Markdown, 80));
}

#[test]
fn comparison_in_csv() {
    insta::assert_snapshot!(comparison(&fixture::troubled(), Format::Csv, 80));
}

#[test]
fn comparison_in_latex() {
    insta::assert_snapshot!(comparison(&fixture::troubled(), Format::Latex, 80));
}

#[test]
fn scopes_in_a_terminal() {
    insta::assert_snapshot!(scopes(&fixture::auction(), Format::Table));
}

#[test]
fn scopes_in_latex() {
    insta::assert_snapshot!(scopes(&fixture::single(), Format::Latex));
}

#[test]
fn json_has_raw_figures_and_big_ones_as_text() {
    let mut records = fixture::single();
    for record in &mut records {
        record.metrics.insert("total.bytes".to_owned(), (1 << 53) + 1);
    }
    let json: serde_json::Value =
        serde_json::from_str(&comparison(&records, Format::Json, 80)).unwrap();
    let additive = &json["rows"][0];
    assert_eq!(additive["protocol"], "additive");
    assert_eq!(additive["online.bytes"], 1_843_200);
    assert_eq!(additive["total.bytes"], "9007199254740993");
    assert!(additive["offline.bytes"].is_null(), "not priced is no number");
    assert_eq!(json["rows"][2]["offline.bytes"], 0, "priced, and free");
    assert!(json["notes"].as_array().unwrap().len() > 3);
}

#[test]
fn every_csv_line_has_every_column() {
    for records in [fixture::grid(), fixture::troubled()] {
        for text in [comparison(&records, Format::Csv, 80), scopes(&records, Format::Csv)] {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let columns = reader.headers().unwrap().len();
            for line in reader.records() {
                assert_eq!(line.unwrap().len(), columns);
            }
        }
    }
}

#[test]
fn a_setup_column_appears_once_a_setup_costs_something() {
    let mut records = fixture::single();
    let text = comparison(&records, Format::Markdown, 80);
    assert!(!text.contains("setup bytes"), "{text}");
    for record in records.iter_mut().filter(|record| record.key.protocol == "shamir") {
        record.metrics.insert("setup.bytes".to_owned(), 640);
    }
    let text = comparison(&records, Format::Markdown, 80);
    assert!(text.contains("setup bytes") && text.contains("640 B"), "{text}");
    let additive = text.lines().find(|line| line.contains("additive")).unwrap();
    assert_eq!(additive.matches("not priced").count(), 2, "{additive}");
}

#[test]
fn a_cell_without_figures_shows_none() {
    let mut records = fixture::single();
    for record in &mut records {
        record.outcome = Outcome::Stalled("party 1 waits for party 0".to_owned());
    }
    let text = comparison(&records, Format::Table, 100);
    assert!(text.contains("stalled") && text.contains("party 1 waits for party 0"), "{text}");
    assert!(text.contains("no run was correct"), "{text}");
    assert!(!text.contains("MB") && !text.contains(" ms"), "{text}");
}

#[test]
fn mixed_fingerprints_are_pointed_out() {
    let mut records = fixture::single();
    let warned = |records: &[Record]| comparison(records, Format::Table, 80).contains("warning");
    assert!(!warned(&records));
    records[0].fingerprint = "other".to_owned();
    assert!(warned(&records));
}

#[test]
fn formats_are_found_by_name() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    let error = "xml".parse::<Format>().unwrap_err();
    assert_eq!(error, "`xml` is no format; there are table, markdown, csv, json, latex");
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let mut records = fixture::single();
    for record in &mut records {
        record.key.protocol.insert_str(0, "\u{1b}[2J\n");
        record.outcome = Outcome::Error("\u{1b}[31mred\r".to_owned());
    }
    let text = comparison(&records, Format::Table, 80);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert!(text.contains("[31mred") && text.lines().any(|line| line.contains("[2J additive")));
}

#[test]
fn figures_by_scope_of_runs_that_all_failed_are_no_figures() {
    let mut records = fixture::single();
    records.iter_mut().for_each(|record| record.outcome = Outcome::Wrong("1".to_owned()));
    for format in Format::ALL {
        let text = export::scopes(&ScopeTable::of(&records), format, 100).unwrap();
        assert!(!text.contains("with the scopes inside") && !text.contains("online/"), "{text}");
    }
}
