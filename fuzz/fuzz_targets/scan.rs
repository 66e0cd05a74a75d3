//! Any bytes: no panic, spans in bounds, plain secrets slice to their values.
#![no_main]

use std::sync::LazyLock;

use keystrel::config;
use keystrel::detect::{Engine, Options, Profile, Scratch, Values};
use keystrel::model::{Artifact, DigestKey, Origin};
use keystrel::unpack;
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let rules = config::builtin().expect("the build checked the rules").rules;
    let options = Options { decode_depth: 5, key: DigestKey::new([1; 32]), values: Values::Keep, profile: Profile::default() };
    Engine::new(rules, options)
});

fuzz_target!(|bytes: &[u8]| {
    let artifact = unpack::decode(Artifact::new(Origin::file("fuzz"), bytes.to_vec()));
    let mut findings = Vec::new();
    ENGINE.scan(&artifact, &mut Scratch::default(), &mut findings);
    for leak in findings.iter().filter_map(|finding| finding.leak()) {
        let offset = artifact.base.offset as usize;
        let value = &artifact.bytes[leak.span.start - offset..leak.span.end - offset];
        if leak.decoders.is_empty() {
            assert_eq!(leak.secret.as_ref().map(|secret| secret.expose()), Some(value));
        }
    }
});
