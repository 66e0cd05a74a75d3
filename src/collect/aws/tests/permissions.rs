//! What is asked is what the printed policy allows.

use super::answers::rich;
use super::{Counted, Hidden, account, config, kinds, request};
use crate::collect::aws::client::Client;
use crate::collect::aws::kinds::{KINDS, permissions};
use crate::collect::aws::{Account, everything};
use crate::collect::values::{Values, is_of_values};
use crate::model::DigestKey;

#[test]
fn all_that_is_asked_is_in_the_printed_policy() {
    for kind in KINDS.0 {
        let wanted = kinds(&[kind.name]);
        let progress = Counted::default();
        let request = request(&progress, Some(&wanted));
        let allowed = permissions(&[kind.name].into());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let key = DigestKey::new([1; 32]);
        let values = Values::new(&key, &Hidden);
        let rights = runtime.block_on(async {
            let account = Account {
                values: is_of_values(kind.name).then_some(&values),
                kinds: Some(KINDS.with_sources([kind.name].into_iter())),
                ..account(Client::new(config(rich), &request).unwrap(), &request)
            };
            everything(&account).await;
            account.client.rights.into_inner().unwrap()
        });
        let missing: Vec<&String> =
            rights.iter().filter(|right| !allowed.contains(&format!("\"{right}\""))).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", kind.name);
    }
}
