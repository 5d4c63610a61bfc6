//! Calls of ECS's operations, signed with an administrator's key.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use gantry_base::{Clock, Region, SystemClock};
use gantry_sigv4::{Credentials, Signer};
use http::Request;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::instance::{Administrator, Instance};

/// More than any answer that is asked for here.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

pub struct Api {
    client: Client<HttpConnector, Full<Bytes>>,
    endpoint: String,
    address: SocketAddr,
    credentials: Credentials,
    region: Region,
}

impl Api {
    pub fn new(instance: &Instance, administrator: Administrator, region: Option<Region>) -> Api {
        let mut address = instance.listen;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        Api {
            client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
            endpoint: format!("http://{address}/"),
            address,
            credentials: Credentials {
                access_key: administrator.access_key_id,
                secret: administrator.secret_access_key,
                session_token: None,
            },
            region: region.unwrap_or(administrator.region),
        }
    }

    /// Where the endpoint listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What an operation answers; its error, in its words.
    pub async fn call(&self, operation: &str, input: &Value) -> Result<Value> {
        let body = Bytes::from(input.to_string());
        let mut request = Request::post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AmazonEC2ContainerServiceV20141113.{operation}"))
            .body(body)?;
        let signer = Signer {
            credentials: &self.credentials,
            region: self.region.as_str(),
            service: "ecs",
            now: SystemClock.now(),
        };
        signer.sign(&mut request)?;
        let answer = self.client.request(request.map(Full::new)).await;
        let answer = answer.with_context(|| format!("{} does not answer", self.endpoint))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("the answer broke off: {error}"))?.to_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let message = if text("message").is_empty() { text("Message") } else { text("message") };
        let code = text("__type").rsplit('#').next().unwrap_or_default();
        bail!("{code}: {message}")
    }
}
