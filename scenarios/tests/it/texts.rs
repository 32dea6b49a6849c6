//! Scenarios that are planned from texts in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mpclab_scenarios::{InputSource, Plan, plan_texts};

use crate::catalogue::{Fake, plan_file};

const FILES: [(&str, &str); 3] = [
    (
        "folder/scenario.yaml",
        "\u{feff}about: x\nfunction: {name: auction, inputs: {csv: bids.csv}}\nparties: 3\n\
         protocols: [shamir]\nnetwork: nets/net.yaml\n",
    ),
    ("folder/bids.csv", "bid\n1\n2\n3\n"),
    ("folder/nets/net.yaml", "preset: lan\nloss: 1%\n"),
];

fn planned(texts: &BTreeMap<PathBuf, String>) -> Result<Plan, String> {
    let plan = plan_texts(texts, Path::new("folder/scenario.yaml"), &[], &Fake);
    plan.map_err(|mistakes| mistakes[0].to_string())
}

fn texts() -> BTreeMap<PathBuf, String> {
    FILES.map(|(path, text)| (PathBuf::from(path), text.to_owned())).into()
}

#[test]
fn texts_are_planned_as_files_are() {
    let plan = planned(&texts()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("folder/nets")).unwrap();
    for (path, text) in FILES {
        std::fs::write(folder.path().join(path), text).unwrap();
    }
    let on_disk = plan_file(&folder.path().join("folder/scenario.yaml"), &[]).unwrap();
    assert_eq!(plan.resolved, on_disk.resolved);
    assert_eq!(plan.name, "scenario");
    assert!(matches!(plan.cells[0].function.inputs, InputSource::Given(_)));
    assert_eq!(plan.cells[0].network_name, "net");
}

#[test]
fn nothing_is_read_from_the_disk() {
    let there = std::fs::canonicalize("profiles/reference.yaml").unwrap();
    let mut texts = texts();
    let text = format!("{}compute: {}\n", FILES[0].1, there.display());
    texts.insert(PathBuf::from(FILES[0].0), text);
    let message = planned(&texts).unwrap_err();
    assert!(message.contains("there is no such file"), "{message}");
    // The same reference is found once it is among the texts.
    texts.insert(there.clone(), std::fs::read_to_string(there).unwrap());
    planned(&texts).unwrap();
    let message = planned(&BTreeMap::new()).unwrap_err();
    let wanted = "error: cannot read the scenario file `folder/scenario.yaml`: \
                  there is no such file";
    assert_eq!(message, wanted);
}

#[test]
fn texts_are_limited_as_files_are() {
    let mut texts = texts();
    let size = mpclab_scenarios::MAX_YAML_BYTES as usize + 1;
    texts.insert(PathBuf::from(FILES[0].0), " ".repeat(size));
    let message = planned(&texts).unwrap_err();
    assert!(message.contains("it is larger than 4194304 bytes"), "{message}");
}
