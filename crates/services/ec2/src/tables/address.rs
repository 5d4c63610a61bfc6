//! Addresses that are held or were held until lately.

use std::net::Ipv4Addr;

use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region, subnet and address.
pub const ADDRESSES: Table<Address> = Table::new("ec2.address", 1);

/// Public addresses, by address alone: they are the installation's.
pub const PUBLIC_ADDRESSES: Table<Address> = Table::new("ec2.public_address", 1);

/// Who has an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Address {
    /// An interface holds it, or an account keeps it: the id of one of them.
    Held { network_interface_id: String },
    /// It was given back; it rests for a while before it is handed out again.
    Free { since: Timestamp },
}

/// The prefix of a subnet's addresses.
pub fn subnet_key(account: AccountId, region: &Region, subnet_id: &str) -> Key {
    key!(account, region, subnet_id)
}

/// The key of an address under a prefix. Eight hexadecimal digits, so that addresses sort.
pub fn address_key(prefix: &Key, address: Ipv4Addr) -> Key {
    prefix.clone().with(&format!("{:08x}", address.to_bits()))
}
