//! What attacks aim at: things outside the worker that they could read, write, reach or end if nothing stood in their
//! way, set up so that each is noticed.

use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The variable that holds a secret in the environment of the program that starts the workers, and of the victims.
pub(crate) const SECRET_NAME: &str = "CORPUS_SECRET";

/// What the scripts of one mode aim at.
pub(crate) struct Aims {
    folder: tempfile::TempDir,
    canary: String,
    pub(crate) secret: String,
    port: u16,
    reached: Arc<AtomicUsize>,
    victims: Vec<(String, Child)>,
}

/// Sixteen random bytes as text.
fn random() -> String {
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")
        .unwrap()
        .read_exact(&mut bytes)
        .unwrap();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Aims {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let canary = random();
        std::fs::write(folder.path().join("canary.txt"), &canary).unwrap();
        std::fs::create_dir(folder.path().join("empty")).unwrap();
        let reached = Arc::new(AtomicUsize::new(0));
        let port = listen(&reached);
        Self {
            folder,
            canary,
            secret: random(),
            port,
            reached,
            victims: Vec::new(),
        }
    }

    /// The folder that must stay empty.
    fn empty(&self) -> PathBuf {
        self.folder.path().join("empty")
    }

    /// The code of a script with its aims filled in. Each has a victim and a file of its own, so that what one does
    /// is not taken for another's deed, nor prevents it.
    pub(crate) fn fill(&mut self, name: &str, code: &str) -> String {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let mut code = code
            .replace("{{CANARY}}", &text(&self.folder.path().join("canary.txt")))
            .replace("{{WRITE}}", &text(&self.empty().join(name)))
            .replace("{{PORT}}", &self.port.to_string())
            .replace("{{SECRET_ENV}}", SECRET_NAME);
        if code.contains("{{PID}}") {
            let victim = self.victim();
            code = code.replace("{{PID}}", &victim.id().to_string());
            self.victims.push((name.to_owned(), victim));
        }
        code
    }

    fn victim(&self) -> Child {
        Command::new("sleep")
            .arg("3600")
            .env(SECRET_NAME, &self.secret)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Whether a text holds what no script may know.
    pub(crate) fn tells(&self, text: &str) -> bool {
        text.contains(&self.canary) || text.contains(&self.secret)
    }

    /// What was written, reached or ended; nothing when every wall held.
    pub(crate) fn damage(&mut self) -> Vec<String> {
        let mut damage = Vec::new();
        for entry in std::fs::read_dir(self.empty()).unwrap() {
            damage.push(format!("wrote {}", entry.unwrap().file_name().display()));
        }
        let canary = std::fs::read_to_string(self.folder.path().join("canary.txt"));
        if canary.ok().as_deref() != Some(self.canary.as_str()) {
            damage.push("changed the canary".to_owned());
        }
        match self.reached.load(Ordering::SeqCst) {
            0 => {}
            count => damage.push(format!("reached port {} {count} times", self.port)),
        }
        for (name, victim) in &mut self.victims {
            if victim.try_wait().unwrap().is_some() || stopped(victim.id()) {
                damage.push(format!("{name} sent its victim a signal"));
            }
        }
        damage
    }
}

impl Drop for Aims {
    fn drop(&mut self) {
        for (_, victim) in &mut self.victims {
            let _ = victim.kill();
            let _ = victim.wait();
        }
    }
}

/// Whether a process was stopped by a signal or a tracer.
fn stopped(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_none_or(|(_, rest)| rest.starts_with(['T', 't', 'Z', 'X']))
}

/// A port on which whatever arrives is counted, by TCP and by UDP.
fn listen(reached: &Arc<AtomicUsize>) -> u16 {
    let (tcp, udp) = loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap();
        if let Ok(udp) = UdpSocket::bind(address) {
            break (tcp, udp);
        }
    };
    let port = tcp.local_addr().unwrap().port();
    let count = Arc::clone(reached);
    std::thread::spawn(move || {
        for stream in tcp.incoming() {
            drop(stream);
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let count = Arc::clone(reached);
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while udp.recv_from(&mut buffer).is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    port
}

#[test]
fn every_kind_of_damage_is_noticed() {
    let mut aims = Aims::new();
    let code = aims.fill(
        "one",
        "{{CANARY}} {{WRITE}} {{PORT}} {{PID}} {{SECRET_ENV}}",
    );
    assert_eq!(aims.damage(), Vec::<String>::new());
    let parts: Vec<&str> = code.split(' ').collect();
    let [canary, write, port, pid, name] = parts[..] else {
        panic!("{code}")
    };
    assert!(aims.tells(&std::fs::read_to_string(canary).unwrap()));
    assert!(!aims.tells("nothing"));
    assert_eq!(name, SECRET_NAME);
    let start = Instant::now();
    let soon = || start.elapsed() < Duration::from_secs(20);
    // It has its environment when it has become what it was started as.
    let environment = || std::fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
    while !aims.tells(&environment()) && soon() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(aims.tells(&environment()));
    std::fs::write(write, "").unwrap();
    std::fs::write(canary, "other").unwrap();
    drop(std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap());
    let status = Command::new("kill").arg(pid).status().unwrap();
    assert!(status.success());
    while aims.damage().len() < 4 && soon() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(aims.damage().len(), 4, "{:?}", aims.damage());
}
