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

/// A row that is a resource of an account in a region.
pub trait Resource: Record + Clone {
    const KIND: &'static Kind;
    const TABLE: &'static Table<Self>;

    fn id(&self) -> &str;
    fn tags(&self) -> &Tags;
    fn tags_mut(&mut self) -> &mut Tags;
}

/// Makes a row type with the fields `id` and `tags` a resource.
macro_rules! resource {
    ($row:ident, $table:ident, $kind:expr) => {
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
        }
    };
}
pub(crate) use resource;
