//! One account's network in one region, inside a transaction.
//!
//! The default VPC follows from account and region until something is changed, so that it is there before the first
//! request and costs nothing: whoever looks first finds its rows among what the transaction would write, and the
//! first change writes them down.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_base::{AccountId, Arn, Ids, Region};
use gantry_service::{Cx, Failure, Permission, Permit};
use gantry_store::{Key, Scan, Tx, key};

use crate::addresses::Pool;
use crate::default_network;
use crate::error::Ec2Error;
use crate::network::RESERVED_AT_START;
use crate::resource::{Kind, Resource, Whereabouts};
use crate::tables::address::{ADDRESSES, PUBLIC_ADDRESSES, subnet_key};
use crate::tables::site::{Begun, SITES};
use crate::tables::subnet::Subnet;
use crate::{Ec2, arns, tags};

/// A transaction on one account's network in one region.
pub struct Site {
    pub tx: Tx,
    account: AccountId,
    region: Region,
    public: Option<crate::Ipv4Block>,
}

impl Site {
    /// Begins a transaction in which the default VPC is there.
    pub async fn open(ec2: &Ec2, cx: &Cx) -> Result<Site, Failure> {
        let mut site =
            Site { tx: ec2.db.begin(), account: cx.account, region: cx.region.clone(), public: ec2.public };
        let key = key!(cx.account, cx.region);
        if site.tx.get(&SITES, &key).await?.is_none() {
            site.tx.put(&SITES, &key, &Begun { at: cx.now });
            site.put_network(&default_network::derived(cx.account, &cx.region));
        }
        Ok(site)
    }

    fn key(&self, id: &str) -> Key {
        key!(self.account, self.region, id)
    }

    /// All rows of a default network.
    pub fn put_network(&mut self, network: &default_network::Network) {
        self.put(&network.vpc);
        self.put(&network.group);
        self.put(&network.acl);
        self.put(&network.route_table);
        network.subnets.iter().for_each(|subnet| self.put(subnet));
        network.gateway.iter().for_each(|gateway| self.put(gateway));
        network.dhcp_options.iter().for_each(|options| self.put(options));
    }

    /// The resource, guarded, if there is one.
    pub async fn get<R: Resource>(&mut self, id: &str) -> Result<Option<R>, Failure> {
        let key = self.key(id);
        Ok(self.tx.get(R::TABLE, &key).await?)
    }

    /// The resource, guarded, which must be there.
    pub async fn find<R: Resource>(&mut self, id: &str) -> Result<R, Failure> {
        arns::check_id(id, R::KIND)?;
        let found = self.get(id).await?;
        Ok(found.ok_or_else(|| Ec2Error::NotFound { kind: R::KIND, id: id.to_owned() })?)
    }

    /// All of a kind, by id. For listings, and where a change in between does no harm.
    pub async fn all<R: Resource>(&mut self) -> Result<Vec<R>, Failure> {
        let rows = self.tx.peek_scan(R::TABLE, &key!(self.account, self.region), Scan::all()).await?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// All of a kind, by id; what is decided by them holds only while none is added, changed or removed.
    pub async fn all_guarded<R: Resource>(&mut self) -> Result<Vec<R>, Failure> {
        let rows = self.tx.scan(R::TABLE, &key!(self.account, self.region), Scan::all()).await?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Writes a resource.
    pub fn put<R: Resource>(&mut self, row: &R) {
        let key = self.key(row.id());
        self.tx.put(R::TABLE, &key, row);
    }

    /// Removes a resource.
    pub fn delete<R: Resource>(&mut self, row: &R) {
        let key = self.key(row.id());
        self.tx.delete(R::TABLE, &key);
    }

    /// Tells those who remember the blocks of VPCs that they change.
    pub fn blocks_change(&mut self) {
        self.tx.wake(gantry_service::BLOCKS_WAKE);
    }

    /// Commits, and tells those who carry networks out.
    pub async fn commit(mut self, permit: &Permit) -> Result<(), Failure> {
        self.tx.wake(gantry_service::NETWORK_WAKE);
        Ok(self.tx.commit(permit).await.map(drop)?)
    }

    /// Looks a resource up, has the action on it allowed, and only then says whether there is one.
    pub async fn allowed<R: Resource>(
        &mut self,
        cx: &Cx,
        action: &'static str,
        id: &str,
    ) -> Result<(R, Permit), Failure> {
        let found: Option<R> = self.get(id).await?;
        let permit = allow_on(cx, action, id, found.as_ref())?;
        arns::check_id(id, R::KIND)?;
        let row = found.ok_or_else(|| Ec2Error::NotFound { kind: R::KIND, id: id.to_owned() })?;
        Ok((row, permit))
    }

    /// The addresses of a subnet.
    pub(crate) fn private_addresses(&self, subnet: &Subnet) -> Pool<'static> {
        Pool {
            table: &ADDRESSES,
            prefix: subnet_key(self.account, &self.region, &subnet.id),
            block: subnet.block,
            usable: RESERVED_AT_START..subnet.block.size() - 1,
        }
    }

    /// The public addresses, where there are any.
    pub(crate) fn public_addresses(&self) -> Option<Pool<'static>> {
        let block = self.public?;
        Some(Pool { table: &PUBLIC_ADDRESSES, prefix: key!(), block, usable: 0..block.size() })
    }
}

