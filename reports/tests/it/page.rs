use std::fs;
use std::path::Path;

use mpclab_reports::html::{ReportInput, Source, render};
use mpclab_reports::plot::{self, Medium};
use mpclab_reports::record::Record;

use crate::fixture;

fn page(records: &[Record]) -> String {
    let source = Source {
        scenario: "auction",
        about: "Five bidders, three computing servers; what does malicious security cost?",
        resolved_yaml: "about: <b>not bold</b>\nparties: { input: 5, compute: 3 }\n",
        command: "mpclab run scenarios/smoke/auction.yaml --seed 1",
    };
    render(&ReportInput { title: "Sealed-bid auction", records, sources: &[source], traces: &[] })
        .unwrap()
}

/// Writes pages and plots where a reader can open them, and holds them to what has to be in them.
#[test]
fn gallery() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    fs::create_dir_all(&folder).unwrap();
    let sets = [
        ("auction", fixture::auction()),
        ("grid", fixture::grid()),
        ("single", fixture::single()),
        ("troubled", fixture::troubled()),
    ];
    for (name, records) in sets {
        let page = page(&records);
        for figure in plot::figures(&records, &[], Medium::Screen).unwrap() {
            assert!(page.contains(&figure.svg), "{} is in the page", figure.name);
            fs::write(folder.join(format!("{name}-{}.svg", figure.name)), figure.svg).unwrap();
        }
        fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
}

#[test]
fn the_page_fetches_nothing() {
    let page = page(&fixture::auction()).replace("http://www.w3.org/2000/svg", "");
    for reference in ["http://", "https://", "src=", "@import", "url(", "<link"] {
        assert!(!page.contains(reference), "{reference}");
    }
}

#[test]
fn hostile_strings_are_escaped() {
    let mut records = fixture::troubled();
    for record in &mut records {
        record.function_about = "<img src=x onerror=alert(1)>".to_owned();
        record.outputs = "</code><script>alert(2)</script>".to_owned();
        record.domain = "\"><script>".to_owned();
        record.assumptions = vec!["<iframe>".to_owned()];
        record.digests.event = "<script>".to_owned();
        record.network = "<style>".to_owned();
        if let Some(row) = record.parties.first_mut() {
            row.role = "<script>".to_owned();
        }
    }
    let page = page(&records);
    assert!(page.contains("&lt;script&gt;"), "the label is shown");
    assert_eq!(page.matches("<script").count(), 2, "only the page's own: data and code");
    assert_eq!(page.matches("</script").count(), 2);
    for code in ["<img", "<iframe", "<b>not bold"] {
        assert!(!page.contains(code), "{code}");
    }
    assert_eq!(page.matches("<style").count(), 1, "only the page's own");
}

#[test]
fn the_page_says_what_a_reader_needs() {
    let page = page(&fixture::auction());
    let needed = [
        "Five bidders, three computing servers",
        "60 of 60 correct",
        "No two of these have equal claims and equal t or n: rep3 (n = 3, t = 1), rep3_ps",
        "Not ranked, because the setup is not priced: additive.",
        "not priced",
        "total payload sent over all parties, self-delivery excluded",
        "online&#x2f;less",
        "1,843,200",
        "Example 2026, Theorem 1",
        "agrees",
        "p = 2^128 - 159",
        "sigma = 40",
        "winner = 3, price = 870",
        "mpclab run scenarios&#x2f;smoke&#x2f;auction.yaml --seed 1",
        "&lt;b&gt;not bold",
        "prefers-color-scheme",
    ];
    for text in needed {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("Not all is well") && !page.contains(">differs<"));
}

#[test]
fn trouble_stands_at_the_top() {
    let page = page(&fixture::troubled());
    assert!(page.contains("54 of 60 correct"));
    let trouble = page.find("Not all is well").unwrap();
    assert!(trouble < page.find("id=\"comparison\"").unwrap());
    for text in ["price = 871, not 870", "rep3 needs 3 computing parties", "declared cost violated"]
    {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("least total time at every sweep point"), "one point has one protocol");
    let mut rivals = fixture::auction();
    for record in rivals.iter_mut().filter(|record| record.key.protocol == "shamir") {
        record.n = 3;
    }
    let told = "semi-honest, t = 1: rep3 (n = 3, t = 1) has the least total time at every sweep";
    assert!(self::page(&rivals).contains(told));
}

#[test]
fn a_cost_that_differs_from_the_declared_one_is_marked() {
    let mut records = fixture::single();
    records[0].metrics.insert("online.bytes".to_owned(), 1_843_201);
    let page = page(&records);
    assert_eq!(page.matches("<td class=\"name bad\">differs</td>").count(), 1);
    assert!(page.contains("1,843,200 to 1,843,201"));
}

#[test]
fn the_same_records_give_the_same_page() {
    let records = fixture::auction();
    let mut shuffled = records.clone();
    shuffled.rotate_left(17);
    shuffled.push(records[0].clone());
    assert!(page(&records) == page(&shuffled), "neither order nor doubles matter");
}
