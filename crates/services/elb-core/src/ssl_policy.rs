//! AWS's predefined security policies, as far as the data plane can keep them: TLS 1.2 and 1.3 with forward secrecy
//! and authenticated encryption. A policy that would also let in less is served with what is left of it.

/// Ciphers of TLS 1.3 that the data plane speaks, in AWS's names.
pub const TLS13: [&str; 3] =
    ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
/// Ciphers of TLS 1.2 that the data plane speaks.
pub const TLS12: [&str; 4] = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
];

/// A policy and the protocols that are left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SslPolicy {
    pub name: &'static str,
    pub tls12: bool,
    pub tls13: bool,
}

/// The policy of a listener that names none, as the API has it.
pub const DEFAULT: &str = "ELBSecurityPolicy-2016-08";

const fn policy(name: &'static str, tls12: bool, tls13: bool) -> SslPolicy {
    SslPolicy { name, tls12, tls13 }
}

/// All policies.
pub const ALL: [SslPolicy; 18] = [
    policy("ELBSecurityPolicy-2016-08", true, false),
    policy("ELBSecurityPolicy-TLS13-1-2-2021-06", true, true),
    policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", true, true),
    policy("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", true, true),
    policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", true, true),
    policy("ELBSecurityPolicy-TLS13-1-1-2021-06", true, true),
    policy("ELBSecurityPolicy-TLS13-1-0-2021-06", true, true),
    policy("ELBSecurityPolicy-TLS13-1-3-2021-06", false, true),
    policy("ELBSecurityPolicy-TLS-1-2-2017-01", true, false),
    policy("ELBSecurityPolicy-TLS-1-1-2017-01", true, false),
    policy("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", true, false),
    policy("ELBSecurityPolicy-FS-2018-06", true, false),
    policy("ELBSecurityPolicy-FS-1-1-2019-08", true, false),
    policy("ELBSecurityPolicy-FS-1-2-2019-08", true, false),
    policy("ELBSecurityPolicy-FS-1-2-Res-2019-08", true, false),
    policy("ELBSecurityPolicy-FS-1-2-Res-2020-10", true, false),
    policy("ELBSecurityPolicy-TLS-1-0-2015-04", true, false),
    policy("ELBSecurityPolicy-2015-05", true, false),
];

/// The policy of that name.
pub fn find(name: &str) -> Option<SslPolicy> {
    ALL.into_iter().find(|policy| policy.name == name)
}
