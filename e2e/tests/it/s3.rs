//! An S3 store on this machine, that speaks the protocol over a socket and checks signatures.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const BUCKET: &str = "layers";
/// The id of the key that the store takes.
pub const KEY: &str = "AKIASTORE";
/// Its secret.
pub const SECRET: &str = "the store's secret";

/// The store. It ends when this is dropped.
pub struct Store {
    port: u16,
    _stop: oneshot::Sender<()>,
    folder: TempDir,
}

impl Store {
    /// Starts one with an empty bucket, on a thread of its own.
    pub fn start() -> Store {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = builder.build();
        let (stop, stopped) = oneshot::channel::<()>();
        let (listening, port) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                listening.send(listener.local_addr().unwrap().port()).unwrap();
                let accepting = async {
                    loop {
                        let (stream, _) = listener.accept().await.unwrap();
                        let service = service.clone();
                        tokio::spawn(async move {
                            let builder = auto::Builder::new(TokioExecutor::new());
                            builder.serve_connection(TokioIo::new(stream), service).await.ok()
                        });
                    }
                };
                tokio::select! {
                    () = accepting => {}
                    _ = stopped => {}
                }
            });
        });
        Store { port: port.recv().unwrap(), _stop: stop, folder }
    }

    /// Where its buckets are: folders, and their objects are files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How `gantry up --s3` would name it.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How `gantry up --images` would name it.
    pub fn url(&self) -> String {
        format!("s3://{BUCKET}/some/prefix?endpoint=http://127.0.0.1:{}", self.port)
    }
}
