//! Pages of the configuration of an image.

use super::*;

#[test]
fn environment_and_labels_are_bindings_without_any_syntax() {
    let read =
        reads("[config]/.env", &format!("PATH=/bin\nA=\"x\ny\" $B\nTOKEN={SECRET}\nEMPTY=\n"));
    let told: Vec<_> = read
        .facts
        .iter()
        .map(|fact| (&*fact.id, &fact.fields["value_kind"], &fact.fields["holds_secret"]))
        .map(|(id, kind, holds)| (id.split_once('#').unwrap().1, kind.clone(), holds == true))
        .collect();
    let expected = [
        ("ENV.PATH", "literal".into(), false),
        ("ENV.A", "literal".into(), false),
        ("ENV.TOKEN", "literal".into(), true),
        ("ENV.EMPTY", "empty".into(), false),
    ];
    assert_eq!(told, expected);
    assert_eq!(place(fact(&read, "ENV.TOKEN")), (4, 1, 4, 18));
    let labels = reads("[config]/labels.properties", &format!("org.x/key={SECRET}\n"));
    let label = fact(&labels, "LABEL.org.x/key");
    assert_eq!(label.fields["container_format"], "image");
    assert_eq!(label.fields["holds_secret"], true);
}

#[test]
fn steps_tell_the_arguments_that_they_ran_with() {
    let text = format!("RUN |2 NPM_TOKEN={SECRET} V=a b /bin/sh -c make X=1 # buildkit\n");
    let read = reads("[history]/3.dockerfile", &text);
    let token = fact(&read, "ARG.NPM_TOKEN");
    assert_eq!(token.fields["holds_secret"], true);
    assert_eq!(place(token).0, 1);
    assert_eq!(fact(&read, "ARG.V").fields["holds_secret"], false);
    assert_eq!(read.facts.len(), 2);
    for text in ["/bin/sh -c a | b T=1", "ENV A=|1 T=1", "RUN |x T=1", ""] {
        assert_eq!(reads("[history]/3.dockerfile", text).facts, [], "{text}");
    }
}
