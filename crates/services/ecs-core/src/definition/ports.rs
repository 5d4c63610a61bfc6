//! The ports of a container.

use std::collections::HashSet;

use super::container::{Context, wrong};
use super::{Invalid, document};
use crate::spec::{NetworkMode, PortMapping, Protocol};

/// Most ports in all the ranges of one container.
const MAX_RANGE_PORTS: u32 = 100;

pub(super) fn mappings(
    container: &str,
    given: &[document::PortMapping],
    context: &Context<'_>,
) -> Result<Vec<PortMapping>, Invalid> {
    if !given.is_empty() && context.network_mode == NetworkMode::None {
        return Err(Invalid::new("Port mappings are not supported with networkMode none."));
    }
    let mut all: Vec<PortMapping> = Vec::with_capacity(given.len());
    let mut in_ranges = 0;
    let mut taken = HashSet::new();
    for one in given {
        let mapping = match &one.container_port_range {
            Some(text) => {
                let mapping = range(container, one, text, context)?;
                in_ranges += u32::from(last(&mapping) - mapping.container_port) + 1;
                mapping
            }
            None => single(container, one, context)?,
        };
        if in_ranges > MAX_RANGE_PORTS {
            return Err(wrong(
                container,
                format_args!("The port ranges can have at most {MAX_RANGE_PORTS} ports."),
            ));
        }
        for port in mapping.container_port..=last(&mapping) {
            // The same port of a container may be led to from several of the host.
            if mapping.range_end.is_some() && !taken.insert((mapping.protocol, port)) {
                return Err(Invalid::new(format!(
                    "{} container port '{port}' is used multiple times in task when networkMode={}.",
                    mapping.protocol.as_str().to_ascii_uppercase(),
                    context.network_mode.as_str()
                )));
            }
        }
        if one.name.is_some() && all.iter().any(|other| other.name == one.name) {
            return Err(name_taken(context.network_mode));
        }
        all.push(mapping);
    }
    Ok(all)
}

/// Two port mappings of a task have one name.
pub(super) fn name_taken(network_mode: NetworkMode) -> Invalid {
    Invalid::new(format!("When networkMode={}, port mapping name is already used", network_mode.as_str()))
}

fn last(mapping: &PortMapping) -> u16 {
    mapping.range_end.unwrap_or(mapping.container_port)
}

fn protocol(container: &str, one: &document::PortMapping) -> Result<Protocol, Invalid> {
    match one.protocol.as_deref() {
        None | Some("tcp") => Ok(Protocol::Tcp),
        Some("udp") => Ok(Protocol::Udp),
        Some(other) => Err(wrong(container, format_args!("The protocol '{other}' is not valid."))),
    }
}

fn app_protocol(container: &str, one: &document::PortMapping) -> Result<Option<String>, Invalid> {
    match one.app_protocol.as_deref() {
        None | Some("") => Ok(None),
        Some(known @ ("http" | "http2" | "grpc")) => Ok(Some(known.to_owned())),
        Some(other) => Err(wrong(container, format_args!("The appProtocol '{other}' is not valid."))),
    }
}

fn range(
    container: &str,
    one: &document::PortMapping,
    text: &str,
    context: &Context<'_>,
) -> Result<PortMapping, Invalid> {
    if one.container_port.is_some() || one.host_port.is_some() {
        return Err(Invalid::new(format!(
            "Invalid port mapping for container '{container}', cannot specify both single port and port range."
        )));
    }
    if context.network_mode == NetworkMode::Host {
        return Err(wrong(container, "A 'containerPortRange' needs the networkMode bridge or awsvpc."));
    }
    let bounds = text.split_once('-').and_then(|(first, end)| {
        let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
        Some((port(first)?, port(end)?)).filter(|(first, end)| first <= end)
    });
    let Some((first, end)) = bounds else {
        return Err(Invalid::new(format!(
            "Invalid 'containerPortRange' setting for container '{container}'."
        )));
    };
    Ok(PortMapping {
        container_port: first,
        range_end: Some(end),
        host_port: if context.network_mode == NetworkMode::Awsvpc { first } else { 0 },
        protocol: protocol(container, one)?,
        name: one.name.clone(),
        app_protocol: app_protocol(container, one)?,
    })
}

fn single(
    container: &str,
    one: &document::PortMapping,
    context: &Context<'_>,
) -> Result<PortMapping, Invalid> {
    let port = |value: i64| u16::try_from(value).ok();
    let container_port = match one.container_port.and_then(port) {
        Some(number) if number > 0 => number,
        _ => return Err(wrong(container, "The 'containerPort' must be between 1 and 65535.")),
    };
    let protocol = protocol(container, one)?;
    let host_port = match one.host_port {
        Some(value) => {
            port(value).ok_or_else(|| wrong(container, "The 'hostPort' must be between 0 and 65535."))?
        }
        None => 0,
    };
    let host_port = match context.network_mode {
        NetworkMode::Awsvpc | NetworkMode::Host if host_port == 0 => container_port,
        NetworkMode::Awsvpc | NetworkMode::Host if host_port != container_port => {
            return Err(Invalid::new(format!(
                "When networkMode={}, the host ports and container ports in port mappings must match.",
                context.network_mode.as_str()
            )));
        }
        _ => host_port,
    };
    let (name, app_protocol) = (one.name.clone(), app_protocol(container, one)?);
    Ok(PortMapping { container_port, range_end: None, host_port, protocol, name, app_protocol })
}
