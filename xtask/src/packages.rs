//! What must be installed, and installing what is missing.

use anyhow::{Result, bail};

use crate::sh;

/// A program that is needed and the Debian package that brings it.
pub struct Need {
    program: &'static str,
    package: &'static str,
}

const fn need(program: &'static str, package: &'static str) -> Need {
    Need { program, package }
}

/// What Gantry needs to run containers.
pub const TO_RUN: &[Need] = &[
    need("containerd", "containerd"),
    need("runc", "runc"),
    need("nft", "nftables"),
    need("tini-static", "tini"),
];

/// What the quickstart uses as a client would.
pub const FOR_QUICKSTART: &[Need] =
    &[need("busybox", "busybox-static"), need("buildah", "buildah"), need("/usr/bin/aws", "awscli")];

/// What the tests drive Gantry with.
pub const FOR_TESTS: &[Need] = &[
    need("/usr/bin/aws", "awscli"),
    need("busybox", "busybox-static"),
    need("buildah", "buildah"),
    need("skopeo", "skopeo"),
    need("dockerd", "docker.io"),
    need("docker", "docker.io"),
    need("iptables", "iptables"),
    need("ip", "iproute2"),
    need("curl", "curl"),
    need("python3", "python3"),
    need("etcd", "etcd-server"),
    need("/usr/sbin/nginx", "nginx-light"),
];

/// What the benchmarks measure against.
pub const FOR_BENCH: &[Need] = &[
    need("dockerd", "docker.io"),
    need("docker-registry", "docker-registry"),
    need("skopeo", "skopeo"),
    need("/usr/sbin/nginx", "nginx-light"),
    need("/usr/sbin/haproxy", "haproxy"),
    need("wrk", "wrk"),
    need("openssl", "openssl"),
    need("ip", "iproute2"),
    need("curl", "curl"),
];

/// Installs the packages of what is missing, and says so.
pub fn install(needs: &[&[Need]]) -> Result<()> {
    let mut missing: Vec<&str> = needs
        .iter()
        .flat_map(|needs| needs.iter())
        .filter(|need| !sh::installed(need.program))
        .map(|need| need.package)
        .collect();
    missing.sort_unstable();
    missing.dedup();
    install_packages(&missing)
}

/// Installs Debian packages by name, if there are any.
pub fn install_packages(missing: &[&str]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    if !sh::installed("apt-get") {
        bail!(
            "these Debian packages are missing and there is no apt-get to install them: {}",
            missing.join(" ")
        );
    }
    if !is_root() {
        bail!(
            "these packages are missing: {0}\nInstall them, or run this as root:\n  sudo apt-get install {0}",
            missing.join(" ")
        );
    }
    println!("Installing {} (Debian packages)", missing.join(", "));
    sh::output(sh::program("apt-get").args(["update", "-qq"]))?;
    let mut install = sh::program("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(missing);
    // A package that starts its own daemon would get in the way of the one that Gantry starts.
    install.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    sh::output(&mut install)?;
    Ok(())
}

/// Repository URIs end in `.localhost`. Where such names don't resolve, installs what makes them.
pub fn install_names() -> Result<()> {
    let name = "000000000000.dkr.ecr.us-east-1.localhost";
    if sh::output(sh::program("getent").args(["hosts", name])).is_ok() {
        return Ok(());
    }
    install_packages(&["libnss-myhostname"])
}

/// Whether we may do all on this machine.
pub fn is_root() -> bool {
    sh::output(sh::program("id").arg("-u")).is_ok_and(|id| id == "0")
}
