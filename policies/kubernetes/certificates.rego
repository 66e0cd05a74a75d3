# METADATA
# title: Certificates and their end
package keystrel.kubernetes.certificates

import data.keystrel.lib.age
import data.keystrel.lib.facts

# METADATA
# title: The certificate in a Secret ends soon
# description: >-
#   When it ends, what is served with it stops, and people learn to click warnings away.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets
# custom:
#   id: k8s-secret-tls-expiry
#   severity: high
#   subject: k8s_certificate
#   where: {source: [secret]}
#   needs: [k8s_certificate]
#   threshold: 30
#   remediation: >-
#     Renew it and write it to the Secret, or have cert-manager do so (`kubectl cert-manager renew NAME`). The
#     threshold is in days; of certificates that live less than three times as long it is a third of their life.
#   frameworks:
#     nist_800_53: [SC-17]
#     pci_dss_4: ["4.2.1"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
k8s_secret_tls_expiry contains finding if {
	some certificate in of({"secret"})
	ends_soon(certificate, data.params["k8s-secret-tls-expiry"].threshold)
	finding := {"fact": certificate.id, "message": sprintf("the certificate %s", [ending(certificate)])}
}

k8s_secret_tls_expiry contains finding if {
	some certificate in of({"secret"})
	finding := {"fact": certificate.id, "unknown": unreadable(certificate)}
}

# METADATA
# title: A certificate of the control plane ends soon
# description: >-
#   When it ends, nobody reaches the cluster any more: no node, no controller, no administrator.
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/
# custom:
#   id: k8s-cert-expiry
#   severity: high
#   subject: k8s_certificate
#   where: {source: [endpoint, file]}
#   needs: [k8s_certificate]
#   threshold: 30
#   remediation: >-
#     Renew it: `kubeadm certs renew all`, then start the static pods again. The threshold is in days; of certificates
#     that live less than three times as long it is a third of their life.
#   frameworks:
#     nist_800_53: [SC-17]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
#     owasp_secrets: ["2.7.4"]
k8s_cert_expiry contains finding if {
	some certificate in of({"endpoint", "file"})
	ends_soon(certificate, data.params["k8s-cert-expiry"].threshold)
	finding := {"fact": certificate.id, "message": sprintf("the certificate %s", [ending(certificate)])}
}

k8s_cert_expiry contains finding if {
	some certificate in of({"endpoint", "file"})
	finding := {"fact": certificate.id, "unknown": unreadable(certificate)}
}

# A certificate that lives shorter than the threshold is renewed more often: a third of its life is early enough.
margin(certificate, threshold) := min([threshold, floor((age.days_until(certificate.not_after) + age.days_since(certificate.not_before)) / 3)]) if {
	age.is_time(certificate.not_before)
} else := threshold

ends_soon(certificate, _) if {
	age.is_past(certificate.not_after)
}

ends_soon(certificate, threshold) if {
	age.within(certificate.not_after, margin(certificate, threshold))
}

ending(certificate) := sprintf("ended %s ago", [age.show_days(age.days_since(certificate.not_after))]) if {
	age.is_past(certificate.not_after)
} else := sprintf("ends in %s", [age.show_days(age.days_until(certificate.not_after))])

# Of what its end is not known.
unreadable(certificate) := sprintf("the certificate could not be parsed: %v", [object.get(certificate, "parse_error", "no reason")]) if {
	not age.is_time(certificate.not_after)
}

of(sources) := {certificate |
	some certificate in facts.of("k8s_certificate")
	certificate.source in sources
}
