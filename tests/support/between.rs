//! Somebody between the gate and a server: lets bytes pass, swallows them in one direction, holds them up, or answers in the
//! server's place.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of bytes.
#[derive(Clone, Debug)]
pub enum Mode {
    Pass,
    /// What the gate says is swallowed.
    DeafServer,
    /// What the server says is swallowed.
    DumbServer,
    /// Each piece that the server says comes so much later.
    Slow(Duration),
    /// The server is not asked; this is what the gate hears, once for each piece that it says.
    Says(Vec<u8>),
    /// The same without an end.
    Floods(Vec<u8>),
}

/// A port in front of another one.
pub struct Between {
    pub port: u16,
    mode: Arc<Mutex<Mode>>,
}

impl Between {
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mode = Arc::new(Mutex::new(Mode::Pass));
        let shared = Arc::clone(&mode);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is not there is not there for the gate either.
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let twice = |stream: &TcpStream| stream.try_clone().expect("a socket");
                let (from_gate, to_gate, mode) = (twice(&client), twice(&client), Arc::clone(&shared));
                let (from_server, to_server, mode_up) = (twice(&server), server, Arc::clone(&shared));
                std::thread::spawn(move || up(from_gate, client, to_server, &mode_up));
                std::thread::spawn(move || down(from_server, to_gate, &mode));
            }
        });
        Self { port, mode }
    }

    pub fn set(&self, mode: Mode) {
        *self.mode.lock().expect("nobody panicked") = mode;
    }
}

fn pieces(from: &mut impl Read, mut each: impl FnMut(&[u8]) -> std::io::Result<()>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if each(&buffer[..length]).is_err() {
            return;
        }
    }
}

fn up(mut from: TcpStream, mut back: TcpStream, mut to: TcpStream, mode: &Mutex<Mode>) {
    pieces(&mut from, |piece| {
        let now = mode.lock().expect("nobody panicked").clone();
        match now {
            Mode::Pass | Mode::DumbServer | Mode::Slow(_) => to.write_all(piece),
            Mode::DeafServer => Ok(()),
            Mode::Says(bytes) => back.write_all(&bytes),
            Mode::Floods(bytes) => loop {
                back.write_all(&bytes)?;
            },
        }
    });
    // One side may have gone already.
    let _ = (to.shutdown(Shutdown::Both), back.shutdown(Shutdown::Both));
}

fn down(mut from: TcpStream, mut to: TcpStream, mode: &Mutex<Mode>) {
    pieces(&mut from, |piece| {
        let now = mode.lock().expect("nobody panicked").clone();
        match now {
            Mode::Pass => to.write_all(piece),
            Mode::Slow(by) => {
                std::thread::sleep(by);
                to.write_all(piece)
            }
            Mode::DeafServer | Mode::DumbServer | Mode::Says(_) | Mode::Floods(_) => Ok(()),
        }
    });
    let _ = to.shutdown(Shutdown::Both);
}
