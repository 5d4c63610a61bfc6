//! Buckets in memory, for tests of what uses them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Buckets, ObjectError};

/// Buckets that are there from the beginning, and what was put into them.
#[derive(Default)]
pub struct InMemory(Mutex<BTreeMap<String, BTreeMap<String, Bytes>>>);

impl InMemory {
    /// These buckets, empty.
    pub fn with<'a>(buckets: impl IntoIterator<Item = &'a str>) -> InMemory {
        let buckets = buckets.into_iter().map(|name| (name.to_owned(), BTreeMap::new()));
        InMemory(Mutex::new(buckets.collect()))
    }

    /// The keys of a bucket's objects, in order.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(bucket).into_iter().flat_map(|objects| objects.keys().cloned()).collect()
    }
}

#[async_trait]
impl Buckets for InMemory {
    async fn read(&self, bucket: &str, key: &str, most: u64) -> Result<Bytes, ObjectError> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.get(bucket).ok_or(ObjectError::NoBucket)?.get(key).ok_or(ObjectError::NoObject)?;
        match found.len() as u64 {
            size if size > most => Err(ObjectError::TooLarge(size)),
            _ => Ok(found.clone()),
        }
    }

    async fn write(&self, bucket: &str, key: &str, content: Bytes) -> Result<(), ObjectError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(bucket).ok_or(ObjectError::NoBucket)?.insert(key.to_owned(), content);
        Ok(())
    }

    async fn has(&self, bucket: &str) -> Result<bool, ObjectError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(bucket))
    }
}
