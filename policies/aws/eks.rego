# METADATA
# title: Clusters of EKS, and who gets at their Secrets
package keystrel.aws.eks

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# Clusters that AWS runs: others are merely shown in EKS.
clusters := {cluster |
	some cluster in facts.of("aws_eks_cluster")
	object.get(cluster, "is_external", false) != true
}

# METADATA
# title: EKS API server is open to the internet
# description: >-
#   Who has a token or a certificate of the cluster can use it from anywhere, and read Secrets with it; a flaw of the API
#   server can be tried by everybody. An IAM identity is still asked for.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
# custom:
#   id: aws-eks-endpoint-open
#   severity: medium
#   subject: aws_eks_cluster
#   needs: [aws_eks_cluster]
#   remediation: >-
#     `aws eks update-cluster-config --name NAME --resources-vpc-config
#     endpointPrivateAccess=true,endpointPublicAccess=false`, or name the networks:
#     `endpointPublicAccess=true,publicAccessCidrs=203.0.113.0/24`.
#   frameworks:
#     cis: [eks/5.4.1]
#     nist_800_53: [SC-7]
#     soc2: [CC6.6]
#     iso27001_2022: [A.8.20]
aws_eks_endpoint_open contains finding if {
	some cluster in aws_secrets.told(clusters, ["name", "resourcesVpcConfig"])
	config := aws_iam.object_of(cluster, "resourcesVpcConfig")
	config.endpointPublicAccess == true
	is_anywhere(aws_secrets.list(config, "publicAccessCidrs"))
	finding := {"fact": cluster.id, "message": sprintf("the API server of %s answers every address", [aws_secrets.named(cluster)])}
}

aws_eks_endpoint_open contains finding if {
	some cluster in aws_secrets.told(clusters, ["resourcesVpcConfig"])
	not is_boolean(object.get(aws_iam.object_of(cluster, "resourcesVpcConfig"), "endpointPublicAccess", null))
	finding := {"fact": cluster.id, "unknown": "AWS does not tell whether its endpoint is public"}
}

aws_eks_endpoint_open contains finding if {
	some finding in aws_secrets.unknown(clusters, ["name", "resourcesVpcConfig"])
}

# Without networks all may ask.
is_anywhere(networks) if count(networks) == 0

is_anywhere(networks) if {
	some network in networks
	network in {"0.0.0.0/0", "::/0"}
}

# METADATA
# title: EKS cluster takes its users from a ConfigMap alone
# description: >-
#   Who may read Secrets is in `aws-auth` inside the cluster, where no audit of AWS sees it, and whoever made the cluster
#   is its administrator for ever without standing anywhere. Access entries are told, logged by CloudTrail and can be
#   taken back.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
# custom:
#   id: aws-eks-access-config-map
#   severity: low
#   subject: aws_eks_cluster
#   needs: [aws_eks_cluster]
#   remediation: >-
#     `aws eks update-cluster-config --name NAME --access-config authenticationMode=API_AND_CONFIG_MAP`, make an entry for
#     each line of `aws-auth` (`aws eks create-access-entry`), then `authenticationMode=API`. It cannot be taken back.
#   frameworks:
#     soc2: [CC6.2]
#     iso27001_2022: [A.5.16]
#     csa_ccm_4: [IAM-08]
aws_eks_access_config_map contains finding if {
	some cluster in aws_secrets.told(clusters, ["name", "accessConfig"])
	aws_iam.object_of(cluster, "accessConfig").authenticationMode == "CONFIG_MAP"
	finding := {"fact": cluster.id, "message": sprintf("the users of %s stand in a ConfigMap alone", [aws_secrets.named(cluster)])}
}

aws_eks_access_config_map contains finding if {
	some cluster in aws_secrets.told(clusters, ["accessConfig"])
	not is_string(object.get(aws_iam.object_of(cluster, "accessConfig"), "authenticationMode", null))
	finding := {"fact": cluster.id, "unknown": "AWS does not tell where its users stand"}
}

aws_eks_access_config_map contains finding if {
	some finding in aws_secrets.unknown(clusters, ["name", "accessConfig"])
}

