use std::fs;
use std::path::Path;

use mpclab_reports::battery::{self, Battery, BatteryError, Judgement, Layout, Mark};
use mpclab_reports::export::{self, Format};
use mpclab_reports::html::{self, BatteryInput};
use mpclab_reports::plot;
use mpclab_sim::vocabulary::{Observed, Standing};

use crate::battery_fixture::battery;
use crate::fixture::HOSTILE;

fn export(format: Format, width: usize) -> String {
    export::battery(&battery(), format, width).unwrap()
}

/// A battery in which every text is code for whoever does not escape it.
fn hostile() -> Battery {
    let mut battery = battery();
    let texts = [&mut battery.scenario, &mut battery.about, &mut battery.function];
    texts.into_iter().for_each(|text| text.push_str(HOSTILE));
    battery.version.push_str(HOSTILE);
    battery.notes.push(HOSTILE.to_owned());
    for row in &mut battery.rows {
        row.protocol.push_str(HOSTILE);
        for cell in &mut row.cells {
            cell.attack.push_str(HOSTILE);
            cell.reason.push_str(HOSTILE);
            for evidence in &mut cell.evidence {
                evidence.case = format!("{HOSTILE}\u{1b}[2J");
                evidence.what_differed = HOSTILE.to_owned();
                evidence.scenario = Some(format!("</code></pre>{HOSTILE}"));
                evidence.command = Some(format!("mpclab run {HOSTILE}"));
                if let Some(place) = &mut evidence.at {
                    (place.scope, place.label) = (HOSTILE.to_owned(), HOSTILE.to_owned());
                }
            }
        }
    }
    for test in &mut battery.privacy {
        let texts = [&mut test.protocol, &mut test.test, &mut test.algebra, &mut test.note];
        texts.into_iter().for_each(|text| text.push_str(HOSTILE));
    }
    for curve in &mut battery.soundness {
        let texts = [&mut curve.protocol, &mut curve.event, &mut curve.strategy];
        texts.into_iter().for_each(|text| text.push_str(HOSTILE));
        let texts = [&mut curve.parameter, &mut curve.source, &mut curve.points[0].label];
        texts.into_iter().for_each(|text| text.push_str(HOSTILE));
    }
    battery
}