/// The permission for an action on one resource, with the keys that EC2 gives all of them.
pub fn permission<'a>(
    cx: &Cx,
    action: &'static str,
    arn: &'a Arn,
    kind: &Kind,
    tags: Option<&Tags>,
) -> Permission<'a> {
    let id = arn.resource().rsplit('/').next().unwrap_or_default();
    let mut permission = Permission::on(action, arn).key("ec2:Region", [cx.region.as_str()]);
    if id != "*" {
        permission = permission.key(kind.id_key, [id]);
    }
    if let Some(tags) = tags {
        permission = permission.resource_tags(tags.iter());
        for (tag, value) in tags.iter() {
            permission = permission.key(format!("ec2:ResourceTag/{tag}"), [value]);
        }
    }
    permission
}

/// Has an action on one resource allowed.
pub fn allow(
    cx: &Cx,
    action: &'static str,
    kind: &Kind,
    id: &str,
    tags: Option<&Tags>,
) -> Result<Permit, Failure> {
    cx.authorize(permission(cx, action, &arns::arn(cx, kind.name, id), kind, tags))
}

/// Has an action on one resource allowed, be there one of that id or not, with the keys that say where it is.
pub fn allow_on<R: Resource>(
    cx: &Cx,
    action: &'static str,
    id: &str,
    found: Option<&R>,
) -> Result<Permit, Failure> {
    let arn = arns::arn(cx, R::KIND.name, id);
    let permission = permission(cx, action, &arn, R::KIND, found.map(R::tags));
    cx.authorize(located(cx, permission, found.map(R::whereabouts).unwrap_or_default()))
}

/// The permission with the keys that say where the resource is, or is to be.
fn located<'a>(cx: &Cx, permission: Permission<'a>, place: Whereabouts<'_>) -> Permission<'a> {
    let vpc = place.vpc.map(|id| arns::arn(cx, "vpc", id).to_string());
    permission.key("ec2:Vpc", vpc).key("ec2:AvailabilityZone", place.zone)
}

/// What a request makes: the permit for it, and its tags.
pub struct Making {
    pub permit: Permit,
    pub tags: Tags,
}

/// Has the making of a resource allowed, with the tags that the request gives it.
pub fn allow_making(
    cx: &Cx,
    operation: &str,
    action: &'static str,
    kind: &Kind,
    specifications: Option<Vec<api::TagSpecification>>,
) -> Result<Making, Failure> {
    allow_making_in(cx, operation, action, kind, specifications, Whereabouts::default())
}

/// The same for what is to be somewhere in particular.
pub fn allow_making_in(
    cx: &Cx,
    operation: &str,
    action: &'static str,
    kind: &Kind,
    specifications: Option<Vec<api::TagSpecification>>,
    place: Whereabouts<'_>,
) -> Result<Making, Failure> {
    let pairs = tags::given(specifications, kind.name)?;
    let arn = arns::arn(cx, kind.name, "*");
    let request_tags = || pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let making = permission(cx, action, &arn, kind, None).request_tags(request_tags());
    let permit = cx.authorize(located(cx, making, place))?;
    if !pairs.is_empty() {
        let tagging = permission(cx, "ec2:CreateTags", &arn, kind, None).request_tags(request_tags());
        cx.authorize(located(cx, tagging.key("ec2:CreateAction", [operation]), place))?;
    }
    Ok(Making { permit, tags: tags::check(pairs)? })
}

/// A resource id of EC2's form for a new resource.
pub fn new_id<R: Resource>(ids: &dyn Ids) -> String {
    ids.ec2(R::KIND.prefix)
}
