//! What all kinds of resources share: an id, tags, a table, and how EC2 speaks of them.

use gantry_base::Tags;
use gantry_store::Record;
use gantry_store::Table;

/// How EC2 speaks of a kind of resource.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// As in ARNs and tag specifications: `route-table`.
    pub name: &'static str,
    /// What ids begin with: `rtb`.
    pub prefix: &'static str,
    /// As in messages: `routeTable ID`.
    pub noun: &'static str,
    /// The code where there is none of that id.
    pub missing: &'static str,
    /// The code where the id can't be one.
    pub malformed: &'static str,
    /// The condition key that names the id.
    pub id_key: &'static str,
}

/// Where a resource is, or is to be: the keys `ec2:Vpc` and `ec2:AvailabilityZone`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whereabouts<'a> {
    /// The VPC's id.
    pub vpc: Option<&'a str>,
    /// The zone's name.
    pub zone: Option<&'a str>,
}

/// A row that is a resource of an account in a region.
pub trait Resource: Record + Clone {
    const KIND: &'static Kind;
    const TABLE: &'static Table<Self>;

    fn id(&self) -> &str;
    fn tags(&self) -> &Tags;
    fn tags_mut(&mut self) -> &mut Tags;

    /// Where it is; nothing for what is in no VPC, or where a policy is not told.
    fn whereabouts(&self) -> Whereabouts<'_> {
        Whereabouts::default()
    }
}

/// Makes a row type with the fields `id` and `tags` a resource, which may be somewhere.
macro_rules! resource {
    ($row:ident, $table:ident, $kind:expr $(, |$this:ident| $whereabouts:expr)?) => {
        impl crate::resource::Resource for $row {
            const KIND: &'static Kind = &$kind;
            const TABLE: &'static Table<Self> = &$table;

            fn id(&self) -> &str {
                &self.id
            }

            fn tags(&self) -> &Tags {
                &self.tags
            }

            fn tags_mut(&mut self) -> &mut Tags {
                &mut self.tags
            }

            $(fn whereabouts(&self) -> crate::resource::Whereabouts<'_> {
                let $this = self;
                $whereabouts
            })?
        }
    };
}
pub(crate) use resource;
