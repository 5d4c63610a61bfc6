//! The registry in a process of its own, over sockets: this test binary started once more.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use gantry_base::{OsIds, SystemClock};
use gantry_ecr::{Config, loops};
use gantry_reconcile::Runner;
use gantry_sendfile::Socket;
use gantry_service::Origin;
use gantry_store::{Db, Kv, Redb};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::s3::Store;
use crate::world::{HOME, World, account};

const FOLDER: &str = "GANTRY_REGISTRY_TEST_FOLDER";
/// The URL of the S3 store for images, if they are to be in one.
const STORE: &str = "GANTRY_REGISTRY_TEST_STORE";

/// Not a test: what the child process runs. It ends when its standard input does.
#[test]
#[ignore = "started by other tests"]
fn serve() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let kv: Arc<dyn Kv> = Arc::new(Redb::open(folder.join("store")).unwrap());
        let (staging, home) = (folder.join("blobs"), Some(account(HOME)));
        let world = match std::env::var(STORE) {
            Ok(url) => {
                let blobs = crate::s3::blobs(&url, &staging);
                World::over_blobs(kv.clone(), blobs, &staging, home, Config::default())
            }
            Err(_) => World::over(kv.clone(), &staging, home, Config::default()),
        };
        let runner = Runner::new(Db::new(kv), Arc::new(SystemClock), Arc::new(OsIds));
        let stop = Default::default();
        let looping = runner.spawn(loops::Graves(world.ecr.clone()), stop);
        for name in ["web".to_owned(), "other".to_owned(), own_repository(&folder)] {
            let input =
                gantry_api_ecr::CreateRepositoryRequest { repository_name: name, ..Default::default() };
            // Made by the first child, and there already for the others.
            let _ = world.call::<gantry_api_ecr::CreateRepository>("AKIAHOME", input).await;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("listening on {}", listener.local_addr().unwrap());
        let accepting = async {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let registry = world.registry.clone();
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let registry = registry.clone();
                    let host = request.headers().get("host").map(|host| host.to_str().unwrap().to_owned());
                    let origin = Origin { host, ..Origin::default() };
                    async move { Ok::<_, std::convert::Infallible>(registry.serve(request, origin).await) }
                });
                let builder = auto::Builder::new(TokioExecutor::new());
                tokio::spawn(async move {
                    builder.serve_connection(TokioIo::new(Socket::new(stream)), service).await.ok()
                });
            }
        };
        let parent = tokio::task::spawn_blocking(|| std::io::stdin().lines().last());
        tokio::select! {
            () = accepting => {}
            _ = parent => {}
        }
        looping.abort();
    });
    std::process::exit(0);
}

/// A repository that no child over another folder has: a port may pass from one to another.
pub fn own_repository(folder: &Path) -> String {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("own-{}", name.to_ascii_lowercase())
}

/// A running child. It is killed when this is dropped.
pub struct Served {
    process: Child,
    pub address: SocketAddr,
}

impl Served {
    /// Starts one over the folder, which may have been another one's.
    pub fn start(folder: &Path) -> Served {
        Self::start_with(folder, None)
    }

    /// The same, with images in an S3 store.
    pub fn start_with(folder: &Path, store: Option<&Store>) -> Served {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .envs(store.map(|store| (STORE, store.url())))
            .args(["--exact", "child::serve", "--ignored", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let line = said.lines().map(|line| line.unwrap()).find(|line| line.contains("listening on "));
        let line = line.expect("the child says where it listens");
        let address = line.rsplit(' ').next().unwrap().parse().unwrap();
        Served { process, address }
    }

    /// The most memory that it has had, in bytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// `kill -9`
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
