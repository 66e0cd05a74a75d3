//! IAM Roles Anywhere, and what has tags.

use serde_json::{Value, json};
use x509_parser::pem::Pem;

use super::Account;
use super::field::{Field, as_time, flag, is_true, plain, string, tags};
use super::service::{ACM_PCA, ANYWHERE, Operation, TAGS, get, operation};

pub(super) const ANCHOR: &str = "aws_rolesanywhere_trust_anchor";
pub(super) const TAGGED: &str = "aws_tagged_resource";

pub(super) static ANCHORS: Operation =
    get(&ANYWHERE, "ListTrustAnchors", "/trustanchors").paged("trustAnchors", "nextToken");
pub(super) static CRLS: Operation = get(&ANYWHERE, "ListCrls", "/crls").paged("crls", "nextToken");
pub(super) static AUTHORITY: Operation = operation(&ACM_PCA, "DescribeCertificateAuthority");
pub(super) static RESOURCES: Operation = operation(&TAGS, "GetResources")
    .paged("ResourceTagMappingList", "PaginationToken")
    .sized("ResourcesPerPage", 100);

static OF_ANCHOR: &[Field] = &[
    plain("name"),
    flag("enabled"),
    plain("crlDpRevocationEnabled"),
    plain("sourceType").of("source.sourceType"),
];

/// Reads the trust anchors of a region.
pub(super) async fn anchors(account: &Account<'_>, region: &str) {
    if !account.wants(&[ANCHOR]) {
        return;
    }
    let listed = account.client.list(&ANCHORS, region, json!({})).await;
    let anchors = account.sheet.whole(
        &[ANCHOR],
        &account.arn("rolesanywhere", region, "trust-anchor/*"),
        listed,
    );
    if anchors.is_empty() {
        return;
    }
    let crls = account.client.list(&CRLS, region, json!({})).await;
    for anchor in &anchors {
        let Some(arn) = string(anchor, "trustAnchorArn") else { continue };
        let mut draft = account.draft(ANCHOR, arn, Some(region));
        draft.copy(OF_ANCHOR, anchor);
        draft.listed("crls", &crls, |all| {
            let own = all.iter().filter(|crl| string(crl, "trustAnchorArn") == Some(arn));
            own.map(|crl| json!({"name": string(crl, "name"), "enabled": crl.get("enabled").is_some_and(is_true)})).collect()
        });
        draft.set("not_after", Value::Null);
        if let Some(pem) = string(anchor, "source.sourceData.x509CertificateData") {
            match not_after(pem.as_bytes()) {
                Some(time) => draft.set("not_after", time),
                None => draft.unread(&["not_after"], "its certificates cannot be read"),
            }
        } else if let Some(ca) = string(anchor, "source.sourceData.acmPcaArn") {
            let answer = account
                .client
                .call(&AUTHORITY, region, json!({"CertificateAuthorityArn": ca}))
                .await;
            match answer {
                Ok(answer) => {
                    let time = super::field::at(&answer, "CertificateAuthority.NotAfter")
                        .and_then(as_time);
                    draft.set("not_after", time);
                }
                Err(failure) => draft.unread(&["not_after"], &failure.why),
            }
        }
        account.sheet.fact(draft);
    }
}

/// When the first of the certificates ends.
fn not_after(pem: &[u8]) -> Option<String> {
    let mut first: Option<i64> = None;
    for block in Pem::iter_from_buffer(pem) {
        let block = block.ok()?;
        let end = block.parse_x509().ok()?.validity().not_after.timestamp();
        first = Some(first.map_or(end, |first| first.min(end)));
    }
    as_time(&json!(first?))
}

/// Reads the tags of buckets and functions of a region.
pub(super) async fn tagged(account: &Account<'_>, region: &str) {
    if !account.wants(&[TAGGED]) {
        return;
    }
    let listed = account
        .client
        .list(&RESOURCES, region, json!({"ResourceTypeFilters": ["s3:bucket", "lambda:function"]}))
        .await;
    for one in account.sheet.whole(&[TAGGED], &account.arn("tag", region, ""), listed) {
        let Some(arn) = string(&one, "ResourceARN") else { continue };
        let resource_type = match arn.split(':').nth(2) {
            Some("s3") => "AWS::S3::Object",
            Some("lambda") => "AWS::Lambda::Function",
            _ => continue,
        };
        let mut draft = account.draft(TAGGED, format!("{arn}#tags"), Some(region));
        draft.set("resource", arn);
        draft.set("resource_type", resource_type);
        draft.copy(&[tags("Tags")], &one);
        account.sheet.fact(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_has_no_end() {
        assert_eq!(not_after(b""), None);
        assert_eq!(
            not_after(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            None
        );
    }
}
