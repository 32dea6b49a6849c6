//! The pages in a real browser.

// A test says by panicking what it did not expect.
#![allow(clippy::unwrap_used)]

#[path = "../it/battery_fixture.rs"]
#[allow(dead_code)]
mod battery_fixture;
mod cdp;
#[path = "../it/fixture.rs"]
#[allow(dead_code)]
mod fixture;

use std::path::{Path, PathBuf};

use cdp::Page;
use mpclab_reports::html::{self, BatteryInput, ReportInput, Source};
use mpclab_reports::record::Record;
use serde_json::json;

/// Most rows of one table that are in the page at a time.
const MOST_ROWS: u64 = 50;

fn report(records: &[Record]) -> String {
    let source = Source {
        scenario: "auction",
        about: "Five bidders, three computing servers; what does malicious security cost?",
        resolved_yaml: "about: an auction\nparties: { input: 5, compute: 3 }\n",
        command: "mpclab run scenarios/smoke/auction.yaml --seed 1",
    };
    html::render(&ReportInput { title: "auction", records, sources: &[source], traces: &[] })
        .unwrap()
}

fn battery() -> String {
    let battery = battery_fixture::battery();
    let (resolved_yaml, command) = ("about: a product\n", "mpclab attack product.yaml");
    html::battery(&BatteryInput { battery: &battery, resolved_yaml, command }).unwrap()
}

fn many() -> String {
    let records = fixture::many();
    assert_eq!(records.len(), 5_000);
    report(&records)
}

/// The texts of a column of a table, top down.
fn column(page: &mut Page, table: &str, at: usize) -> Vec<String> {
    let rows = format!(
        "[...document.querySelectorAll('[data-table={table}] tbody tr:not(.point, .section)')]\
         .map((row) => row.cells[{at}].textContent)"
    );
    serde_json::from_value(page.eval(&rows)).unwrap()
}

/// Rows that are in the page, headings left out.
fn rows(page: &mut Page, table: &str) -> u64 {
    column(page, table, 0).len() as u64
}

/// Puts the focus on the button that sorts a table by its column with this heading.
fn focus_sorter(page: &mut Page, table: &str, heading: &str) {
    page.eval(&format!(
        "[...document.querySelectorAll('[data-table={table}] button.sort')]\
         .find((button) => button.textContent === '{heading}').focus()"
    ));
}

#[test]
fn nothing_leaves_the_page_and_no_error_is_told() {
    for html in [report(&fixture::troubled()), report(&fixture::with_paths()), many(), battery()] {
        let Some(mut page) = Page::open(&html) else { return };
        assert_eq!(page.errors(), Vec::<String>::new());
        assert_eq!(page.requests(), [page.url()]);
        // The page forbids itself what it does not do: the check above can see that.
        page.eval("fetch('http://127.0.0.1:9/').catch(() => 0)");
        assert!(!page.errors().is_empty(), "a refused request is an error");
    }
}

#[test]
fn rows_are_sorted_among_those_that_compare() {
    let Some(mut page) = Page::open(&report(&fixture::single())) else { return };
    let before = column(&mut page, "comparison", 0);
    assert_eq!(before, ["additive*", "shamir", "rep3", "rep3_ps"]);
    focus_sorter(&mut page, "comparison", "messages");
    let sorted = "document.activeElement.closest('th').getAttribute('aria-sort')";
    page.press("Enter");
    assert_eq!(page.eval(sorted), "ascending");
    // The malicious one stays apart, however cheap.
    let expected = ["rep3", "shamir", "additive*", "rep3_ps"];
    assert_eq!(column(&mut page, "comparison", 0), expected);
    page.press(" ");
    assert_eq!(page.eval(sorted), "descending");
    assert_eq!(column(&mut page, "comparison", 0)[0], "additive*");
    page.press("Enter");
    assert_eq!(page.eval(sorted), json!(null));
    assert_eq!(column(&mut page, "comparison", 0), before);
}

