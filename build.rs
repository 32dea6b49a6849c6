//! Tells the program how well it was compiled: what it says of a machine's speed is worth no more.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    println!("cargo:rustc-env=MPCLAB_OPT_LEVEL={level}");
}
