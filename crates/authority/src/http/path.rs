//! What stands in a path: `{id}`, `{receipt}`, `{name}`.

use std::collections::HashMap;
use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use schemars::{Schema, json_schema};
use uuid::Uuid;
use yanma_domain::IssuerId;
use yanma_protocol::file_name::FileName;
use yanma_protocol::{ErrorCode, FieldError, FieldProblem};

use super::describe::{named_by, refuses};
use super::error::Failure;
use crate::authority::Authority;
use crate::error::Error;

/// A thing that a path names.
pub(super) struct Named<T>(pub(super) T);

/// Something that a path can name.
pub(super) trait Name: Sized {
    /// What stands between the braces.
    const PLACE: &'static str;
    /// What it names.
    const ABOUT: &'static str;

    /// Reads what stands there.
    fn read(text: String) -> Option<Self>;

    /// The answer to whatever cannot be read.
    fn unread() -> Error;

    /// Its form.
    fn schema() -> Schema;
}

impl<T: Name> FromRequestParts<Arc<Authority>> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Failure> {
        let named = Path::<HashMap<String, String>>::from_request_parts(parts, authority).await;
        let text = named.ok().and_then(|Path(mut named)| named.remove(T::PLACE));
        let read = text.and_then(T::read);
        Ok(Self(read.ok_or_else(T::unread)?))
    }
}

impl<T: Name> OperationInput for Named<T> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        named_by(operation, T::PLACE, T::ABOUT, T::schema());
        let unread = match T::unread() {
            Error::NotFound(_) => ErrorCode::NotFound,
            _ => ErrorCode::BadField,
        };
        refuses(operation, &[unread]);
    }
}

fn misfit(field: &str) -> Error {
    FieldError::new(field, FieldProblem::Form).into()
}

/// A receipt of a verification.
pub(super) struct Receipt(pub(super) Uuid);

impl Name for Receipt {
    const PLACE: &'static str = "receipt";
    const ABOUT: &'static str = "As the verification gave it.";

    fn read(text: String) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn unread() -> Error {
        misfit("receipt")
    }

    fn schema() -> Schema {
        json_schema!({"type": "string", "format": "uuid"})
    }
}

/// An appeal.
pub(super) struct AppealId(pub(super) Uuid);

impl Name for AppealId {
    const PLACE: &'static str = "id";
    const ABOUT: &'static str = "The appeal.";

    fn read(text: String) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn unread() -> Error {
        Error::NotFound("appeal")
    }

    fn schema() -> Schema {
        json_schema!({"type": "string", "format": "uuid"})
    }
}

/// Somebody at the console.
pub(super) struct ClerkNumber(pub(super) i64);

impl Name for ClerkNumber {
    const PLACE: &'static str = "id";
    const ABOUT: &'static str = "Their number.";

    fn read(text: String) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn unread() -> Error {
        Error::NotFound("clerk")
    }

    fn schema() -> Schema {
        json_schema!({"type": "integer", "format": "int64"})
    }
}

/// A desk, by its name for programs.
pub(super) struct StationId(pub(super) String);

impl Name for StationId {
    const PLACE: &'static str = "id";
    const ABOUT: &'static str = "The desk's name for programs.";

    fn read(text: String) -> Option<Self> {
        // No desk has such a name, and PostgreSQL cannot be asked about it.
        (!text.contains('\0')).then_some(Self(text))
    }

    fn unread() -> Error {
        Error::NotFound("station")
    }

    fn schema() -> Schema {
        json_schema!({"type": "string"})
    }
}

/// A site, by its name for programs; new ones are made under theirs.
pub(super) struct SiteId(pub(super) String);

impl Name for SiteId {
    const PLACE: &'static str = "id";
    const ABOUT: &'static str = "The site's name for programs.";

    fn read(text: String) -> Option<Self> {
        Some(Self(text))
    }

    fn unread() -> Error {
        misfit("id")
    }

    fn schema() -> Schema {
        let pattern = "^[a-z0-9]+(-[a-z0-9]+)*$";
        json_schema!({"type": "string", "minLength": 1, "maxLength": 40, "pattern": pattern})
    }
}

/// A policy, by its scene.
pub(super) struct PolicyId(pub(super) String);

impl Name for PolicyId {
    const PLACE: &'static str = "id";
    const ABOUT: &'static str = "The policy's scene, and its name.";

    fn read(text: String) -> Option<Self> {
        Some(Self(text))
    }

    fn unread() -> Error {
        Error::NotFound("policy")
    }

    fn schema() -> Schema {
        json_schema!({"type": "string", "pattern": "^[a-z0-9-]{1,32}$"})
    }
}

/// Another region, by its number.
pub(super) struct RegionNumber(pub(super) String);

impl Name for RegionNumber {
    const PLACE: &'static str = "number";
    const ABOUT: &'static str = "Its number, as in its codes.";

    fn read(text: String) -> Option<Self> {
        Some(Self(text))
    }

    fn unread() -> Error {
        misfit("issuer")
    }

    fn schema() -> Schema {
        json_schema!({"type": "integer", "minimum": 0, "maximum": 255})
    }
}

/// An issuer whose colours are carried beside our own.
pub(super) struct CarriedIssuer(pub(super) IssuerId);

impl Name for CarriedIssuer {
    const PLACE: &'static str = "number";
    const ABOUT: &'static str = "The issuer's number, as in the trust list.";

    fn read(text: String) -> Option<Self> {
        let issuer = text.parse().ok().map(IssuerId)?;
        // One place, one name.
        (issuer.to_string() == text).then_some(Self(issuer))
    }

    fn unread() -> Error {
        Error::NotFound("file")
    }

    fn schema() -> Schema {
        json_schema!({"type": "integer", "minimum": 0, "maximum": 255})
    }
}

/// A published file. Only what one can be called leads to the disk.
pub(super) struct FeedFileName(pub(super) String);

impl Name for FeedFileName {
    const PLACE: &'static str = "name";
    const ABOUT: &'static str = "As the head lists it.";

    fn read(text: String) -> Option<Self> {
        text.parse::<FileName>().ok().map(|_| Self(text))
    }

    fn unread() -> Error {
        Error::NotFound("file")
    }

    fn schema() -> Schema {
        json_schema!({"type": "string", "examples": ["status-6-7-0123456789abcdef.yf"]})
    }
}
