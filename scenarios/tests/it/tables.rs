//! CSV files as spreadsheets, data frames and people write them, and numbers in every form.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mpclab_scenarios::{InputSource, Plan, plan_texts};

use crate::catalogue::{Fake, plan_text};

/// The values of the three parties in one column, and the columns there are.
fn read(plan: &Plan, column: &str) -> (Vec<Vec<String>>, Vec<String>) {
    let InputSource::Given(given) = &plan.cells[0].function.inputs else { panic!("given") };
    let values = given.parties.iter().map(|party| party[column].values.clone()).collect();
    (values, given.parties[0].keys().cloned().collect())
}

fn table(csv: &str) -> Result<Plan, String> {
    let scenario = "about: x\nfunction: {name: sum, inputs: {csv: in.csv}}\nparties: 3\n\
                    protocols: [shamir]\nnetwork: lan\n";
    let texts = [("s.yaml", scenario), ("in.csv", csv)];
    let texts: BTreeMap<PathBuf, String> =
        texts.map(|(path, text)| (PathBuf::from(path), text.to_owned())).into();
    plan_texts(&texts, Path::new("s.yaml"), &[], &Fake)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

fn rows(csv: &str) -> Vec<Vec<String>> {
    let plan = table(csv).unwrap_or_else(|message| panic!("{csv:?}: {message}"));
    let (values, columns) = read(&plan, "value");
    assert_eq!(columns, ["value"], "{csv:?}");
    values
}

#[test]
fn tables_are_read_as_other_tools_write_them() {
    for csv in [
        "party,value\n0,1000\n1,2.5\n2,-3\n",
        // pandas, with and without names for its index.
        ",party,value\n0,0,1000\n1,1,2.5\n2,2,-3\n",
        "Unnamed: 0,party,value\n0,0.0,1000\n1,1.0,2.5\n2,2.0,-3\n",
        ",value\n0,1000\n1,2.5\n2,-3\n",
        // R: write.csv and write.table.
        "\"\",\"party\",\"value\"\n\"1\",0,1e3\n\"2\",1,2.5\n\"3\",2,-3\n",
        "\"party\",\"value\"\n\"1\",0,1e+03\n\"2\",1,2.5\n\"3\",2,-3\n",
        // Spreadsheets of other countries.
        "party;value\r\n0;1000\r\n1;2,5\r\n2;-3\r\n",
        "\u{feff}sep=;\r\nparty;value\r\n0;1e3\r\n1;2,5\r\n2;-3\r\n",
        "\u{feff}party\tvalue\r\n0\t1E3\r\n1\t25E-1\r\n2\t-3\r\n",
        "party|value\n0|+1e3\n1|2.5\n2|-3\n",
        // Quotes, spaces, empty lines, rows and columns at the end.
        "\"party\", \"value\"\n\"0\", \"1e3\"\n 1 , 2.5 \n2,\"-3\"\n\n  \n,\n",
        "party,value,,\n0,1e3,,\n1,2.5,,\n2,-3,,\n,,,\n",
        "party,value\n0,1e3,\n1,2.5,\n2,-3,\n",
    ] {
        let values: Vec<String> = rows(csv).concat();
        let plain: Vec<&str> = values.iter().map(|value| value.trim_start_matches('+')).collect();
        assert_eq!(plain, ["1000", "2.5", "-3"], "{csv:?}");
    }
}

#[test]
fn a_first_column_is_left_out_only_if_it_counts() {
    let message = table(",party,value\n7,0,1\n8,1,2\n9,2,3\n").unwrap_err();
    assert!(message.contains("a column needs a name"), "{message}");
    assert!(message.contains("counts the rows from 0 or 1; remove or name"), "{message}");
    // A named one that counts is a column like any other.
    let plan = table("id,value\n0,1\n1,2\n2,3\n").unwrap();
    assert_eq!(read(&plan, "id").0.concat(), ["0", "1", "2"]);
}

#[test]
fn mistakes_of_one_kind_are_told_once() {
    let rows: String = (0..1000).map(|row| format!("{},x{row}\n", row % 3)).collect();
    let message = table(&format!("party,value\n{rows}")).unwrap_err();
    assert_eq!(message.matches("error:").count(), 1, "{message}");
    assert!(message.contains("in.csv:2:3"), "{message}");
    assert!(message.contains("999 more of this kind, the last in line 1001"), "{message}");
}

#[test]
fn lines_are_counted_over_every_line_break() {
    for (csv, place) in [
        ("party,value\n0,1\n\n1,x\n", "in.csv:4:3"),
        ("party,value\r\n0,1\r\n\r\n1,x\r\n", "in.csv:4:3"),
        ("\u{feff}sep=;\r\nparty;value\r\n0;1\r\n1;x\r\n", "in.csv:4:3"),
    ] {
        let message = table(csv).unwrap_err();
        assert!(message.contains(place), "{message}");
    }
}

#[test]
fn numbers_in_a_scenario_take_the_same_forms() {
    let plan = plan_text(
        "about: x\nfunction: {name: sum, inputs: {values: [{value: 1e3}, {value: \"2.5E-2\"}, \
         {value: [\"1e30\", .5, \"-1.25e1\"]}]}}\nparties: 3\nprotocols: [shamir]\nnetwork: lan\n",
    );
    let (values, _) = read(&plan, "value");
    let long = "1000000000000000000000000000000";
    assert_eq!(values, [vec!["1000"], vec!["0.025"], vec![long, "0.5", "-12.5"]]);
}
