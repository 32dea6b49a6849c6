#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mpclab_fuzz::check("changes", data));
