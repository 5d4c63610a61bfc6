//! From a task's namespace to Gantry's endpoint: bytes in, bytes out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections of one task at once.
const CONNECTIONS: usize = 256;
const CONNECT: Duration = Duration::from_secs(5);
/// A listener that fails (no descriptors left) is tried again after this.
const PAUSE: Duration = Duration::from_millis(200);

pub async fn serve(listener: std::net::TcpListener, to: SocketAddr) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "a listener cannot be used"),
    };
    let turns = Arc::new(Semaphore::new(CONNECTIONS));
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((mut near, _)) => {
                open.spawn(async move {
                    if let Err(error) = copy(&mut near, to).await {
                        tracing::debug!(%error, "a connection to the endpoint broke off");
                    }
                    drop(turn);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn copy(near: &mut TcpStream, to: SocketAddr) -> std::io::Result<()> {
    let mut far = tokio::time::timeout(CONNECT, TcpStream::connect(to)).await??;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    tokio::io::copy_bidirectional(near, &mut far).await?;
    Ok(())
}