#[test]
fn figures_are_sorted_by_what_they_are_worth() {
    let Some(mut page) = Page::open(&report(&fixture::auction())) else { return };
    page.eval("document.querySelector('#all-runs').open = true");
    focus_sorter(&mut page, "runs", "time");
    page.press("Enter");
    let times = column(&mut page, "runs", 5);
    assert_eq!(times.len() as u64, MOST_ROWS, "of 60");
    let worth: Vec<f64> = serde_json::from_value(
        page.eval(&format!("{}.map(worth)", serde_json::to_string(&times).unwrap())),
    )
    .unwrap();
    assert!(worth.is_sorted(), "{times:?}");
    assert!(times[0].ends_with("ms") && times[49].ends_with(" s"), "{times:?}");
}

#[test]
fn rows_are_filtered_by_words() {
    let Some(mut page) = Page::open(&many()) else { return };
    let status = "document.querySelector('#comparison .status').textContent";
    assert_eq!(page.eval(status), "1 to 50 of 1,000 rows");
    page.eval("document.querySelector('#comparison input').focus()");
    page.type_text("rtt = 7ms REP3_ps");
    assert_eq!(page.eval(status), "25 of 1,000 rows");
    let shown = column(&mut page, "comparison", 0);
    assert!(shown.iter().all(|name| name == "rep3_ps"), "{shown:?}");
    page.eval("document.querySelector('#comparison input').select()");
    page.type_text("no such words");
    assert_eq!(page.eval(status), "0 of 1,000 rows");
    assert_eq!(rows(&mut page, "comparison"), 0);
}

#[test]
fn a_row_leads_to_its_runs() {
    let Some(mut page) = Page::open(&many()) else { return };
    page.eval("document.querySelector('#comparison tr[data-series=rep3] button.runs').focus()");
    page.press("Enter");
    assert_eq!(page.eval("document.querySelector('#all-runs').open"), true);
    assert_eq!(page.eval("document.activeElement.tagName"), "SUMMARY");
    assert_eq!(column(&mut page, "runs", 1), ["rep3"; 5]);
    assert_eq!(column(&mut page, "runs", 2), ["0", "1", "2", "3", "4"]);
    page.eval("document.querySelector('#runs .chips button').click()");
    assert_eq!(rows(&mut page, "runs"), MOST_ROWS, "of any sweep point");
}

#[test]
fn five_thousand_records_are_few_elements() {
    let html = many();
    assert!(html.len() < 3_000_000, "{} bytes", html.len());
    let Some(mut page) = Page::open(&html) else { return };
    for table in ["comparison", "scopes", "runs"] {
        assert_eq!(rows(&mut page, table), MOST_ROWS, "{table}");
    }
    let elements = page.eval("document.querySelectorAll('*').length").as_u64().unwrap();
    assert!(elements < 25_000, "{elements} elements");
    let first = column(&mut page, "runs", 0);
    page.eval("document.querySelector('#all-runs').open = true");
    page.eval("document.querySelector('#runs .turns button:last-child').click()");
    assert_eq!(rows(&mut page, "runs"), MOST_ROWS);
    assert!(column(&mut page, "runs", 0) != first, "other rows");
    let ready = "performance.getEntriesByType('navigation')[0].domInteractive";
    eprintln!(
        "5,000 records: {} bytes, {elements} elements, interactive after {} ms",
        html.len(),
        page.eval(ready)
    );
}

#[test]
fn evidence_opens_when_a_link_leads_to_it() {
    let reports = [report(&fixture::troubled()), battery()];
    for html in reports {
        let Some(mut page) = Page::open(&html) else { return };
        page.eval("for (const closed of document.querySelectorAll('details')) closed.open = false");
        let link = "document.querySelector('table.grid a')";
        let target = format!("document.querySelector({link}.hash)");
        assert_eq!(page.eval(&format!("{target}.open")), false);
        page.eval(&format!("{link}.focus()"));
        page.press("Enter");
        let opened = format!("new Promise((done) => setTimeout(() => done({target}.open)))");
        assert_eq!(page.eval(&opened), true);
        assert_eq!(page.eval("document.activeElement.tagName"), "SUMMARY");
        // Closed again, the same link opens it again.
        page.eval(&format!("{target}.open = false"));
        page.eval(&format!("{link}.click()"));
        assert_eq!(page.eval(&opened), true);
        // From elsewhere too.
        let hash = page.eval(&format!("{link}.hash"));
        page.go("about:blank");
        page.go(&format!("{}{}", page.url(), hash.as_str().unwrap()));
        assert_eq!(page.eval(&opened), true);
    }
}

