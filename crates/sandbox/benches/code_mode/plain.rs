//! The process that code is run in without any sandbox, see `benches/plain_exec.py`.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Plain `exec` in a warm interpreter, over pipes.
pub(crate) struct Plain {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Plain {
    /// Starts it and waits until it is warm.
    pub(crate) fn start(python: &Path, frames: &[&Path]) -> Result<Self, Box<dyn Error>> {
        let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../..");
        let mut child = Command::new(python)
            .args(["-P", "-s", "-B", "-X", "utf8"])
            .arg(root.join("benches/plain_exec.py"))
            .arg(root.join("sandbox/guest"))
            .args(frames)
            // As the sandbox's interpreter has it, so that only the walls differ.
            .env_clear()
            .env("PYTHONHASHSEED", "0")
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no pipe")?;
        let output = child.stdout.take().ok_or("no pipe")?;
        let mut plain = Self {
            child,
            input,
            output,
        };
        plain.answer()?;
        Ok(plain)
    }

    /// One script on one of the frames; gives the figure as JSON.
    pub(crate) fn run(&mut self, frame: usize, code: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut job = serde_json::json!({ "frame": frame, "code": code }).to_string();
        job.push('\n');
        self.input.write_all(job.as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut length = [0; 4];
        self.output.read_exact(&mut length)?;
        let mut body = vec![0; usize::try_from(u32::from_le_bytes(length))?];
        self.output.read_exact(&mut body)?;
        Ok(body)
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