#[test]
fn grid_in_a_narrow_terminal() {
    let text = export(Format::Table, 80);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn grid_in_a_wide_terminal_has_attacks_across() {
    let text = export(Format::Table, 200);
    assert!(text.lines().all(|line| line.chars().count() <= 200), "{text}");
    assert!(text.contains("claims against attacks") && !text.contains("attacks on"), "{text}");
    insta::assert_snapshot!(text);
}

/// What breaks beyond the claim stands apart from what is claimed; a violation is in the claim's part.
#[test]
fn terminal_and_page_begin_with_the_matrix() {
    let text = export(Format::Table, 120);
    assert!(text.starts_with("product: guarantees of protocols\n"), "{text}");
    let (matrix, rest) = text.split_once("claims in short").unwrap();
    let parts = ["what is claimed", "within the claim", "beyond the claim"];
    let places = parts.map(|part| matrix.find(part).unwrap());
    assert!(places.is_sorted() && !rest.contains(parts[2]), "{text}");
    let [within, beyond] = [&matrix[places[1]..places[2]], &matrix[places[2]..]];
    let row = |part: &str, name: &str| {
        let line = part.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    let within: Vec<String> = row(within, "correctness");
    assert_eq!(within, ["correctness", "✓ held", "✗ VIOLATED"]);
    let beyond: Vec<String> = row(beyond, "correctness");
    assert_eq!(beyond, ["correctness", "○ out (broken)", "–"]);
    let (battery, resolved_yaml, command) = (battery(), "", "");
    let page = html::battery(&BatteryInput { battery: &battery, resolved_yaml, command }).unwrap();
    let at = |id: &str| page.find(&format!("<section id=\"{id}\">")).unwrap();
    assert!(at("matrix") < at("summary") && at("summary") < at("overview"));
}

#[test]
fn grid_in_markdown() {
    insta::assert_snapshot!(export(Format::Markdown, 80));
}

#[test]
fn grid_in_csv() {
    insta::assert_snapshot!(export(Format::Csv, 80));
}

#[test]
fn tests_and_curves_in_csv() {
    let privacy = export::privacy(&battery(), Format::Csv, 80).unwrap();
    let soundness = export::soundness(&battery(), Format::Csv, 80).unwrap();
    insta::assert_snapshot!(format!("{privacy}\n{soundness}"));
}

#[test]
fn battery_in_json() {
    insta::assert_snapshot!(export(Format::Json, 80));
}

#[test]
fn the_grid_fits_every_terminal_down_to_48_columns() {
    for width in 48..200 {
        for text in [export(Format::Table, width), {
            let mut battery = battery();
            battery.rows[0].cells[0].attack = "honest ".repeat(30).trim_end().to_owned();
            export::battery(&battery, Format::Table, width).unwrap()
        }] {
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width, "{widest} columns in {width}:\n{text}");
        }
    }
}

#[test]
fn terminal_text_has_no_colours_and_no_control_characters() {
    let text = export::battery(&hostile(), Format::Table, 100).unwrap();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn json_reads_back_and_big_numbers_are_text() {
    let text = export(Format::Json, 80);
    assert_eq!(Battery::parse(text.as_bytes()).unwrap(), battery());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["seed"], "18446744073709551615");
    let cell = &json["rows"][1]["cells"][1];
    assert_eq!(cell["verdict"]["standing"], "violated");
    assert_eq!(cell["evidence"][0]["seed"], "9007199254740993");
    let next = text.replacen("\"schema\": 1", "\"schema\": 2", 1);
    let error = Battery::parse(next.as_bytes()).unwrap_err();
    assert!(matches!(error, BatteryError::Schema { found: 2 }), "{error}");
    assert!(matches!(Battery::parse(b"{"), Err(BatteryError::Form(_))));
}

#[test]
fn a_standing_in_the_file_does_not_count() {
    let text = export(Format::Json, 80).replace("\"violated\"", "\"held\"");
    assert_eq!(Battery::parse(text.as_bytes()).unwrap(), battery());
}

/// Takes a battery out of step with itself.
type Change = fn(&mut Battery);

#[test]
fn contradictions_are_found() {
    let changes: [(&str, Change); 14] = [
        ("sum", |b| b.rows[0].cells[0].counts.cases += 1),
        ("sum", |b| b.rows[0].cells[0].counts.broken = u64::MAX),
        ("substitutions", |b| b.rows[0].cells[0].counts.input_substitution = 4),
        ("held, but broken", |b| {
            b.rows[1].cells[1].verdict = Judgement::new(true, Observed::Held);
        }),
        ("broken, but in no case", |b| {
            b.rows[0].cells[0].verdict = Judgement::new(true, Observed::Broken);
        }),
        ("two cells", |b| b.rows[0].cells[1] = b.rows[0].cells[0].clone()),
        ("two rows", |b| b.rows[1].protocol = "rep3".to_owned()),
        ("coalitions", |b| b.rows[0].coalitions = 4),
        ("level is NaN", |b| b.alpha = f64::NAN),
        ("p-value is 1.5", |b| b.privacy[0].p_value = Some(1.5)),
        ("successes", |b| b.soundness[0].points[0].successes = 10_001),
        ("violation of privacy", |b| drop(b.rows[1].cells.remove(6))),
        ("violation of soundness", |b| drop(b.rows[1].cells.remove(7))),
        ("interval", |b| b.soundness[0].points[0].lower = 0.25),
    ];
    for (expected, change) in changes {
        let mut battery = battery();
        change(&mut battery);
        let error = battery.to_json().unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    battery().check().unwrap();
}

#[test]
fn marks_differ_without_colour() {
    let tested = Observed::NotRefuted { samples: 1, test: String::new(), alpha: 0.1 };
    let observed = [Observed::Held, Observed::Broken, tested, Observed::Inconclusive];
    let marks = [true, false].into_iter().flat_map(|claimed| {
        let judged = |seen: &Observed| Mark::of_judgement(&Judgement::new(claimed, seen.clone()));
        observed.iter().map(judged).collect::<Vec<_>>()
    });
    let mut texts: Vec<String> = marks.map(Mark::short).collect();
    assert_eq!(texts[1], "✗ VIOLATED");
    assert_eq!(texts[5], "○ out (broken)");
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 8);
}

#[test]
fn an_attack_without_effect_does_not_read_as_held() {
    let battery = battery();
    let cell = &battery.rows[1].cells[4];
    assert_eq!(cell.verdict.standing(), Standing::Held);
    assert_eq!(Mark::of(cell).short(), "· no effect");
    assert_eq!(Mark::of(&battery.rows[1].cells[2]).short(), "✓ held†");
}

#[test]
fn violations_are_claims_that_broke() {
    let mut battery = battery();
    assert!(battery.is_violated());
    battery.rows[1].cells.retain(|cell| *cell.verdict.observed() != Observed::Broken);
    assert!(!battery.is_violated(), "what rep3 does not claim is left");
}

#[test]
fn an_empty_battery_can_be_shown() {
    let empty = Battery {
        rows: Vec::new(),
        privacy: Vec::new(),
        soundness: Vec::new(),
        notes: Vec::new(),
        ..battery()
    };
    for format in Format::ALL {
        let text = export::battery(&empty, format, 80).unwrap();
        assert!(!text.contains("VIOLATED"), "{text}");
    }
    assert!(battery::junit(&empty).unwrap().contains("tests=\"0\""));
}

#[test]
fn both_layouts_have_the_same_marks() {
    let marks = |layout| {
        let sheets = battery::sheets(&battery(), layout, 100).into_iter();
        let rows = sheets.flat_map(|sheet| sheet.blocks).flat_map(|block| block.sections);
        let cells = rows.flat_map(|section| section.rows).flat_map(|row| row.into_iter().skip(1));
        let mut texts: Vec<String> = cells.flat_map(|cells| cells.texts(1)).collect();
        texts.retain(|text| text != "–");
        texts.sort();
        texts
    };
    assert_eq!(marks(Layout::AttacksAcross), marks(Layout::AttacksDown));
    assert_eq!(marks(Layout::AttacksDown).len(), 13, "each cell is shown once");
}

#[test]
fn latex_has_no_character_that_its_usual_encodings_lack() {
    let text = export(Format::Latex, 80);
    let lacking: Vec<char> = text.chars().filter(|c| !c.is_ascii()).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn junit_reads_back() {
    let xml = battery::junit(&battery()).unwrap();
    insta::assert_snapshot!(xml);
    let document = roxmltree::Document::parse(&xml).unwrap();
    let root = document.root_element();
    let count = |name: &str| root.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!(count("testsuite"), 2);
    assert_eq!((count("testcase"), root.attribute("tests")), (13, Some("13")));
    assert_eq!((count("failure"), root.attribute("failures")), (3, Some("3")));
    assert_eq!(count("skipped"), 4, "two out of claim, one inconclusive, one without effect");
    let failure = root.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert_eq!(failure.attribute("type"), Some("violated"));
    let text = failure.text().unwrap();
    for part in ["the output is 871, not 870", "9007199254740993", "<b>found</b>", "mpclab run"] {
        assert!(text.contains(part), "{part}");
    }
    let skipped: Vec<&str> = root
        .descendants()
        .filter(|node| node.has_tag_name("skipped"))
        .filter_map(|node| node.attribute("message"))
        .collect();
    assert!(skipped.contains(&"inconclusive: no input of the coalition can be extracted"));
    assert!(skipped.contains(&"out of claim (broken)"));
}

#[test]
fn junit_stays_well_formed_whatever_the_texts() {
    let xml = battery::junit(&hostile()).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let names = ["testsuites", "testsuite", "properties", "property", "testcase"];
    let others = ["failure", "skipped", "system-out"];
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        assert!(names.contains(&name) || others.contains(&name), "{name}");
    }
}

fn page(battery: &Battery) -> String {
    let input = BatteryInput {
        battery,
        resolved_yaml: "about: <b>not bold</b>\n",
        command: "mpclab attack product.yaml --seed 1",
    };
    html::battery(&input).unwrap()
}

/// Writes page and plot where a reader can open them, and holds them to what has to be in them.
#[test]
fn the_page_has_grid_evidence_tests_and_curves() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    fs::create_dir_all(&folder).unwrap();
    let page = page(&battery());
    fs::write(folder.join("battery.html"), &page).unwrap();
    for figure in plot::soundness(&battery(), plot::Medium::Screen).unwrap() {
        assert!(page.contains(&figure.svg), "{} is in the page", figure.name);
        fs::write(folder.join(format!("{}.svg", figure.name)), figure.svg).unwrap();
    }
    let needed = [
        "Attacks on product",
        "What does a corrupted server do to a product of honest inputs?",
        "Claims are violated",
        "<a class=\"violated\" href=\"#p1-c1\">✗ VIOLATED</a>",
        "<details class=\"evidence\" id=\"p1-c1\" open>",
        "○ out of claim (broken)",
        "✓ held (input substitution)",
        "cases 340: broken 312, without effect 28",
        "<a class=\"violated\" href=\"#privacy\">✗ VIOLATED</a>",
        "<a class=\"violated\" href=\"#soundness\">✗ VIOLATED</a>",
        "9007199254740993",
        "the output is 871, not 870",
        "about: &lt;b&gt;found&lt;",
        "mpclab run found.yaml --seed 7",
        "343 cases over all 3 coalitions of size 1",
        "for n = 3, t = 1, |F| = 5",
        "Example 2026, Theorem 2",
        "rep3_ps: single faults on every third message only",
        "mpclab attack product.yaml --seed 1",
        "prefers-color-scheme",
    ];
    for text in needed {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_page_fetches_nothing() {
    let page = page(&battery()).replace("http://www.w3.org/2000/svg", "");
    for reference in ["http://", "https://", "src=", "@import", "url(", "<link"] {
        assert!(!page.contains(reference), "{reference}");
    }
}

/// Screen readers and keyboards: every table has a caption, every head a scope, every link a
/// target, and whatever scrolls can be reached.
#[test]
fn the_page_is_accessible() {
    let page = page(&battery());
    let start = page.find("<main ").unwrap();
    let end = page.find("</main>").unwrap() + "</main>".len();
    // Attributes without a value are HTML, not XML.
    let main = page[start..end].replace(" open>", ">");
    let document = roxmltree::Document::parse(&main).unwrap();
    let all =
        |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(name));
    assert_eq!(all("table").count(), 6);
    for table in all("table") {
        let caption = table.first_element_child().unwrap();
        assert!(caption.has_tag_name("caption") && caption.text().is_some());
    }
    assert!(all("th").all(|head| head.attribute("scope").is_some() || head.text().is_none()));
    assert!(all("pre").all(|code| code.attribute("tabindex") == Some("0")));
    let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    for target in all("a").filter_map(|link| link.attribute("href")) {
        assert!(ids.contains(&target.trim_start_matches('#')), "{target}");
    }
    assert_eq!(all("details").filter(|node| node.attribute("id").is_some()).count(), 3);
}

#[test]
fn evidence_is_escaped() {
    let page = page(&hostile());
    assert!(page.contains("&lt;script&gt;"), "the label is shown");
    assert_eq!(page.matches("<script").count(), 1, "only the page's own");
    for code in ["<b>not bold", "</code></pre><"] {
        assert!(!page.contains(code), "{code}");
    }
}

#[test]
fn a_clean_battery_has_no_failures_on_its_page() {
    let mut battery = battery();
    battery.rows[1].cells.retain(|cell| *cell.verdict.observed() != Observed::Broken);
    battery.privacy.clear();
    battery.soundness.clear();
    let page = page(&battery);
    assert!(!page.contains("Claims are violated") && !page.contains("✗"));
    assert!(!page.contains("id=\"privacy\"") && !page.contains("id=\"soundness\""));
}
