//! A call of a script on a server.

use redis::{Cmd, ErrorKind, FromRedisValue, Script, ServerErrorKind};

use super::fault::LinkFault;
use super::reach::Connection;

/// A call of a script.
pub(super) struct Call {
    /// By the digest of its text, which a server that has it knows.
    known: Cmd,
    /// With its text, for a server that does not.
    whole: Cmd,
}

impl Call {
    pub fn new(script: &Script, text: &str, keys: usize) -> Self {
        let (mut known, mut whole) = (redis::cmd("EVALSHA"), redis::cmd("EVAL"));
        known.arg(script.get_hash()).arg(keys);
        whole.arg(text).arg(keys);
        Self { known, whole }
    }

    pub fn arg(&mut self, text: String) {
        self.known.arg(&text);
        self.whole.arg(text);
    }

    pub async fn of<T: FromRedisValue>(&self, connection: &mut Connection) -> Result<T, LinkFault> {
        match connection.query(&self.known).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {}
            answer => return answer.map_err(LinkFault::from),
        }
        connection.query(&self.whole).await.map_err(LinkFault::from)
    }
}

impl Connection {
    async fn query<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, redis::RedisError> {
        match self {
            Self::One(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => command.query_async(connection).await,
        }
    }
}
