//! Where services are: partitions, and hosts in them.

use super::service::Service;

/// A part of AWS that shares no accounts with the others. Source: partitions.json of the SDKs.
#[derive(Debug)]
pub(super) struct Partition {
    /// As in ARNs.
    pub(super) name: &'static str,
    /// What its regions begin with.
    regions: &'static [&'static str],
    /// What its hosts end with.
    suffix: &'static str,
    /// The same of hosts that have IPv6 too.
    dual_stack: &'static str,
    /// The region whose name is in the signatures of global services.
    pub(super) global: &'static str,
}

const fn partition(
    name: &'static str,
    regions: &'static [&'static str],
    suffix: &'static str,
    dual_stack: &'static str,
    global: &'static str,
) -> Partition {
    Partition { name, regions, suffix, dual_stack, global }
}

/// The first is that of all regions which no other has.
static PARTITIONS: &[Partition] = &[
    partition("aws", &[], "amazonaws.com", "api.aws", "us-east-1"),
    partition(
        "aws-cn",
        &["cn-"],
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
        "cn-northwest-1",
    ),
    partition("aws-us-gov", &["us-gov-"], "amazonaws.com", "api.aws", "us-gov-west-1"),
    partition("aws-eusc", &["eusc-"], "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"),
    partition("aws-iso", &["us-iso-"], "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"),
    partition("aws-iso-b", &["us-isob-"], "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"),
    partition(
        "aws-iso-e",
        &["eu-isoe-"],
        "cloud.adc-e.uk",
        "api.cloud-aws.adc-e.uk",
        "eu-isoe-west-1",
    ),
    partition(
        "aws-iso-f",
        &["us-isof-"],
        "csp.hci.ic.gov",
        "api.aws.hci.ic.gov",
        "us-isof-south-1",
    ),
];

/// The partition of a region.
pub(super) fn of_region(region: &str) -> &'static Partition {
    let of =
        |partition: &&Partition| partition.regions.iter().any(|begin| region.starts_with(begin));
    PARTITIONS.iter().find(of).unwrap_or(&PARTITIONS[0])
}

/// How hosts are chosen.
#[derive(Debug, Clone, Default)]
pub(super) struct Endpoints {
    /// Where all services are, if that was set.
    pub(super) everywhere: Option<String>,
    /// `AWS_USE_FIPS_ENDPOINT`.
    pub(super) fips: bool,
    /// `AWS_USE_DUALSTACK_ENDPOINT`.
    pub(super) dual_stack: bool,
}

/// An address, and the region that signatures name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) region: String,
}

impl Endpoints {
    /// Where a service is asked about `region` by an account. `own` is an address that was set for this service alone.
    pub(super) fn of(
        &self,
        service: &Service,
        region: &str,
        own: Option<String>,
        account: &str,
    ) -> Endpoint {
        let partition = of_region(region);
        let signed = if service.is_global { partition.global } else { region }.to_owned();
        if let Some(url) = own.or_else(|| self.everywhere.clone()) {
            return Endpoint { url, region: signed };
        }
        let host = service.host;
        let fips = if self.fips { "-fips" } else { "" };
        let suffix = if self.dual_stack { partition.dual_stack } else { partition.suffix };
        let url = match (service.is_global, partition.name, host) {
            (true, "aws", "iam") => format!("https://iam{fips}.{suffix}"),
            (true, "aws-us-gov", "iam") => format!("https://iam.us-gov.{suffix}"),
            (true, "aws-cn", "iam") => format!("https://iam.cn-north-1.{suffix}"),
            (_, _, "s3" | "s3-control") => {
                // The account is a part of this host.
                let account = if host == "s3" { String::new() } else { format!("{account}.") };
                let dual_stack = if self.dual_stack { ".dualstack" } else { "" };
                format!("https://{account}{host}{fips}{dual_stack}.{signed}.{}", partition.suffix)
            }
            _ => format!("https://{host}{fips}.{signed}.{suffix}"),
        };
        let region = match (partition.name, service.host) {
            ("aws-cn", "iam") => "cn-north-1".to_owned(),
            _ => signed,
        };
        Endpoint { url, region }
    }
}

#[cfg(test)]
mod tests {
    use super::super::service::{IAM, ORGANIZATIONS, S3, S3_CONTROL, SECRETS, STS};
    use super::*;

    #[test]
    fn hosts_are_those_of_the_partition() {
        let plain = Endpoints::default();
        for (service, region, url, signed) in [
            (&SECRETS, "eu-west-1", "https://secretsmanager.eu-west-1.amazonaws.com", "eu-west-1"),
            (&IAM, "eu-west-1", "https://iam.amazonaws.com", "us-east-1"),
            (&IAM, "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"),
            (&IAM, "cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            (&STS, "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            (
                &ORGANIZATIONS,
                "eu-west-1",
                "https://organizations.us-east-1.amazonaws.com",
                "us-east-1",
            ),
            (
                &S3_CONTROL,
                "eu-west-1",
                "https://123456789012.s3-control.eu-west-1.amazonaws.com",
                "eu-west-1",
            ),
            (&S3, "eusc-de-east-1", "https://s3.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ] {
            let expected = Endpoint { url: url.into(), region: signed.into() };
            assert_eq!(plain.of(service, region, None, "123456789012"), expected);
        }
    }

    #[test]
    fn settings_change_hosts_and_not_signatures() {
        let both = Endpoints { everywhere: None, fips: true, dual_stack: true };
        let url =
            |endpoints: &Endpoints, service, own| endpoints.of(service, "us-west-2", own, "").url;
        assert_eq!(url(&both, &SECRETS, None), "https://secretsmanager-fips.us-west-2.api.aws");
        assert_eq!(url(&both, &S3, None), "https://s3-fips.dualstack.us-west-2.amazonaws.com");
        let local = Endpoints { everywhere: Some("http://127.0.0.1:1".into()), ..both };
        assert_eq!(url(&local, &SECRETS, None), "http://127.0.0.1:1");
        assert_eq!(url(&local, &SECRETS, Some("http://[::1]:2".into())), "http://[::1]:2");
        assert_eq!(local.of(&IAM, "us-west-2", None, "").region, "us-east-1");
    }
}
