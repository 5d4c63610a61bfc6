//! Load balancers within VPCs, as nodes are told of them: the interfaces that the control plane's own node makes, and the
//! names that tasks find them by.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use gantry_node_proto::v1;
use gantry_service::Failure;
use gantry_service::balancers::{Balancer, BalancerInterface, BalancersOf};

use crate::Ecs;
use crate::names::Place;
use crate::tables::node::Interface;

/// For how long a name may be remembered, as AWS has it.
const TTL_SECONDS: u32 = 60;

/// All load balancers with interfaces.
pub(super) struct Balancers(Vec<Balancer>);

impl Balancers {
    pub(super) async fn load(ecs: &Ecs) -> Result<Balancers, Failure> {
        // A Gantry of fewer services has none.
        if !ecs.siblings.serves("elbv2", "DescribeLoadBalancers") {
            return Ok(Balancers(Vec::new()));
        }
        let place =
            Place { account: gantry_base::AccountId::DEFAULT, region: gantry_base::Region::default() };
        let cx = ecs.as_service(&place, ecs.clock.now());
        Ok(Balancers(ecs.siblings.call_within::<BalancersOf>(&cx, ()).await?))
    }

    fn all(&self) -> impl Iterator<Item = (&Balancer, &BalancerInterface)> {
        self.0.iter().flat_map(|of| of.interfaces.iter().map(move |interface| (of, interface)))
    }

    /// The interfaces, whose groups have no rules yet.
    pub(super) fn interfaces(&self) -> Vec<(Place, v1::Interface)> {
        self.all().filter_map(|(of, interface)| Some((place(of), sent(of, interface)?))).collect()
    }

    /// Lets everything through where no groups hold.
    pub(super) fn open(&self, interfaces: &mut [v1::Interface]) {
        let open: BTreeSet<&str> =
            self.all().filter(|(of, _)| !of.guarded).map(|(_, one)| one.eni_id.as_str()).collect();
        for interface in interfaces.iter_mut().filter(|one| open.contains(one.eni_id.as_str())) {
            let any = v1::Rule {
                protocol: "-1".to_owned(),
                from_port: -1,
                to_port: -1,
                ipv4_cidrs: vec!["0.0.0.0/0".to_owned()],
                member_ipv4: Vec::new(),
            };
            let group =
                v1::SecurityGroup { ingress: vec![any.clone()], egress: vec![any], ..Default::default() };
            interface.security_groups = vec![group];
        }
    }

    /// As other nodes need to know them.
    pub(super) fn placed(&self) -> impl Iterator<Item = (Place, Interface)> {
        self.all().map(|(of, one)| {
            let interface = Interface {
                vpc_id: one.vpc_id.clone(),
                vpc_cidr: one.vpc_cidr.clone(),
                subnet_id: one.subnet_id.clone(),
                private_ipv4: one.private_ipv4.clone(),
                public_ipv4: one.public_ipv4.clone().unwrap_or_default(),
            };
            (place(of), interface)
        })
    }

    /// What tasks find load balancers by: in its own VPC a load balancer is at its private addresses, and in another at
    /// its public ones, if it has any.
    pub(super) fn names(&self, tasks: &[v1::DesiredTask]) -> Vec<v1::Name> {
        let interface =
            |task: &v1::DesiredTask| Some(task.network.as_ref()?.interface.as_ref()?.vpc_id.clone());
        let vpcs: BTreeSet<String> = tasks.iter().filter_map(interface).collect();
        let mut names = Vec::new();
        for of in &self.0 {
            for vpc in &vpcs {
                let mut addresses: BTreeMap<&str, ()> = BTreeMap::new();
                for one in &of.interfaces {
                    let address = match one.vpc_id == *vpc {
                        true => Some(one.private_ipv4.as_str()),
                        false => one.public_ipv4.as_deref(),
                    };
                    addresses.extend(address.map(|address| (address, ())));
                }
                if addresses.is_empty() {
                    continue;
                }
                names.extend(of.names.iter().map(|name| v1::Name {
                    name: name.clone(),
                    ipv4: addresses.keys().map(|address| (*address).to_owned()).collect(),
                    vpc_id: vpc.clone(),
                    ttl_seconds: TTL_SECONDS,
                }));
            }
        }
        names
    }
}

