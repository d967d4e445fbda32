//! The hash that ties a record to all before it.

use sha2::{Digest as _, Sha256};
use yanma_protocol::Digest;
use yanma_protocol::audit::AuditRecord;

use crate::error::Error;

/// What the first record is tied to.
pub(super) const BEGIN: Digest = Digest([0; 32]);

/// What is signed elsewhere has its namespace too.
const NAMESPACE: &[u8] = b"yanma-audit-v1\0";

/// The hash of a record, whose own field `hash` does not count.
pub(super) fn next(before: Digest, record: &AuditRecord) -> Result<Digest, Error> {
    // JSON of a tuple: every part has its own quotes, so no two records have one text.
    let text = serde_json::to_vec(&(
        record.place,
        record.at,
        record.clerk,
        &record.name,
        record.role,
        &record.deed,
        &record.subject,
        &record.reason,
        &record.detail,
    ))
    .map_err(|_| Error::Damaged("audit"))?;
    let mut hash = Sha256::new();
    hash.update(NAMESPACE);
    hash.update(before.0);
    hash.update(text);
    Ok(Digest(hash.finalize().into()))
}
