//! The register of operations: what is served, by which function.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::Stream;
use gantry_wire::{ApiError, Bad, Operation, Put, Take, Value};
use rand::Rng;

use crate::cx::Cx;
use crate::failure::Failure;

/// An answer of whatever operation, ready to be encoded.
pub type Answer = Box<dyn Put + Send>;

/// An answer that goes on: events, each the union of all events of the operation, until it ends or fails.
pub type Events = Pin<Box<dyn Stream<Item = Result<Answer, ApiError>> + Send>>;

type Input = Box<dyn Any + Send>;
type Output = Box<dyn Any + Send>;
type Run =
    Box<dyn Fn(Cx, Input) -> Pin<Box<dyn Future<Output = Result<Output, Failure>> + Send>> + Send + Sync>;

type Begin =
    Box<dyn Fn(Cx, Input) -> Pin<Box<dyn Future<Output = Result<Events, Failure>> + Send>> + Send + Sync>;

struct Streamed {
    take: fn(Value) -> Result<Input, Failure>,
    begin: Begin,
}

struct Served {
    take: fn(Value) -> Result<Input, Failure>,
    run: Run,
    answer: fn(Output) -> Answer,
}

/// An operation that services call of each other and nobody outside can: it is in no model and has no shape on the
/// wire. IAM applies to it as to any other.
pub trait Within: 'static {
    /// For messages.
    const NAME: &'static str;
    type Input: Clone + Send + 'static;
    type Output: Send + 'static;
}

/// The operations that are served, by service and name. Services add to it once, at start.
#[derive(Default)]
pub struct Registry {
    within: HashMap<TypeId, Run>,
    served: HashMap<&'static str, HashMap<&'static str, Served>>,
    streamed: HashMap<(&'static str, &'static str), Streamed>,
}

impl Registry {
    /// Serves the operation `O` with `handler`.
    pub fn on<O, F, Fut, E>(&mut self, handler: F)
    where
        O: Operation,
        F: Fn(Cx, O::Input) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O::Output, E>> + Send + 'static,
        E: Into<Failure> + 'static,
    {
        let run: Run = Box::new(move |cx, input| {
            let input = input.downcast::<O::Input>().expect("take made this input, or the sibling call did");
            let running = handler(cx, *input);
            Box::pin(
                async move { running.await.map(|output| Box::new(output) as Output).map_err(Into::into) },
            )
        });
        let served = Served {
            take: take::<O::Input>,
            run,
            answer: |output| output.downcast::<O::Output>().expect("run made this output"),
        };
        let earlier = self.served.entry(O::SERVICE).or_default().insert(O::NAME, served);
        assert!(earlier.is_none(), "{}:{} is registered twice", O::SERVICE, O::NAME);
    }
}

impl Registry {
    /// Serves the operation `O` to the other services with `handler`.
    pub fn on_within<O, F, Fut>(&mut self, handler: F)
    where
        O: Within,
        F: Fn(Cx, O::Input) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O::Output, Failure>> + Send + 'static,
    {
        let run: Run = Box::new(move |cx, input| {
            let input = input.downcast::<O::Input>().expect("call_within made this input");
            let running = handler(cx, *input);
            Box::pin(async move { running.await.map(|output| Box::new(output) as Output) })
        });
        let earlier = self.within.insert(TypeId::of::<O>(), run);
        assert!(earlier.is_none(), "{} is registered twice", O::NAME);
    }

    /// Serves the operation `O`, whose answer is a stream of events, with `handler`.
    pub fn on_stream<O, F, Fut>(&mut self, handler: F)
    where
        O: Operation,
        F: Fn(Cx, O::Input) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Events, Failure>> + Send + 'static,
    {
        let begin: Begin = Box::new(move |cx, input| {
            let input = input.downcast::<O::Input>().expect("take made this input");
            Box::pin(handler(cx, *input))
        });
        let streamed = Streamed { take: take::<O::Input>, begin };
        let earlier = self.streamed.insert((O::SERVICE, O::NAME), streamed);
        assert!(earlier.is_none(), "{}:{} is registered twice", O::SERVICE, O::NAME);
    }
}

/// The operations that are served, ready to run. Cheap to clone.
#[derive(Clone, Default)]
pub struct Handlers(Arc<OnceLock<Registry>>);

/// The other services, as one service sees them.
pub type Siblings = Handlers;

/// How often an operation is run again when somebody else wrote what it had read.
const ATTEMPTS: u32 = 24;

impl Handlers {
    /// Handlers that serve nothing until [`Handlers::open`] is called; services may hold them from the start.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves what is registered, from now on. May be called once.
    pub fn open(&self, registry: Registry) {
        assert!(self.0.set(registry).is_ok(), "handlers are opened once");
    }

    fn find(&self, service: &str, operation: &str) -> Option<&Served> {
        self.0.get()?.served.get(service)?.get(operation)
    }

