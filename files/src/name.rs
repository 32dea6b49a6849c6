//! Names as parts of paths.

/// Bytes of a name before the rest gives way to a digest: endings are added, and file systems take
/// 255.
const MAX_BYTES: usize = 120;

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// A name as one component of a path: it names a file in its folder, on every system, whatever the
/// name is.
///
/// Letters and digits of any script stay, and so do spaces and `-_+=,@()~#` and dots inside. What is
/// left becomes `%` and two hexadecimal digits for each byte, as in addresses; so different names
/// give different components. A long name keeps its beginning and ends in a digest of all of it.
#[must_use]
pub fn component(name: &str) -> String {
    if name.is_empty() {
        return "%".to_owned();
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let is_device = DEVICES.contains(&&stem[..]) || is_port(&stem);
    let last = name.char_indices().last().map_or(0, |(at, _)| at);
    let mut text = String::new();
    for (at, c) in name.char_indices() {
        let is_end = at == 0 || at == last;
        let is_kept = match c {
            ' ' | '.' => !is_end,
            '-' | '~' => at > 0,
            _ => c.is_alphanumeric() || "_+=,@()#".contains(c),
        };
        if is_kept && !(at == 0 && is_device) {
            text.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                text += &format!("%{byte:02X}");
            }
        }
    }
    if text.len() <= MAX_BYTES {
        return text;
    }
    let cut = (0..=MAX_BYTES - 33).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}%{}", &text[..cut], &blake3::hash(name.as_bytes()).to_hex()[..32])
}

/// `com1`, `lpt9` and the like; Windows takes superscripts for digits.
fn is_port(stem: &str) -> bool {
    let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    number.is_some_and(|rest| matches!(rest.chars().next(), Some('0'..='9' | '¹' | '²' | '³')))
        && stem.chars().count() == 4
}

/// A component as systems see it that do not tell capitals from small letters: where two are
/// equal, one file may overwrite the other.
#[must_use]
pub fn folded(component: &str) -> String {
    component.to_uppercase().to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["auction", "auction-attack", "v1.2", "Gebühren", "a b", "n=5, t=2", "入札"]
        {
            assert_eq!(component(name), name);
        }
    }

    #[test]
    fn whatever_the_name_it_is_one_harmless_component() {
        let long = "x".repeat(300);
        let wide = "é\u{0}".repeat(300);
        let names = [
            "",
            ".",
            "..",
            "...",
            "../../etc/passwd",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "C:\\x",
            "c:",
            "a\0b",
            "a\nb",
            "\u{1b}[2J",
            "\u{202e}txt.exe",
            "NUL",
            "nul.txt",
            "Com1",
            "COM¹",
            "aux ",
            "a.",
            "a ",
            " a",
            "-rf",
            "~root",
            "a%2Fb",
            "a*?b",
            "a<b>|\"",
            &long,
            &wide,
        ];
        let mut seen: Vec<String> = Vec::new();
        for name in names {
            let shown = component(name);
            let parts: Vec<_> = Path::new(&shown).components().collect();
            assert!(matches!(parts[..], [Component::Normal(_)]), "{name:?} became {shown:?}");
            assert!(shown.len() <= MAX_BYTES, "{shown}");
            assert!(!shown.starts_with(['.', '-', '~', ' ']) && !shown.ends_with(['.', ' ']));
            let bad = |c: char| c.is_control() || "/\\:*?\"<>|\u{202e}".contains(c);
            assert!(!shown.contains(bad), "{shown:?}");
            let stem = shown.split('.').next().unwrap().to_lowercase();
            assert!(!DEVICES.contains(&&stem[..]) && !is_port(&stem), "{shown}");
            seen.push(folded(&shown));
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count, "different names have different components");
        assert_eq!(component("../x"), "%2E.%2Fx");
        assert_eq!(component("nul.txt"), "%6Eul.txt");
    }

    #[test]
    fn names_that_only_capitals_tell_apart_are_seen() {
        assert_eq!(folded(&component("Auction")), folded(&component("aUCTION")));
        assert_eq!(folded("Straße"), folded("STRASSE"));
        assert_ne!(folded(&component("a/b")), folded(&component("a b")));
    }
}
