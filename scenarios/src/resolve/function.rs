//! What a function is made of: a name, a script or a circuit.

use std::path::Path;

use super::exactly_one;
use crate::catalogue::Catalogue;
use crate::inline::Loader;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::FunctionSource;
use crate::wire::{Alt, FunctionWire};

/// Largest script, bytes.
pub const MAX_PROGRAM_BYTES: u64 = 60_000;

/// Largest circuit file, bytes: some 10^7 gates.
pub const MAX_CIRCUIT_BYTES: u64 = 512 << 20;

/// The name of a function and what it is made of; files are read.
pub(crate) fn resolve(
    wire: &FunctionWire,
    at: &KeyPath,
    loader: &mut Loader<'_>,
    catalogue: &dyn Catalogue,
) -> Result<(String, FunctionSource), Mistake> {
    let kinds = [
        ("name", wire.name.is_some()),
        ("program", wire.program.is_some()),
        ("circuit", wire.circuit.is_some()),
    ];
    exactly_one(at, &kinds)?;
    match (&wire.name, &wire.program, &wire.circuit) {
        (_, Some(Alt::Short(reference)), _) => {
            let (path, at) = (loader.resolve(reference), at.key("program"));
            let shown = path.display().to_string();
            // Mistakes in programs quote them; nothing else is to be quoted in their stead.
            if mpclab_files::real(&path).extension().is_none_or(|ending| ending != "rhai") {
                let message = format!("`{shown}` is no program file");
                return Err(Mistake::new(&at, message, "its name must end in `.rhai`"));
            }
            let text = loader.files.read(&path, MAX_PROGRAM_BYTES).map_err(|why| {
                Mistake::new(&at, format!("cannot read the program file `{shown}`"), why)
            })?;
            let source = FunctionSource::Program { path: shown, text: text.into() };
            Ok((file_name(&path), source))
        }
        (_, Some(Alt::Long(program)), _) => {
            let at = at.key("program");
            if program.text.len() as u64 > MAX_PROGRAM_BYTES {
                let label = format!("it is larger than {MAX_PROGRAM_BYTES} bytes");
                return Err(Mistake::new(&at.key("text"), "this program is too large", label));
            }
            let name = file_name(Path::new(&program.name));
            if name.is_empty() {
                return Err(Mistake::new(&at.key("name"), "a program needs a name", "no name"));
            }
            let text = program.text.as_str().into();
            Ok((name.clone(), FunctionSource::Program { path: name, text }))
        }
        (_, _, Some(reference)) => circuit(reference, &at.key("circuit"), loader, catalogue),
        (name, ..) => Ok((name.clone().unwrap_or_default(), FunctionSource::Named)),
    }
}

/// A circuit that the catalogue knows by this name, or that of a file.
fn circuit(
    reference: &str,
    at: &KeyPath,
    loader: &mut Loader<'_>,
    catalogue: &dyn Catalogue,
) -> Result<(String, FunctionSource), Mistake> {
    if let Some(bytes) = catalogue.circuit(reference) {
        let source = FunctionSource::Circuit { path: reference.to_owned(), bytes: bytes.into() };
        return Ok((reference.to_owned(), source));
    }
    let path = loader.resolve(reference);
    let shown = path.display().to_string();
    let bytes = loader.files.read_bytes(&path, MAX_CIRCUIT_BYTES).map_err(|why| {
        let mistake = Mistake::new(at, format!("cannot read the circuit file `{shown}`"), why);
        // A word alone was meant for a name.
        match reference.contains(['/', '.']) {
            true => mistake,
            false => mistake.known(reference, "circuits without a file", &catalogue.circuits()),
        }
    })?;
    Ok((file_name(&path), FunctionSource::Circuit { path: shown, bytes: bytes.into() }))
}

/// The parameters of a program: a map, by default an empty one.
pub(crate) fn map_or_nothing(
    given: Option<&serde_json::Value>,
    at: &KeyPath,
) -> Result<serde_json::Value, Mistake> {
    match given {
        None | Some(serde_json::Value::Null) => Ok(serde_json::json!({})),
        Some(map) if map.is_object() => Ok(map.clone()),
        Some(_) => {
            let message = "parameters of a program are a map of names to values";
            Err(Mistake::new(&at.key("params"), message, "no map"))
        }
    }
}

/// A circuit takes no parameters.
pub(crate) fn no_params(
    given: Option<&serde_json::Value>,
    at: &KeyPath,
) -> Result<serde_json::Value, Mistake> {
    match map_or_nothing(given, at)? {
        serde_json::Value::Object(map) if map.is_empty() => Ok(serde_json::Value::Object(map)),
        _ => Err(Mistake::new(&at.key("params"), "a circuit has no parameters", "not allowed")),
    }
}

/// The key under which a function says what it is made of.
pub(crate) fn source_key(source: &FunctionSource) -> &'static str {
    match source {
        FunctionSource::Named => "name",
        FunctionSource::Program { .. } => "program",
        FunctionSource::Circuit { .. } => "circuit",
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
