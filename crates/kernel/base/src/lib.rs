//! Ids, ARNs, accounts, regions, clock, tags and pagination tokens: the words every other room shares.