# METADATA
# title: Many principals read all Secrets of an EKS cluster
# description: >-
#   Access policies that administrators, editors and `AmazonEKSAdminViewPolicy` have for the whole cluster give every Secret
#   of every namespace. Counted are principals with such a policy; the threshold is how many there may be.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
# custom:
#   id: aws-eks-secret-readers
#   severity: medium
#   subject: aws_eks_cluster
#   needs: [aws_eks_cluster]
#   threshold: 5
#   remediation: >-
#     Give access for namespaces: `aws eks associate-access-policy --cluster-name NAME --principal-arn ARN --policy-arn
#     arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=namespace,namespaces=shop`, and take
#     the other away: `aws eks disassociate-access-policy --cluster-name NAME --principal-arn ARN --policy-arn ARN`.
#   frameworks:
#     cis: [eks/4.1.2]
#     nist_800_53: [AC-6]
#     pci_dss_4: ["7.2.2"]
#     soc2: [CC6.3]
#     iso27001_2022: [A.8.3]
#     csa_ccm_4: [IAM-05]
aws_eks_secret_readers contains finding if {
	limit := data.params["aws-eks-secret-readers"].threshold
	some cluster in aws_secrets.told(clusters, ["name", "access_entries"])
	readers := {entry.principalArn | some entry in aws_secrets.list(cluster, "access_entries"); reads_all(entry)}
	count(readers) > limit
	finding := {
		"fact": cluster.id,
		"message": sprintf("%d principals read all Secrets of %s; %d may", [count(readers), aws_secrets.named(cluster), limit]),
	}
}

# What is in a ConfigMap is not told here.
aws_eks_secret_readers contains finding if {
	some cluster in aws_secrets.told(clusters, ["accessConfig"])
	aws_iam.object_of(cluster, "accessConfig").authenticationMode == "CONFIG_MAP"
	finding := {"fact": cluster.id, "unknown": "its users stand in a ConfigMap in the cluster"}
}

aws_eks_secret_readers contains finding if {
	some finding in aws_secrets.unknown(clusters, ["name", "accessConfig", "access_entries"])
}

reads_all(entry) if {
	some policy in aws_secrets.list(entry, "policies")
	policy.accessScope.type == "cluster"
	parts := split(aws_secrets.text(policy.policyArn), "/")
	parts[count(parts) - 1] in of_secrets
}

# Policies of AWS that let read Secrets.
of_secrets := {"AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy", "AmazonEKSAdminViewPolicy", "AmazonEKSEditPolicy"}

# METADATA
# title: IAM user has an access entry of an EKS cluster
# description: >-
#   Access keys of users do not end by themselves, and lie in files; who finds one has the cluster, with the Secrets that
#   the entry gives. Roles have credentials for hours.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
# custom:
#   id: aws-eks-user-entry
#   severity: medium
#   subject: aws_eks_cluster
#   needs: [aws_eks_cluster]
#   remediation: >-
#     Make an entry for a role that people take by IAM Identity Center, then `aws eks delete-access-entry --cluster-name
#     NAME --principal-arn ARN`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
aws_eks_user_entry contains finding if {
	some cluster in aws_secrets.told(clusters, ["name", "access_entries"])
	users := {entry.principalArn |
		some entry in aws_secrets.list(cluster, "access_entries")
		contains(aws_secrets.text(entry.principalArn), ":user/")
	}
	count(users) > 0
	finding := {
		"fact": cluster.id,
		"message": sprintf("IAM users have access to %s: %s", [aws_secrets.named(cluster), concat(", ", sort(users))]),
	}
}

aws_eks_user_entry contains finding if {
	some cluster in aws_secrets.told(clusters, ["accessConfig"])
	aws_iam.object_of(cluster, "accessConfig").authenticationMode == "CONFIG_MAP"
	finding := {"fact": cluster.id, "unknown": "its users stand in a ConfigMap in the cluster"}
}

aws_eks_user_entry contains finding if {
	some finding in aws_secrets.unknown(clusters, ["name", "accessConfig", "access_entries"])
}

# METADATA
# title: EKS authenticator log off
# description: >-
#   The audit log names a user of the cluster; which IAM identity was let in as that user is in the log of the
#   authenticator alone, where a ConfigMap maps many to one.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
# custom:
#   id: aws-eks-authenticator-logs
#   severity: low
#   subject: aws_eks_cluster
#   needs: [aws_eks_cluster]
#   remediation: >-
#     `aws eks update-cluster-config --name NAME --logging
#     '{"clusterLogging":[{"types":["audit","authenticator"],"enabled":true}]}'`.
#   frameworks:
#     nist_800_53: [AU-12]
#     soc2: [CC7.2]
#     iso27001_2022: [A.8.15]
#     csa_ccm_4: [LOG-08]
aws_eks_authenticator_logs contains finding if {
	some cluster in aws_secrets.told(clusters, ["name", "logging"])
	not logs(cluster, "authenticator")
	finding := {"fact": cluster.id, "message": sprintf("%s: the log of the authenticator is off", [aws_secrets.named(cluster)])}
}

aws_eks_authenticator_logs contains finding if {
	some finding in aws_secrets.unknown(clusters, ["name", "logging"])
}

logs(cluster, type) if {
	some setup in aws_secrets.list(aws_iam.object_of(cluster, "logging"), "clusterLogging")
	setup.enabled == true
	type in setup.types
}
