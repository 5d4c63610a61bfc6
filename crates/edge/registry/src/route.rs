//! What a path asks for.

use gantry_ecr_core::{Digest, Reference, Refusal, RepositoryName, UploadId};
use percent_encoding::percent_decode_str;

use crate::answer::{Code, Fault};

/// The path of layers for whoever has a link to one, which follows it. It stands before all other paths, and
/// can't be a repository's.
pub const LINKS: &str = "/v2/_layers/";

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/v2/`: whether there is a registry, and whether one is let in.
    Base,
    /// `/v2/_catalog`
    Catalog,
    /// `/v2/NAME/tags/list`
    Tags { repository: RepositoryName },
    /// `/v2/NAME/referrers/DIGEST`
    Referrers { repository: RepositoryName, digest: Digest },
    /// `/v2/NAME/manifests/REFERENCE`
    Manifest { repository: RepositoryName, reference: Reference },
    /// `/v2/NAME/blobs/DIGEST`
    Blob { repository: RepositoryName, digest: Digest },
    /// `/v2/NAME/blobs/uploads/`
    NewUpload { repository: RepositoryName },
    /// `/v2/NAME/blobs/uploads/ID`
    Upload { repository: RepositoryName, upload: UploadId },
}

impl Route {
    /// Reads a path. A name may hold the words that separate it from what follows, so a path is read from its
    /// end.
    pub fn parse(path: &str) -> Result<Route, Fault> {
        let rest = path.strip_prefix("/v2").unwrap_or(path);
        if matches!(rest, "" | "/") {
            return Ok(Route::Base);
        }
        if rest == "/_catalog" {
            return Ok(Route::Catalog);
        }
        let parts: Vec<&str> = rest.strip_prefix('/').unwrap_or(rest).split('/').collect();
        match parts.as_slice() {
            [name @ .., "tags", "list"] if !name.is_empty() => {
                Ok(Route::Tags { repository: self::name(name)? })
            }
            [name @ .., "blobs", "uploads"] | [name @ .., "blobs", "uploads", ""] if !name.is_empty() => {
                Ok(Route::NewUpload { repository: self::name(name)? })
            }
            [name @ .., "blobs", "uploads", upload] if !name.is_empty() => {
                let repository = self::name(name)?;
                let upload = upload.parse().map_err(|_| {
                    Fault::new(Code::BlobUploadUnknown, format!("There is no upload {:?}", shown(upload)))
                })?;
                Ok(Route::Upload { repository, upload })
            }
            [name @ .., "manifests", reference] if !name.is_empty() => {
                Ok(Route::Manifest { repository: self::name(name)?, reference: self::reference(reference)? })
            }
            [name @ .., "referrers", digest] if !name.is_empty() => {
                Ok(Route::Referrers { repository: self::name(name)?, digest: self::digest(digest)? })
            }
            [name @ .., "blobs", digest] if !name.is_empty() => {
                Ok(Route::Blob { repository: self::name(name)?, digest: self::digest(digest)? })
            }
            _ => Err(Fault::new(Code::NotFound, format!("The registry has no {:?}", shown(path)))),
        }
    }
}

fn name(parts: &[&str]) -> Result<RepositoryName, Fault> {
    let name = parts.join("/");
    name.parse()
        .map_err(|error| Fault::new(Code::NameInvalid, format!("{error}, which {:?} does not", shown(&name))))
}

fn reference(text: &str) -> Result<Reference, Fault> {
    let text = percent_decode_str(text).decode_utf8_lossy();
    if text.contains(':') {
        return Ok(Reference::Digest(digest(&text)?));
    }
    let tag = text
        .parse()
        .map_err(|error| Fault::new(Code::TagInvalid, format!("{error}, not {:?}", shown(&text))))?;
    Ok(Reference::Tag(tag))
}

/// Reads a digest from a path or a query.
pub fn digest(text: &str) -> Result<Digest, Fault> {
    let text = percent_decode_str(text).decode_utf8_lossy();
    text.parse().map_err(|error| Refusal::DigestInvalid(error).into())
}

/// The client's text, cut to a length that can be shown.
fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const UUID: &str = "0a1b2c3d-0000-4000-8000-00000000000f";

    fn name(text: &str) -> RepositoryName {
        text.parse().unwrap()
    }

    fn digest() -> Digest {
        DIGEST.parse().unwrap()
    }

    #[test]
    fn paths_are_read_from_their_end() {
        let parse = |path: &str| Route::parse(path).unwrap();
        assert_eq!(parse("/v2"), Route::Base);
        assert_eq!(parse("/v2/"), Route::Base);
        assert_eq!(parse("/v2/_catalog"), Route::Catalog);
        assert_eq!(parse("/v2/team/web/tags/list"), Route::Tags { repository: name("team/web") });
        let manifest = Route::Manifest {
            repository: name("blobs/uploads"),
            reference: Reference::Tag("tags".parse().unwrap()),
        };
        assert_eq!(parse("/v2/blobs/uploads/manifests/tags"), manifest);
        let by_digest = Route::Manifest { repository: name("manifests"), reference: digest().into() };
        assert_eq!(parse(&format!("/v2/manifests/manifests/{DIGEST}")), by_digest);
        assert_eq!(parse(&format!("/v2/manifests/manifests/{}", DIGEST.replace(':', "%3A"))), by_digest);
        let blob = Route::Blob { repository: name("web"), digest: digest() };
        assert_eq!(parse(&format!("/v2/web/blobs/{DIGEST}")), blob);
        assert_eq!(parse("/v2/web/blobs/uploads"), Route::NewUpload { repository: name("web") });
        assert_eq!(parse("/v2/a/web/blobs/uploads/"), Route::NewUpload { repository: name("a/web") });
        let upload = Route::Upload { repository: name("web"), upload: UUID.parse().unwrap() };
        assert_eq!(parse(&format!("/v2/web/blobs/uploads/{UUID}")), upload);
    }

    #[test]
    fn hostile_paths_lead_nowhere() {
        let code = |path: &str| Route::parse(path).unwrap_err().code;
        assert_eq!(code("/v2/../../etc/passwd"), Code::NotFound);
        assert_eq!(code("/v2/a/../b/tags/list"), Code::NameInvalid);
        assert_eq!(code("/v2/web%2F..%2Fx/tags/list"), Code::NameInvalid);
        assert_eq!(code("/v2/UPPER/tags/list"), Code::NameInvalid);
        assert_eq!(code("/v2//tags/list"), Code::NameInvalid);
        assert_eq!(code("/v2/tags/list"), Code::NotFound);
        assert_eq!(code("/v2/web/manifests/a%2Fb"), Code::TagInvalid);
        assert_eq!(code("/v2/web/manifests/.."), Code::TagInvalid);
        assert_eq!(code("/v2/web/manifests/sha256:..%2F..%2Fx"), Code::DigestInvalid);
        assert_eq!(code("/v2/web/blobs/sha256:xyz"), Code::DigestInvalid);
        assert_eq!(code("/v2/web/blobs/uploads/..%2f..%2fx"), Code::BlobUploadUnknown);
        assert_eq!(code("/v2/%ff%fe/manifests/%ff"), Code::NameInvalid);
    }
}
