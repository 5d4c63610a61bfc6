//! The registry: OCI distribution v2 over HTTP, in front of ECR's repositories.
//!
//! It tells from the host which account's registry in which region is meant, from the password who comes,
//! and from the path what is wanted; everything else is ECR's. Docker's and OCI's clients talk to it.
//!
//! This crate never keeps anything, never reads a layer into memory, never lets anybody in without a password
//! that Gantry gave (but in development), and never decides who may do what.
//!
//! Read in this order: [`route`] (what a path asks for), [`place`] (whose registry), [`door`] (who comes),
//! [`answer`] (how answers and errors look), then `manifests`, `blobs`, `uploads` and `listings`. Small parts:
//! [`range`] (parts of content), `trail` (what is recorded).

pub mod answer;
mod blobs;
pub mod door;
mod listings;
mod manifests;
pub mod place;
pub mod range;
pub mod route;
mod trail;
mod uploads;

use std::sync::Arc;

use bytes::Bytes;
use gantry_base::{AccountId, Admission, Clock, Ids, Region};
use gantry_ecr_core::{Bytestream, Passwords, Repositories};
use gantry_service::{Audit, Cx, Origin, Siblings};
use http::{Method, Request, Response};
use http_body_util::BodyExt;

use crate::answer::{Answer, Code, Fault};
use crate::door::Credentials;
use crate::place::Place;
use crate::route::Route;

pub use crate::answer::Body;

/// The registry, ready to serve. Cheap to clone.
#[derive(Clone)]
pub struct Registry(Arc<Parts>);

/// What the registry is made of.
pub struct Parts {
    /// The repositories.
    pub repositories: Arc<dyn Repositories<Cx>>,
    /// Reads passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Knows who holds an access key.
    pub credentials: Arc<dyn Credentials>,
    /// In development, the account of whoever has no password; such clients are let in as its root.
    pub development: Option<AccountId>,
    /// The region where neither the host nor the password names one.
    pub region: Region,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub siblings: Siblings,
    /// Where requests are recorded.
    pub audit: Arc<dyn Audit>,
}

/// A request that has been let in, on its way to what it asks for.
struct Call<'a> {
    repositories: &'a dyn Repositories<Cx>,
    cx: Cx,
    head: http::request::Parts,
}

impl Registry {
    /// A registry of these parts.
    pub fn new(parts: Parts) -> Registry {
        Registry(Arc::new(parts))
    }

    /// Answers a request whose path is `/v2` or begins with `/v2/`.
    pub async fn serve<B>(&self, request: Request<B>, origin: Origin) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let body: Bytestream = Box::pin(futures::StreamExt::map(body.into_data_stream(), |piece| {
            piece.map_err(std::io::Error::other)
        }));
        let head_only = head.method == Method::HEAD;
        let answer = match self.answer(head, body, origin).await {
            Ok(answer) => answer,
            Err(fault) => fault.answer(),
        };
        answer::finish(answer, head_only)
    }

    async fn answer(
        &self,
        head: http::request::Parts,
        body: Bytestream,
        origin: Origin,
    ) -> Result<Answer, Fault> {
        let parts = &*self.0;
        let now = parts.clock.now();
        if let Some(link) = head.uri.path().strip_prefix(route::LINKS) {
            return blobs::linked(&*parts.repositories, &head, link, now, origin.secure).await;
        }
        let host = origin.host.as_deref().unwrap_or_default();
        let place = Place::of_host(host);
        let guest = door::enter(parts, &head.headers, place.as_ref(), host, now).await?;
        if let Some(admission) = head.extensions.get::<Admission>()
            && !admission.admit(guest.caller.principal.principal_arn().as_deref())
        {
            return Err(Fault::new(Code::TooManyRequests, "Rate exceeded"));
        }
        let route = Route::parse(head.uri.path())?;
        let cx = Cx {
            account: place.as_ref().map_or(guest.account, |place| place.account),
            region: place.map_or(guest.region, |place| place.region),
            caller: guest.caller,
            key: guest.key,
            request_id: parts.ids.uuid().into(),
            now,
            origin: Arc::new(origin),
            siblings: parts.siblings.clone(),
        };
        let recorded = trail::operation(&head.method, &route, &cx);
        let call = Call { repositories: &*parts.repositories, cx, head };
        let answer = call.answer(route, body).await;
        if let Some(recorded) = recorded {
            trail::record(&*parts.audit, &call.cx, recorded, answer.as_ref().err()).await;
        }
        answer
    }
}

impl Call<'_> {
    async fn answer(&self, route: Route, body: Bytestream) -> Result<Answer, Fault> {
        match route {
            Route::Base => listings::base(self),
            Route::Catalog => listings::catalog(self).await,
            Route::Tags { repository } => listings::tags(self, &repository).await,
            Route::Referrers { repository, digest } => listings::referrers(self, &repository, digest).await,
            Route::Manifest { repository, reference } => {
                manifests::manifest(self, &repository, &reference, body).await
            }
            Route::Blob { repository, digest } => blobs::blob(self, &repository, digest).await,
            Route::NewUpload { repository } => uploads::new_upload(self, &repository, body).await,
            Route::Upload { repository, upload } => uploads::upload(self, &repository, &upload, body).await,
        }
    }

    /// A parameter of the query, decoded.
    fn query(&self, name: &str) -> Option<String> {
        let pairs = self.head.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.into_iter().find(|(key, _)| *key == name)?.1.replace('+', " ");
        percent_encoding::percent_decode_str(&value).decode_utf8().ok().map(|value| value.into_owned())
    }

    /// A header, if it is there and is text.
    fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }
}
