//! Calls of the running Gantry's own API, signed with an administrator's key.

use std::fmt;
use std::net::SocketAddr;

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use gantry_base::{AccountId, Clock, Region, SystemClock};
use gantry_sigv4::{Credentials, Signer};
use gantry_wire::model::{Op, Protocol, Ref};
use gantry_wire::{Limits, Model, Show, xml};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::instance::{Administrator, Instance};
use crate::layout::Layout;

/// More than any answer that is asked for here.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// Most items of a listing that are looked through.
const MOST: usize = 10_000;

/// What an operation refused, in its words.
#[derive(Debug)]
pub struct Refused {
    pub code: String,
    pub message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refused {}

/// Whether it is an answer with this code.
pub fn is_refused(error: &anyhow::Error, code: &str) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.code == code)
}

pub struct Api {
    client: Client<HttpConnector, Full<Bytes>>,
    endpoint: String,
    address: SocketAddr,
    credentials: Credentials,
    region: Region,
    account: AccountId,
}

impl Api {
    /// The API of the Gantry that runs here, as an account's administrator.
    pub fn of(layout: &Layout, account: Option<AccountId>, region: Option<Region>) -> Result<Api> {
        let administrator = super::env::administrator(layout, account)?;
        let instance = Instance::find(layout).context("Gantry does not run here; start it with gantry up")?;
        Ok(Api::new(&instance, administrator, region))
    }

    fn new(instance: &Instance, administrator: Administrator, region: Option<Region>) -> Api {
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
            account: administrator.account,
        }
    }

    /// Where the endpoint listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where is looked.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Whose resources are looked at.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The same for another region.
    pub fn in_region(&self, region: Region) -> Api {
        Api {
            client: self.client.clone(),
            endpoint: self.endpoint.clone(),
            address: self.address,
            credentials: Credentials {
                access_key: self.credentials.access_key.clone(),
                secret: self.credentials.secret.clone(),
                session_token: None,
            },
            region,
            account: self.account,
        }
    }

    /// What an operation of ECS answers; its error is [`Refused`].
    pub async fn call(&self, operation: &str, input: &Value) -> Result<Value> {
        self.json("ecs", operation, input).await
    }

    /// What an operation of a service with the protocol awsJson answers.
    pub async fn json(&self, service: &str, operation: &str, input: &Value) -> Result<Value> {
        let model = model(service)?;
        let request = Request::post(&self.endpoint)
            .header("content-type", format!("application/x-amz-json-{}", model.json_version))
            .header("x-amz-target", format!("{}.{operation}", model.target))
            .body(Bytes::from(input.to_string()))?;
        let (status, body) = self.send(model, request).await?;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let message = if text("message").is_empty() { text("Message") } else { text("message") };
        let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
        Err(Refused { code, message }.into())
    }

    /// What an operation of a service with a protocol of forms and XML answers, as JSON: the model's names with a small
    /// first letter.
    pub async fn query(&self, service: &str, operation: &str, parameters: &[(&str, &str)]) -> Result<Value> {
        let model = model(service)?;
        let known = model.operation(operation).ok_or_else(|| anyhow!("{service} has no {operation}"))?;
        let mut form = format!("Action={operation}&Version={}", model.version);
        for (name, value) in parameters {
            form.push_str(&format!("&{name}={}", escaped(value)));
        }
        let request = Request::post(&self.endpoint)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(Bytes::from(form))?;
        let (status, body) = self.send(model, request).await?;
        let text = String::from_utf8_lossy(&body);
        if !status.is_success() {
            let part = |name: &str| within(&text, name).unwrap_or_default().to_owned();
            return Err(Refused { code: part("Code"), message: part("Message") }.into());
        }
        read(model, known, &text).ok_or_else(|| anyhow!("the answer of {operation} can't be read"))
    }

    async fn send(&self, model: &Model, mut request: Request<Bytes>) -> Result<(StatusCode, Bytes)> {
        let signer = Signer {
            credentials: &self.credentials,
            region: self.region.as_str(),
            service: model.signing,
            now: SystemClock.now(),
        };
        signer.sign(&mut request)?;
        let answer = self.client.request(request.map(Full::new)).await;
        let answer = answer.with_context(|| format!("{} does not answer", self.endpoint))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| anyhow!("the answer broke off: {error}"))?.to_bytes();
        Ok((status, body))
    }

    /// All pages of a listing of ECS's, up to a bound.
    pub async fn pages(&self, operation: &str, mut input: Value, member: &str) -> Result<Vec<String>> {
        let mut all = Vec::new();
        loop {
            let page = self.call(operation, &input).await?;
            all.extend(
                page[member].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned),
            );
            match page["nextToken"].as_str() {
                Some(token) if all.len() < MOST => input["nextToken"] = token.into(),
                _ => return Ok(all),
            }
        }
    }
}

