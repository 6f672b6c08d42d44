//! How the servers are reached: their addresses, and what is shown and believed on the way.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisResult,
    TlsCertificates, TlsMode,
};
use zeroize::Zeroizing;

use super::fault::{LinkFault, SharedFault};
use crate::identity::secret_file;
use crate::limits::SharedKey;
use crate::policy::settings::{SharedKind, SharedServers, SharedSettings};

/// Longest password.
const MAX_PASSWORD: usize = 1024;
/// Longest file of certificates.
const MAX_PEM: usize = 1024 * 1024;
/// To find a server and to log in.
const CONNECT: Duration = Duration::from_secs(1);

/// A way to the servers.
pub struct Reach {
    way: Way,
    pub(super) timeout: Duration,
    /// What all keys begin with.
    pub(super) name: String,
    /// Parts of the keys that may lie on different servers.
    pub(super) parts: u64,
}

enum Way {
    Single(Box<Client>),
    Sentinel(Box<SentinelClient>),
    Cluster(Box<ClusterClient>),
}

/// A connection. Cheap to clone; clones share it.
#[derive(Clone)]
pub(super) enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// Keys of a cluster lie in as many groups, so that each of its servers has its part of the work.
const CLUSTER_PARTS: u64 = 16;

/// The key of which names are made.
pub fn key(settings: &SharedSettings) -> Result<SharedKey, SharedFault> {
    Ok(SharedKey::new(secret_file::symmetric(&settings.key)?))
}

impl Reach {
    /// Reads what the settings name. Nothing is called yet.
    pub fn load(settings: &SharedSettings) -> Result<Self, SharedFault> {
        let password = settings.password.as_deref().map(|path| secret_file::read(path, MAX_PASSWORD)).transpose()?;
        let password = password.map(|bytes| Zeroizing::new(String::from_utf8_lossy(&bytes).trim_end().to_owned()));
        let login = Login { settings, password, certificates: certificates(&settings.servers)? };
        let way = match &settings.kind {
            SharedKind::Single => login.single(),
            SharedKind::Sentinel(master) => login.sentinel(master),
            SharedKind::Cluster => login.cluster(),
        };
        let way = way.map_err(|_| SharedFault::Settings)?;
        let parts = if matches!(way, Way::Cluster(_)) { CLUSTER_PARTS } else { 1 };
        Ok(Self { way, timeout: settings.timeout, name: settings.name.to_string(), parts })
    }

    /// Connects, within a second or two.
    pub(super) async fn connect(&mut self) -> Result<Connection, LinkFault> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(self.timeout));
        let connected = async {
            Ok::<_, LinkFault>(match &mut self.way {
                Way::Single(client) => {
                    Connection::One(client.get_multiplexed_async_connection_with_config(&config).await?)
                }
                Way::Sentinel(client) => Connection::One(client.get_async_connection_with_config(&config).await?),
                Way::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
            })
        };
        tokio::time::timeout(CONNECT * 2, connected).await.map_err(|_| LinkFault::Timeout)?
    }
}

/// What is shown to the servers, and believed of them.
struct Login<'s> {
    settings: &'s SharedSettings,
    password: Option<Zeroizing<String>>,
    certificates: Option<TlsCertificates>,
}

impl Login<'_> {
    fn password(&self) -> Option<&str> {
        self.password.as_ref().map(|password| password.as_str())
    }

    fn single(self) -> RedisResult<Way> {
        let mut login = redis::RedisConnectionInfo::default().set_db(i64::from(self.settings.database));
        if let Some(name) = &self.settings.username {
            login = login.set_username(name);
        }
        if let Some(password) = self.password() {
            login = login.set_password(password);
        }
        // The decoder takes no empty list.
        let mut addresses = addresses(&self.settings.servers);
        addresses.truncate(1);
        let address = addresses.pop().unwrap_or_else(|| ConnectionAddr::Unix(std::path::PathBuf::new()));
        let info = address.into_connection_info()?.set_redis_settings(login);
        Ok(Way::Single(Box::new(match self.certificates {
            Some(certificates) => Client::build_with_tls(info, certificates)?,
            None => Client::open(info)?,
        })))
    }

    fn sentinel(self, master: &str) -> RedisResult<Way> {
        let addresses = addresses(&self.settings.servers);
        let mut builder = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master)?
            .set_client_to_redis_db(i64::from(self.settings.database));
        if let Some(name) = &self.settings.username {
            builder = builder.set_client_to_redis_username(name);
        }
        if let Some(password) = self.password() {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(certificates) = self.certificates {
            builder = builder
                .set_client_to_redis_certificates(certificates.clone())
                .set_client_to_sentinel_certificates(certificates)
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_sentinel_tls_mode(TlsMode::Secure);
        }
        Ok(Way::Sentinel(Box::new(builder.build()?)))
    }

    fn cluster(self) -> RedisResult<Way> {
        let infos = addresses(&self.settings.servers).into_iter().map(IntoConnectionInfo::into_connection_info);
        let mut builder = ClusterClientBuilder::new(infos.collect::<RedisResult<Vec<ConnectionInfo>>>()?)
            .retries(1)
            .connection_timeout(CONNECT)
            .response_timeout(self.settings.timeout);
        if let Some(name) = &self.settings.username {
            builder = builder.username(name);
        }
        if let Some(password) = self.password() {
            builder = builder.password(password);
        }
        if let Some(certificates) = self.certificates {
            builder = builder.tls(TlsMode::Secure).certs(certificates);
        }
        Ok(Way::Cluster(Box::new(builder.build()?)))
    }
}

fn addresses(servers: &SharedServers) -> Vec<ConnectionAddr> {
    match servers {
        SharedServers::Loopback(servers) => {
            servers.iter().map(|server| ConnectionAddr::Tcp(server.host.clone(), server.port)).collect()
        }
        SharedServers::Unix(path) => vec![ConnectionAddr::Unix(path.clone())],
        SharedServers::Tls { servers, .. } => servers
            .iter()
            .map(|server| ConnectionAddr::TcpTls {
                host: server.host.clone(),
                port: server.port,
                insecure: false,
                tls_params: None,
            })
            .collect(),
    }
}

/// What is shown and believed; `None` where there is no TLS.
fn certificates(servers: &SharedServers) -> Result<Option<TlsCertificates>, SharedFault> {
    let SharedServers::Tls { ca, client, .. } = servers else { return Ok(None) };
    let root_cert = match ca {
        Some(path) => Some(secret_file::read_public(path, MAX_PEM)?.to_vec()),
        None => None,
    };
    let client_tls = match client {
        Some(files) => Some(ClientTlsConfig {
            client_cert: secret_file::read_public(&files.certificate, MAX_PEM)?.to_vec(),
            client_key: secret_file::read(&files.key, secret_file::MAX_KEY_BYTES)?.to_vec(),
        }),
        None => None,
    };
    Ok(Some(TlsCertificates { client_tls, root_cert }))
}
