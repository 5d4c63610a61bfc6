//! Typed tables: what a row is, which version of it, and how older rows become new ones.

use std::marker::PhantomData;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::StoreError;
use crate::key::Key;
use crate::kv::Range;

/// What can be a row.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<V: Serialize + DeserializeOwned + Send + Sync + 'static> Record for V {}

/// Makes a row of one version into one of the next.
pub type Migration = fn(Value) -> Result<Value, String>;

/// A table: a name, the type of its rows and the version of that type.
///
/// A row is stored as its version in digits, a line feed and JSON. A row of an older version is migrated
/// whenever it is read and stored anew when it is next written; one of a newer version is refused by name.
/// Adding an optional field (`#[serde(default)]`) needs no new version; anything else does.
pub struct Table<V> {
    name: &'static str,
    version: u32,
    migrations: &'static [Migration],
    rows: PhantomData<fn() -> V>,
}

impl<V> Table<V> {
    /// A table whose rows are of `version`. The name is `service.noun` and must not hold a slash. From
    /// version 2 on, [`Table::migrations`] must follow.
    pub const fn new(name: &'static str, version: u32) -> Self {
        let bytes = name.as_bytes();
        assert!(!bytes.is_empty() && version > 0, "a table has a name and a version");
        let mut at = 0;
        while at < bytes.len() {
            assert!(bytes[at] != b'/', "a table's name holds no slash");
            at += 1;
        }
        Table { name, version, migrations: &[], rows: PhantomData }
    }

    /// How older rows become new ones: the first makes version 1 into 2, the next 2 into 3, and so on.
    pub const fn migrations(mut self, migrations: &'static [Migration]) -> Self {
        assert!(migrations.len() + 1 == self.version as usize, "one migration for each older version");
        self.migrations = migrations;
        self
    }

    /// The table's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The store's key of a row.
    pub(crate) fn row_key(&self, key: &Key) -> Bytes {
        Bytes::from([b"t/", self.name.as_bytes(), b"/", key.as_str().as_bytes()].concat())
    }

    /// The store's keys of all rows under the prefix.
    pub(crate) fn rows_under(&self, prefix: &Key) -> Range {
        Range::prefix(self.row_key(prefix))
    }

    /// The row's key within the table, from the store's.
    pub(crate) fn key_of(&self, row_key: &[u8]) -> Key {
        let text = row_key.get("t//".len() + self.name.len()..).unwrap_or_default();
        Key::from_text(String::from_utf8_lossy(text))
    }
}

impl<V: Record> Table<V> {
    pub(crate) fn encode(&self, key: &Key, row: &V) -> Result<Bytes, StoreError> {
        let mut bytes = format!("{}\n", self.version).into_bytes();
        serde_json::to_writer(&mut bytes, row).map_err(|error| self.codec(key, error.to_string()))?;
        Ok(bytes.into())
    }

    pub(crate) fn decode(&self, key: &Key, bytes: &[u8]) -> Result<V, StoreError> {
        let (version, json) = self.split(key, bytes)?;
        if version == self.version {
            // Looked at as a whole, UTF-8 costs a tenth of what it costs string by string.
            let json = std::str::from_utf8(json).map_err(|error| self.codec(key, error.to_string()))?;
            return serde_json::from_str(json).map_err(|error| self.codec(key, error.to_string()));
        }
        if version > self.version {
            return Err(StoreError::NewerRow {
                table: self.name,
                key: key.to_string(),
                row: version,
                known: self.version,
            });
        }
        let mut value: Value =
            serde_json::from_slice(json).map_err(|error| self.codec(key, error.to_string()))?;
        for from in version..self.version {
            let migration = from.checked_sub(1).and_then(|index| self.migrations.get(index as usize));
            let migration = migration
                .ok_or_else(|| self.codec(key, format!("there is no migration from version {from}")))?;
            value = migration(value)
                .map_err(|reason| self.codec(key, format!("migration from version {from}: {reason}")))?;
        }
        serde_json::from_value(value).map_err(|error| self.codec(key, error.to_string()))
    }

    fn split<'a>(&self, key: &Key, bytes: &'a [u8]) -> Result<(u32, &'a [u8]), StoreError> {
        let end = bytes.iter().take(11).position(|byte| *byte == b'\n');
        let parts = end.map(|end| (&bytes[..end], &bytes[end + 1..]));
        parts
            .and_then(|(digits, json)| Some((std::str::from_utf8(digits).ok()?.parse().ok()?, json)))
            .ok_or_else(|| self.codec(key, "it does not begin with a version".into()))
    }

    fn codec(&self, key: &Key, reason: String) -> StoreError {
        StoreError::Codec { what: format!("row {key} of table {}", self.name), reason }
    }
}
