//! Certificates, policies and ALPN of listeners that end TLS.

use gantry_api_elbv2 as api;
use gantry_base::Arn;
use gantry_elb_core::ssl_policy;
use gantry_service::{Cx, Failure};

use crate::Elb;
use crate::error::ElbError;

/// What a listener has for TLS.
pub struct Secured {
    /// The default certificate, and what other ones the listener has.
    pub certificates: Vec<String>,
    pub ssl_policy: Option<String>,
    pub alpn_policy: Option<String>,
}

/// Checks what a listener of this protocol is to have.
pub async fn check(
    elb: &Elb,
    cx: &Cx,
    protocol: &str,
    certificates: Vec<String>,
    ssl_policy: Option<String>,
    alpn_policy: Option<Vec<String>>,
    mutual: Option<api::MutualAuthenticationAttributes>,
) -> Result<Secured, Failure> {
    if mutual.is_some_and(|it| it.mode.is_some_and(|mode| mode != "off")) {
        return Err(ElbError::not_served("Mutual authentication").into());
    }
    if !matches!(protocol, "HTTPS" | "TLS") {
        // As AWS spells it.
        let refused = [
            (!certificates.is_empty(), "A certificate cannot be specified"),
            (ssl_policy.is_some(), "An SSL policy cannot be specifed"),
        ];
        for (given, what) in refused {
            if given {
                let message = format!("{what} for {protocol} listeners");
                return Err(ElbError::validation(message).into());
            }
        }
        if alpn_policy.is_some_and(|policy| !policy.is_empty()) {
            return Err(no_alpn(protocol).into());
        }
        return Ok(Secured { certificates, ssl_policy: None, alpn_policy: None });
    }
    if certificates.is_empty() {
        let message = format!("A certificate must be specified for {protocol} listeners");
        return Err(ElbError::validation(message).into());
    }
    for arn in &certificates {
        must_certificate(elb, cx, arn).await?;
    }
    let policy = ssl_policy.unwrap_or_else(|| ssl_policy::DEFAULT.to_owned());
    if ssl_policy::find(&policy).is_none() {
        return Err(ElbError::new("SSLPolicyNotFound", format!("SSL policy '{policy}' not found")).into());
    }
    let alpn_policy = alpn(protocol, alpn_policy)?;
    Ok(Secured { certificates, ssl_policy: Some(policy), alpn_policy })
}

/// Refuses a certificate that is not there, or not in the call's region.
pub async fn must_certificate(elb: &Elb, cx: &Cx, arn: &str) -> Result<(), Failure> {
    let found = match arn.parse::<Arn>() {
        Ok(one) if one.service() == "acm" && one.region() != cx.region.as_str() => {
            return Err(ElbError::validation(format!("Certificate ARN '{arn}' is not valid")).into());
        }
        Ok(one) => elb.certificates.certificate(&one).await?,
        Err(_) => None,
    };
    found.map(drop).ok_or_else(|| ElbError::no_certificate(arn).into())
}

/// The one certificate that a request to make or change a listener may name.
pub fn default_certificate(given: Option<Vec<api::Certificate>>) -> Result<Option<String>, ElbError> {
    let mut arns: Vec<String> =
        given.unwrap_or_default().into_iter().filter_map(|it| it.certificate_arn).collect();
    if arns.len() > 1 {
        return Err(ElbError::validation(format!(
            "Up to '1' certificate ARNs can be specified, but '{}' were specified",
            arns.len()
        )));
    }
    Ok(arns.pop())
}

fn no_alpn(protocol: &str) -> ElbError {
    if matches!(protocol, "HTTP" | "HTTPS") {
        return ElbError::configuration("You cannot set ALPN policy on load balancers of type 'application'");
    }
    ElbError::new("ALPNPolicyNotFound", format!("ALPN policies are not supported with {protocol} listeners"))
}

fn alpn(protocol: &str, given: Option<Vec<String>>) -> Result<Option<String>, ElbError> {
    match given.unwrap_or_default().as_slice() {
        [] => Ok(None),
        _ if protocol != "TLS" => Err(no_alpn(protocol)),
        [one] if one == "None" => Ok(Some(one.clone())),
        [one] if matches!(one.as_str(), "HTTP1Only" | "HTTP2Only" | "HTTP2Optional" | "HTTP2Preferred") => {
            Ok(Some(one.clone()))
        }
        [other] => Err(ElbError::new("ALPNPolicyNotFound", format!("ALPN policy [{other}] is not found"))),
        several => Err(ElbError::validation(format!(
            "Up to '1' ALPN policy can be specified, but '{}' were specified",
            several.len()
        ))),
    }
}
