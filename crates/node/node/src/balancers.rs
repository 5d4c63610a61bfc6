//! The interfaces of load balancers on this node. Each is in a network of its own, as a task's is; whoever carries their
//! traffic has its sockets there.

use std::collections::HashMap;

use gantry_net::{Attachment, Label, NetError};
use gantry_node_proto::v1;
use tracing::{error, warn};

use crate::network::Network;
use crate::wish::{Parsed, parse_interface};

/// Those that are there.
#[derive(Default)]
pub struct Balancers(HashMap<Label, Attachment>);

impl Balancers {
    /// Has the interfaces be these and no others. False if it shall be tried again.
    pub async fn follow(&mut self, network: &dyn Network, sent: &[v1::Interface]) -> bool {
        let wanted: HashMap<Label, Attachment> = sent.iter().filter_map(read).collect();
        let mut done = true;
        let gone: Vec<Label> = self.0.keys().filter(|label| !wanted.contains_key(label)).cloned().collect();
        for label in gone {
            match network.detach(&label).await {
                Ok(()) => drop(self.0.remove(&label)),
                Err(error) => {
                    warn!(interface = %label, %error, "the interface of a load balancer stays for now");
                    done = false;
                }
            }
        }
        for (label, attachment) in wanted {
            if self.0.get(&label) == Some(&attachment) {
                continue;
            }
            match network.attach(attachment.clone()).await {
                Ok(_) => drop(self.0.insert(label, attachment)),
                // It is there, and reached within its VPC; what somebody else has does not come free by asking.
                Err(error @ NetError::RouteTaken { .. }) => {
                    warn!(interface = %label, %error, "a load balancer is not led to by its public address");
                    self.0.insert(label, attachment);
                }
                Err(error) => {
                    warn!(interface = %label, %error, "a load balancer has no interface yet");
                    done = false;
                }
            }
        }
        done
    }

    /// The names of their networks.
    pub fn labels(&self) -> impl Iterator<Item = Label> {
        self.0.keys().cloned()
    }
}

fn read(sent: &v1::Interface) -> Option<(Label, Attachment)> {
    let parse = || -> Parsed<Attachment> {
        let interface = parse_interface(sent, &sent.eni_id.parse()?)?;
        Ok(Attachment { balances: true, ..interface.attachment })
    };
    match parse() {
        Ok(attachment) => Some((attachment.task.clone(), attachment)),
        Err(error) => {
            error!(interface = sent.eni_id, %error, "the interface of a load balancer can't be read");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NoNetwork;

    #[tokio::test]
    async fn interfaces_come_and_go() {
        let one = |id: &str| v1::Interface {
            eni_id: id.to_owned(),
            vpc_id: "vpc-1".to_owned(),
            vpc_cidr: "10.0.0.0/16".to_owned(),
            subnet_cidr: "10.0.0.0/24".to_owned(),
            gateway: "10.0.0.1".to_owned(),
            mac: "0e:00:00:00:00:01".to_owned(),
            private_ipv4: "10.0.0.9".to_owned(),
            ..Default::default()
        };
        let mut balancers = Balancers::default();
        assert!(balancers.follow(&NoNetwork, &[one("eni-1"), one("not/a/name")]).await);
        assert_eq!(balancers.labels().map(|label| label.to_string()).collect::<Vec<_>>(), ["eni-1"]);
        assert!(balancers.follow(&NoNetwork, &[]).await);
        assert_eq!(balancers.labels().count(), 0);
    }
}