#[test]
fn a_protocol_stands_out_in_all_plots() {
    let Some(mut page) = Page::open(&report(&fixture::auction())) else { return };
    let faint = "[...document.querySelectorAll('.figures g[data-series]')]\
                 .filter((group) => getComputedStyle(group).opacity < 1)\
                 .map((group) => group.dataset.series)";
    let faint = |page: &mut Page| -> Vec<String> {
        // Without the transition.
        page.eval("new Promise((done) => setTimeout(done, 300))");
        let mut names: Vec<String> = serde_json::from_value(page.eval(faint)).unwrap();
        names.sort_unstable();
        names.dedup();
        names
    };
    assert!(faint(&mut page).is_empty());
    page.eval("document.querySelector('[data-pick=shamir]').focus()");
    page.press("Enter");
    assert_eq!(page.eval("document.activeElement.getAttribute('aria-pressed')"), "true");
    assert_eq!(faint(&mut page), ["additive", "rep3", "rep3_ps"]);
    page.eval(
        "document.querySelector('.figures g[data-series=rep3]')\
         .dispatchEvent(new MouseEvent('click', { bubbles: true }))",
    );
    assert_eq!(faint(&mut page), ["additive", "rep3_ps", "shamir"]);
    assert_eq!(page.eval("document.querySelectorAll('[aria-pressed=true]').length"), 1);
    page.eval("document.querySelector('[data-pick=rep3]').click()");
    assert!(faint(&mut page).is_empty());
}

#[test]
fn everything_is_there_without_a_script() {
    let page = report(&fixture::auction()).replace("<script>", "<script type=\"none\">");
    let Some(mut page) = Page::open(&page) else { return };
    assert_eq!(rows(&mut page, "comparison"), 12);
    let visible = "[...document.querySelectorAll('button')].filter((b) => b.checkVisibility())";
    assert_eq!(page.eval(&format!("{visible}.length")), 0, "buttons that do nothing");
}

/// What a checker of accessibility looks at first.
const BASICS: &str = include_str!("basics.js");

#[test]
fn the_basics_of_accessibility_hold() {
    for html in [report(&fixture::troubled()), report(&fixture::with_paths()), battery()] {
        let Some(mut page) = Page::open(&html) else { return };
        for scheme in ["light", "dark"] {
            page.scheme(scheme);
            assert_eq!(page.eval(BASICS), json!([]), "{scheme}");
        }
        // The first key leads past the navigation.
        page.press("Tab");
        assert_eq!(page.eval("document.activeElement.className"), "skip");
        let visible = "document.activeElement.getBoundingClientRect().left >= 0";
        assert_eq!(page.eval(visible), true);
        page.press("Enter");
        assert_eq!(page.eval("location.hash"), "#main");
        // The check itself sees what is wrong.
        page.eval("document.body.append(document.createElement('table'))");
        page.eval("document.querySelector('h1').style.color = 'rgb(200, 200, 200)'");
        page.scheme("light");
        assert_eq!(page.eval(BASICS).as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_phone_shows_all_of_it_and_pictures_are_taken_for_readers() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens");
    std::fs::create_dir_all(&folder).unwrap();
    let pages = [
        ("report", report(&fixture::with_paths())),
        ("troubled", report(&fixture::troubled())),
        ("many", many()),
        ("battery", battery()),
    ];
    for (name, html) in pages {
        let Some(mut page) = Page::open(&html) else { return };
        let file = |what: &str| -> PathBuf { folder.join(format!("{name}-{what}")) };
        page.photograph(&file("wide.png"), true);
        page.print(&file("print.pdf"));
        page.scheme("dark");
        page.photograph(&file("dark.png"), true);
        page.scheme("light");
        page.size(390, 844);
        let wide = page.eval("document.documentElement.scrollWidth");
        assert!(wide.as_u64().unwrap() <= 390, "{name} is {wide} pixels wide on a phone");
        page.photograph(&file("phone.png"), true);
    }
}
