//! The services that are asked, and how each is spoken to.

/// A service of AWS.
#[derive(Debug)]
pub(super) struct Service {
    /// Its name in IAM: `secretsmanager`.
    pub(super) name: &'static str,
    /// The first label of its host: `secretsmanager`.
    pub(super) host: &'static str,
    /// Its name in signatures.
    pub(super) signing: &'static str,
    /// How requests and answers look.
    pub(super) protocol: Protocol,
    /// Whether one endpoint serves the whole partition.
    pub(super) is_global: bool,
}

/// A protocol of the AWS APIs. Source: Smithy's specifications of AWS protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// `awsJson1.0` and `awsJson1.1`: the version, and what stands before the operation in `X-Amz-Target`.
    Json(&'static str, &'static str),
    /// `awsQuery` and `ec2Query`: the version of the API.
    Query(&'static str),
    /// `restJson1`.
    Rest,
    /// `restXml`.
    Xml,
}

const fn json(name: &'static str, target: &'static str) -> Service {
    let protocol = Protocol::Json("1.1", target);
    Service { name, host: name, signing: name, protocol, is_global: false }
}

const fn query(name: &'static str, version: &'static str) -> Service {
    Service { protocol: Protocol::Query(version), ..json(name, "") }
}

const fn rest(name: &'static str) -> Service {
    Service { protocol: Protocol::Rest, ..json(name, "") }
}

// Names, hosts, targets and versions are those of the API's models, as botocore has them.
pub(super) static SECRETS: Service = json("secretsmanager", "secretsmanager");
pub(super) static KMS: Service = json("kms", "TrentService");
pub(super) static TRAILS: Service =
    json("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101");
pub(super) static SSM: Service = json("ssm", "AmazonSSM");
pub(super) static ECS: Service = json("ecs", "AmazonEC2ContainerServiceV20141113");
pub(super) static CONFIG: Service = json("config", "StarlingDoveService");
pub(super) static LOGS: Service = json("logs", "Logs_20140328");
pub(super) static EVENTS: Service = json("events", "AWSEvents");
pub(super) static CODEBUILD: Service = json("codebuild", "CodeBuild_20161006");
pub(super) static ACM: Service = json("acm", "CertificateManager");
pub(super) static ACM_PCA: Service = json("acm-pca", "ACMPrivateCA");
pub(super) static GLUE: Service = json("glue", "AWSGlue");
pub(super) static PIPELINES: Service = json("codepipeline", "CodePipeline_20150709");
pub(super) static TAGS: Service = Service {
    host: "tagging",
    signing: "tagging",
    ..json("tag", "ResourceGroupsTaggingAPI_20170126")
};
pub(super) static STATES: Service =
    Service { protocol: Protocol::Json("1.0", "AWSStepFunctions"), ..json("states", "") };
pub(super) static ORGANIZATIONS: Service =
    Service { is_global: true, ..json("organizations", "AWSOrganizationsV20161128") };

pub(super) static IAM: Service = Service { is_global: true, ..query("iam", "2010-05-08") };
pub(super) static STS: Service = query("sts", "2011-06-15");
pub(super) static RDS: Service = query("rds", "2014-10-31");
pub(super) static EC2: Service = query("ec2", "2016-11-15");
pub(super) static STACKS: Service = query("cloudformation", "2010-05-15");
pub(super) static BEANSTALK: Service = query("elasticbeanstalk", "2010-12-01");
pub(super) static METRICS: Service =
    Service { host: "monitoring", signing: "monitoring", ..query("cloudwatch", "2010-08-01") };

pub(super) static LAMBDA: Service = rest("lambda");
pub(super) static EKS: Service = rest("eks");
pub(super) static ANALYZER: Service = rest("access-analyzer");
pub(super) static GUARDDUTY: Service = rest("guardduty");
pub(super) static ANYWHERE: Service = rest("rolesanywhere");
pub(super) static RAM: Service = rest("ram");
pub(super) static APIGATEWAY: Service = rest("apigateway");
pub(super) static APPSYNC: Service = rest("appsync");
pub(super) static S3: Service = Service { protocol: Protocol::Xml, ..rest("s3") };
pub(super) static S3_CONTROL: Service =
    Service { host: "s3-control", protocol: Protocol::Xml, ..rest("s3") };

/// One of a service's operations.
#[derive(Debug)]
pub(super) struct Operation {
    /// Whose it is.
    pub(super) service: &'static Service,
    /// Its name in the API.
    pub(super) name: &'static str,
    /// What IAM calls the right to it, where that is not the service and the name.
    pub(super) right: Option<&'static str>,
    /// Method and path, of REST; `{Field}` is one of the input.
    pub(super) route: (&'static str, &'static str),
    /// How it pages, if it does.
    pub(super) pages: Option<Pages>,
}

/// How an operation pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pages {
    /// Where the items are in an answer; dots lead into objects. Empty where each answer is an item.
    pub(super) items: &'static str,
    /// Where an answer has the token of the next page.
    pub(super) next: &'static str,
    /// Where a request has it.
    pub(super) after: &'static str,
    /// The field for the number of items on a page, and the most that it takes.
    pub(super) size: Option<(&'static str, u32)>,
}

/// An operation.
pub(super) const fn operation(service: &'static Service, name: &'static str) -> Operation {
    Operation { service, name, right: None, route: ("POST", "/"), pages: None }
}

/// An operation of a REST service.
pub(super) const fn get(
    service: &'static Service,
    name: &'static str,
    path: &'static str,
) -> Operation {
    Operation { route: ("GET", path), ..operation(service, name) }
}

impl Operation {
    /// The same with a right of another name.
    pub(super) const fn by(self, right: &'static str) -> Self {
        Self { right: Some(right), ..self }
    }

    /// The same with a POST instead of a GET: lists of some REST services take their filters in a body.
    pub(super) const fn posted(self) -> Self {
        Self { route: ("POST", self.route.1), ..self }
    }

    /// The same in pages of `items`, whose token is `token` in answers and requests.
    pub(super) const fn paged(self, items: &'static str, token: &'static str) -> Self {
        Self { pages: Some(Pages { items, next: token, after: token, size: None }), ..self }
    }

    /// The same with the token `next` in answers and `after` in requests.
    pub(super) const fn tokens(self, next: &'static str, after: &'static str) -> Self {
        match self.pages {
            Some(pages) => Self { pages: Some(Pages { next, after, ..pages }), ..self },
            None => self,
        }
    }

    /// The same with so many items a page.
    pub(super) const fn sized(self, field: &'static str, most: u32) -> Self {
        match self.pages {
            Some(pages) => {
                Self { pages: Some(Pages { size: Some((field, most)), ..pages }), ..self }
            }
            None => self,
        }
    }

    /// The right to it in IAM.
    pub(super) fn right(&self) -> String {
        self.right.map_or_else(|| format!("{}:{}", self.service.name, self.name), str::to_owned)
    }
}
