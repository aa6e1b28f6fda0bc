//! The report of a worker without the kernel's wall on modules that were loaded while the script ran. It comes behind
//! the printed text, see `sandbox/guest/trial/watching.py`.

use domain::limits::CodeLimits;
use sandbox::Walls;

const MARK: &str = "\u{1e}late imports ";
const ROOM: u64 = 8192;

/// The limits with room for the report, so that a script may print as much as anywhere.
pub(crate) fn room(walls: Walls, mut limits: CodeLimits) -> CodeLimits {
    match walls {
        Walls::Both | Walls::Kernel => {}
        Walls::Guard | Walls::None => limits.code_text_bytes_max += ROOM,
    }
    limits
}

/// Takes the report out of the text.
pub(crate) fn take(text: &mut String) -> Vec<String> {
    let Some((at, report)) = text.rfind(MARK).and_then(|at| {
        let report = text.get(at..)?.strip_prefix(MARK)?;
        Some((at, serde_json::from_str(report).ok()?))
    }) else {
        return Vec::new();
    };
    text.truncate(at);
    report
}
