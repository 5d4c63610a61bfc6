//! AWS protocols from the models.
