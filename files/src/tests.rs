use std::fs;
use std::path::Path;

use crate::*;

fn why(error: impl ToString) -> String {
    error.to_string()
}

#[test]
fn what_is_no_regular_file_of_that_size_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a");
    fs::write(&file, "12345").unwrap();
    assert_eq!(read(&file, 5, Links::Refuse).unwrap(), b"12345");
    assert_eq!(why(read(&file, 4, Links::Refuse).unwrap_err()), "it is larger than 4 bytes");
    let absent = read(&folder.path().join("b"), 5, Links::Refuse).unwrap_err();
    assert_eq!(why(absent), "there is no such file");
    let told = why(read(folder.path(), 5, Links::Refuse).unwrap_err());
    assert_eq!(told, "it is a folder; only regular files are read");
    fs::write(&file, [0xff]).unwrap();
    assert_eq!(why(read_text(&file, 5, Links::Follow).unwrap_err()), "it is no UTF-8 text");
    fs::write(&file, "\u{feff}a").unwrap();
    assert_eq!(read_text(&file, 5, Links::Follow).unwrap(), "a");
}

#[cfg(unix)]
#[test]
fn links_pipes_and_devices_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("a"), folder.path().join("l"));
    fs::write(&file, "1").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert_eq!(read(&link, 5, Links::Follow).unwrap(), b"1");
    assert!(why(read(&link, 5, Links::Refuse).unwrap_err()).contains("symbolic link"));
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [&pipe, Path::new("/dev/zero")] {
        let told = why(read(path, 5, Links::Follow).unwrap_err());
        assert_eq!(told, "it is a pipe, a device or a socket; only regular files are read");
    }
    // A link that leads to itself ends, too.
    let own = folder.path().join("own");
    std::os::unix::fs::symlink(&own, &own).unwrap();
    assert!(read(&own, 5, Links::Follow).is_err());
}

#[test]
fn a_sparse_file_ends_at_the_longest_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, "one\n\ntwo").unwrap();
    let all: Vec<Line> = lines(&path, 100, Links::Refuse).unwrap().map(Result::unwrap).collect();
    assert_eq!(all, [(1, b"one\n".to_vec()), (2, b"\n".to_vec()), (3, b"two".to_vec())]);
    fs::File::create(&path).unwrap().set_len(100 << 30).unwrap();
    let told = why(lines(&path, 1 << 40, Links::Refuse).unwrap().next().unwrap().unwrap_err());
    assert_eq!(told, format!("line 1 is longer than {MAX_LINE_BYTES} bytes"));
    let told = why(lines(&path, 1 << 30, Links::Refuse).unwrap_err());
    assert_eq!(told, format!("it is larger than {} bytes", 1 << 30));
}

#[test]
fn one_process_holds_a_folder_and_the_next_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/out");
    let held = Folder::lock(&path).unwrap();
    let told = why(Folder::lock(&path).unwrap_err());
    let by = format!("is being written to by process {}:", std::process::id());
    assert!(told.contains(&by) && told.contains("--out"), "{told}");
    drop(held);
    // What a killed process left behind holds nobody up, and is not believed.
    fs::write(path.join(".mpclab-lock"), "process 1: \u{1b}[2J").unwrap();
    let held = Folder::lock(&path).unwrap();
    assert_eq!(held.path(), path);
    drop(held);
    assert!(!cfg!(unix) || !path.join(".mpclab-lock").exists());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(why(Folder::lock(&file).unwrap_err()).starts_with(&file.display().to_string()));
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    fs::write(&other, "mine").unwrap();
    let path = |name: &str| folder.path().join(name);
    symlink(&other, path("a.part")).unwrap();
    symlink(&other, path("a")).unwrap();
    replace(&path("a"), b"new").unwrap();
    assert_eq!(fs::read(path("a")).unwrap(), b"new");
    subfolder(&path("plots")).unwrap();
    symlink(folder.path(), path("elsewhere")).unwrap();
    assert!(subfolder(&path("elsewhere")).unwrap_err().1.to_string().contains("symbolic link"));
    symlink(&other, path(".mpclab-lock")).unwrap();
    assert!(why(Folder::lock(folder.path()).unwrap_err()).contains("no regular file"));
    assert_eq!(fs::read(&other).unwrap(), b"mine");
}

#[test]
fn targets_are_checked_and_left_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("old"), "1").unwrap();
    for name in ["new", "old"] {
        check_target(&path(name)).unwrap();
    }
    assert!(!path("new").exists() && fs::read(path("old")).unwrap() == b"1");
    assert_eq!(check_target(folder.path()).unwrap_err(), "it is a folder");
    assert!(check_target(&path("no/new")).unwrap_err().starts_with("there is no folder "));
}

#[test]
fn files_beside_are_within_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("s/data")).unwrap();
    fs::create_dir_all(path("s/.git")).unwrap();
    for name in ["s/data/a", "s/.git/config", "b"] {
        fs::write(path(name), "").unwrap();
    }
    assert!(is_within(&path("s"), &path("s/data/a")));
    for name in ["s/.git/config", "s/../b", "b", "s/none"] {
        assert!(!is_within(&path("s"), &path(name)), "{name}");
    }
}
