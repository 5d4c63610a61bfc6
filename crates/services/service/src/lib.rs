//! What every AWS service is built from: call context, authorization, handlers, calls to siblings.