    /// Whether an operation is served.
    pub fn serves(&self, service: &str, operation: &str) -> bool {
        self.find(service, operation).is_some() || self.streams(service, operation)
    }

    /// Whether an operation is served whose answer is a stream of events.
    pub fn streams(&self, service: &str, operation: &str) -> bool {
        self.0
            .get()
            .is_some_and(|registry| registry.streamed.keys().any(|known| *known == (service, operation)))
    }

    /// Begins an operation whose answer is a stream of events; again from the start whenever it lost a race.
    ///
    /// None if there is no such operation.
    pub async fn stream(
        &self,
        cx: &Cx,
        service: &'static str,
        operation: &'static str,
        mut decode: impl FnMut() -> Result<Value, ApiError> + Send,
    ) -> Option<Result<Events, Failure>> {
        let streamed = self.0.get()?.streamed.get(&(service, operation))?;
        for attempt in 0..ATTEMPTS {
            let input = match decode().map_err(Failure::from).and_then(streamed.take) {
                Ok(input) => input,
                Err(failure) => return Some(Err(failure)),
            };
            match (streamed.begin)(cx.clone(), input).await {
                Err(Failure::Conflict) => back_off(attempt).await,
                ended => return Some(ended),
            }
        }
        Some(Err(Failure::internal(format_args!("{service}:{operation} lost {ATTEMPTS} races in a row"))))
    }

    /// All that is served, sorted, without what answers a stream.
    pub fn served(&self) -> Vec<(&'static str, &'static str)> {
        let services = self.0.get().into_iter().flat_map(|registry| &registry.served);
        let mut all: Vec<_> =
            services.flat_map(|(service, served)| served.keys().map(move |name| (*service, *name))).collect();
        all.sort_unstable();
        all
    }

    /// Runs an operation on a decoded request; again from the start whenever it lost a race. `decode` is
    /// called once for each run.
    ///
    /// None if the operation is not served.
    pub async fn run(
        &self,
        cx: &Cx,
        service: &str,
        operation: &str,
        mut decode: impl FnMut() -> Result<Value, ApiError> + Send,
    ) -> Option<Result<Answer, Failure>> {
        let served = self.find(service, operation)?;
        for attempt in 0..ATTEMPTS {
            let input = match decode().map_err(Failure::from).and_then(served.take) {
                Ok(input) => input,
                Err(failure) => return Some(Err(failure)),
            };
            match (served.run)(cx.clone(), input).await {
                Err(Failure::Conflict) => back_off(attempt).await,
                Err(failure) => return Some(Err(failure)),
                Ok(output) => return Some(Ok((served.answer)(output))),
            }
        }
        Some(Err(Failure::internal(format_args!("{service}:{operation} lost {ATTEMPTS} races in a row"))))
    }

    /// Calls a sibling's operation in process; the caller in `cx` needs the same rights as over the wire.
    pub async fn call<O>(&self, cx: &Cx, input: O::Input) -> Result<O::Output, Failure>
    where
        O: Operation,
        O::Input: Clone,
    {
        let served = self
            .find(O::SERVICE, O::NAME)
            .ok_or_else(|| Failure::internal(format_args!("{}:{} is not served", O::SERVICE, O::NAME)))?;
        call(&served.run, cx, input, (O::SERVICE, O::NAME)).await
    }

    /// Calls a sibling's operation that only services have; the caller in `cx` needs the rights that it asks for.
    pub async fn call_within<O: Within>(&self, cx: &Cx, input: O::Input) -> Result<O::Output, Failure> {
        let run = self.0.get().and_then(|registry| registry.within.get(&TypeId::of::<O>()));
        let run = run.ok_or_else(|| Failure::internal(format_args!("{} is not served", O::NAME)))?;
        call(run, cx, input, ("within", O::NAME)).await
    }
}

/// Runs it; again from the start whenever it lost a race.
async fn call<I: Clone + Send + 'static, O: 'static>(
    run: &Run,
    cx: &Cx,
    input: I,
    (service, name): (&str, &str),
) -> Result<O, Failure> {
    for attempt in 0..ATTEMPTS {
        match run(cx.clone(), Box::new(input.clone())).await {
            Err(Failure::Conflict) => back_off(attempt).await,
            Err(failure) => return Err(failure),
            Ok(output) => return Ok(*output.downcast::<O>().expect("the operation's own output")),
        }
    }
    Err(Failure::internal(format_args!("{service}:{name} lost {ATTEMPTS} races in a row")))
}

fn take<I: Take + Send + 'static>(value: Value) -> Result<Input, Failure> {
    let mut bad = Bad::default();
    let input = I::take(value, &mut bad);
    bad.into_result().map_err(Failure::Internal)?;
    Ok(Box::new(input))
}

/// Waits a random while that doubles from one millisecond to a quarter of a second.
async fn back_off(attempt: u32) {
    let longest = (1u64 << attempt.min(8)).min(250);
    let millis = rand::rng().random_range(0..=longest);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