fn place(of: &Balancer) -> Place {
    Place { account: of.account, region: of.region.clone() }
}

fn sent(of: &Balancer, one: &BalancerInterface) -> Option<v1::Interface> {
    let (base, _) = one.subnet_cidr.split_once('/')?;
    let gateway = Ipv4Addr::from(u32::from(base.parse::<Ipv4Addr>().ok()?).checked_add(1)?);
    let groups = one.security_groups.iter().filter(|_| of.guarded);
    Some(v1::Interface {
        vpc_id: one.vpc_id.clone(),
        vpc_cidr: one.vpc_cidr.clone(),
        subnet_id: one.subnet_id.clone(),
        subnet_cidr: one.subnet_cidr.clone(),
        gateway: gateway.to_string(),
        eni_id: one.eni_id.clone(),
        mac: one.mac.clone(),
        private_ipv4: one.private_ipv4.clone(),
        public_ipv4: one.public_ipv4.clone().unwrap_or_default(),
        security_groups: groups
            .map(|id| v1::SecurityGroup { id: id.clone(), ..Default::default() })
            .collect(),
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balancers() -> Balancers {
        let interface = |vpc: &str, private: &str, public: Option<&str>| BalancerInterface {
            eni_id: format!("eni-of-{vpc}"),
            mac: "0e:00:00:00:00:01".to_owned(),
            vpc_id: vpc.to_owned(),
            vpc_cidr: "10.0.0.0/16".to_owned(),
            subnet_id: "subnet-1".to_owned(),
            subnet_cidr: "10.0.0.0/24".to_owned(),
            private_ipv4: private.to_owned(),
            public_ipv4: public.map(str::to_owned),
            security_groups: vec!["sg-1".to_owned()],
        };
        let of = |name: &str, guarded, interfaces| Balancer {
            account: "000000000000".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            names: vec![name.to_owned()],
            guarded,
            interfaces,
        };
        Balancers(vec![
            of("inner.test", true, vec![interface("vpc-1", "10.0.0.9", None)]),
            of("outer.test", false, vec![interface("vpc-2", "10.0.0.9", Some("100.96.0.7"))]),
        ])
    }

    fn task(vpc: &str) -> v1::DesiredTask {
        let interface = v1::Interface { vpc_id: vpc.to_owned(), ..Default::default() };
        v1::DesiredTask {
            network: Some(v1::Network { interface: Some(interface), ..Default::default() }),
            ..Default::default()
        }
    }

    #[test]
    fn a_vpc_sees_its_own_and_what_faces_the_internet() {
        let names = |vpc: &str| -> Vec<(String, String)> {
            let names = balancers().names(&[task(vpc)]);
            names.into_iter().map(|one| (one.name, one.ipv4.join(","))).collect()
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(names("vpc-1"), [pair("inner.test", "10.0.0.9"), pair("outer.test", "100.96.0.7")]);
        assert_eq!(names("vpc-2"), [pair("outer.test", "10.0.0.9")]);
        assert_eq!(names("vpc-3"), [pair("outer.test", "100.96.0.7")]);
    }

    #[test]
    fn without_groups_everything_passes() {
        let all = balancers();
        let mut interfaces: Vec<v1::Interface> = all.interfaces().into_iter().map(|(_, one)| one).collect();
        all.open(&mut interfaces);
        assert_eq!(interfaces[0].gateway, "10.0.0.1");
        // The first is as its groups say, which are filled in elsewhere.
        assert!(interfaces[0].security_groups[0].ingress.is_empty());
        assert_eq!(interfaces[1].security_groups[0].ingress[0].ipv4_cidrs, ["0.0.0.0/0"]);
    }
}
