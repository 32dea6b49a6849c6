//! Every mistake that a scenario file can hold, and what the user then sees.
//!
//! Each file in `tests/bad` is refused; `# set: key=value` in its first lines is an override.

use std::path::Path;

use crate::catalogue::plan_file;

#[test]
fn every_bad_file_is_refused_with_its_message() {
    let mut names: Vec<_> = std::fs::read_dir("tests/bad")
        .expect("tests run in the crate's folder")
        .map(|entry| entry.expect("a readable folder").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    assert!(names.len() > 100, "only {} files", names.len());
    for name in names {
        let path = format!("tests/bad/{name}");
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let overrides: Vec<_> = text
            .lines()
            .map_while(|line| line.strip_prefix("# set: "))
            .map(|set| set.split_once('=').expect("key=value"))
            .collect();
        let refused = plan_file(Path::new(&path), &overrides);
        let message = refused.expect_err(&format!("{name} is refused"));
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.trim_end_matches(".yaml"), message);
        });
    }
}

#[test]
fn a_file_that_is_not_there() {
    let message = plan_file(Path::new("tests/bad/absent.yaml"), &[]).unwrap_err();
    let wanted = "error: cannot read the scenario file `tests/bad/absent.yaml`: \
                  there is no such file";
    assert_eq!(message, wanted);
}

#[test]
fn colour_is_only_where_it_is_asked_for() {
    let path = Path::new("tests/bad/top_repetitions.yaml");
    let mistakes = mpclab_scenarios::plan(path, &[], &crate::catalogue::Fake).unwrap_err();
    assert!(!mistakes[0].render(false).contains('\u{1b}'));
    assert!(mistakes[0].render(true).contains('\u{1b}'));
    let location = mistakes[0].location.as_ref().expect("a place");
    assert_eq!(
        (&location.file[..], location.line, location.column),
        (path.to_str().unwrap(), 6, 14)
    );
}
