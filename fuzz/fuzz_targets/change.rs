//! Any text, changed in any way: what is told of the change by what differs is what the whole text says.
#![no_main]

use std::sync::LazyLock;

use keystrel::config;
use keystrel::detect::{Engine, Options, Profile, Scratch, Values};
use keystrel::model::{Copied, DigestKey, Span};
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let rules = config::builtin().expect("the build checked the rules").rules;
    let options = Options {
        decode_depth: 5,
        key: DigestKey::new([1; 32]),
        values: Values::Forget,
        profile: Profile::default(),
    };
    Engine::new(rules, options)
});

fuzz_target!(|input: (Vec<u8>, Vec<(u16, u16, Vec<u8>)>)| {
    let (base, steps) = input;
    let (mut text, mut copies) = (Vec::new(), Vec::new());
    for (from, len, insert) in &steps {
        let from = usize::from(*from).min(base.len());
        let len = usize::from(*len).min(base.len() - from);
        if len > 0 {
            copies.push(Copied { at: Span::new(text.len(), text.len() + len), from });
            text.extend_from_slice(&base[from..from + len]);
        }
        text.extend_from_slice(insert);
    }
    let mut scratch = Scratch::default();
    let sifted = ENGINE.sift(&base, &mut scratch);
    let told = ENGINE.sift_change(&text, Some(&sifted), &copies, &mut scratch);
    let whole = ENGINE.sift(&text, &mut Scratch::default());
    assert_eq!(told.may_hold(), whole.may_hold());
});