fn model(service: &str) -> Result<&'static Model> {
    let known = gantry_api_catalog::all().into_iter().find(|one| one.service == service);
    known.map(|one| one.get()).ok_or_else(|| anyhow!("there is no service {service}"))
}

/// The output that an answer of XML holds.
fn read(model: &Model, operation: &Op, text: &str) -> Option<Value> {
    let Some(output) = operation.output else { return Some(Value::Null) };
    let body = match operation.wrapper.filter(|_| !model.protocols.contains(&Protocol::Ec2)) {
        // An element without anything in it is written as one tag.
        Some(wrapper) => match element(text, wrapper) {
            Some(body) => body,
            None => return Some(Value::Null),
        },
        None => text,
    };
    let value = xml::decode(model, Ref::plain(output), body.as_bytes(), &Limits::STANDARD).ok()?;
    Some(Show { limit: MAX_ANSWER, hidden: &[] }.json(model, output, &value))
}

/// The first element of that name, with its tags.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let close = format!("</{name}>");
    let from = text.find(&format!("<{name}>"))?;
    let until = text[from..].find(&close)? + from + close.len();
    Some(&text[from..until])
}

/// What the first element of that name holds.
fn within<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (open, close) = (name.len() + 2, name.len() + 3);
    element(text, name).and_then(|whole| whole.get(open..whole.len() - close))
}

/// A value as a form has it.
fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_xml_becomes_json() {
        let text = r#"<DescribeTargetGroupsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
            <DescribeTargetGroupsResult><TargetGroups><member><TargetGroupName>shop</TargetGroupName><Port>80</Port>
            <LoadBalancerArns><member>arn:a</member></LoadBalancerArns></member></TargetGroups>
            </DescribeTargetGroupsResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
            </DescribeTargetGroupsResponse>"#;
        let model = model("elbv2").unwrap();
        let answer = read(model, model.operation("DescribeTargetGroups").unwrap(), text).unwrap();
        let group = &answer["targetGroups"][0];
        assert_eq!((group["targetGroupName"].as_str(), group["port"].as_i64()), (Some("shop"), Some(80)));
        assert_eq!(group["loadBalancerArns"][0], "arn:a");

        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
            <DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>
            <networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><association>
            <publicIp>192.0.2.1</publicIp></association></item></networkInterfaceSet>
            </DescribeNetworkInterfacesResponse>"#;
        let model = super::model("ec2").unwrap();
        let answer = read(model, model.operation("DescribeNetworkInterfaces").unwrap(), text).unwrap();
        assert_eq!(answer["networkInterfaces"][0]["association"]["publicIp"], "192.0.2.1");
    }

    #[test]
    fn forms_and_refusals() {
        assert_eq!(escaped("a:b/c d"), "a%3Ab%2Fc%20d");
        let text = "<ErrorResponse><Error><Code>LoadBalancerNotFound</Code><Message>no</Message></Error>";
        assert_eq!(within(text, "Code"), Some("LoadBalancerNotFound"));
        assert_eq!(within(text, "Else"), None);
        let error: anyhow::Error = Refused { code: "A".into(), message: "b".into() }.into();
        assert!(is_refused(&error, "A") && !is_refused(&error, "B"));
        assert_eq!(error.to_string(), "A: b");
    }
}
