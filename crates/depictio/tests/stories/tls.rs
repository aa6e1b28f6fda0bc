//! Served by us over TLS, with a certificate that `openssl` makes.

use crate::server::{ADMIN, PASSWORD, Server};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// A certificate for 127.0.0.1 and its key.
pub(crate) fn certificate(dir: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (dir.join("tls.pem"), dir.join("tls.key"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args([
            "-subj",
            "/CN=depictio",
            "-days",
            "2",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("this story needs the program openssl");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    (certificate, key)
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    stream
}

/// One request over TLS of a version, trusting this certificate only.
pub(crate) fn ask(
    server: &Server,
    trusted: &Path,
    version: &'static SupportedProtocolVersion,
    request: &str,
) -> String {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(trusted).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, connect(server));
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A server may close without a last word; what came until then is the answer.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The first bytes that come back for bytes sent in the clear.
fn ask_plainly(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(server);
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn tls_is_served_by_us_in_its_new_versions_only_and_cookies_are_secure() {
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(files.path());
    let more = [
        ("DEPICTIO_TLS_CERT_PATH", certificate.to_str().unwrap()),
        ("DEPICTIO_TLS_KEY_PATH", key.to_str().unwrap()),
    ];
    let server = Server::start(false, &more);
    assert!(
        server.printed.contains("https://127.0.0.1:"),
        "{}",
        server.printed
    );
    let get = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let answer = ask(&server, &certificate, version, get);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let lower = answer.to_ascii_lowercase();
        assert!(
            lower.contains("strict-transport-security: max-age=31536000"),
            "{lower}"
        );
    }
    let body = format!("{{\"email\":\"{ADMIN}\",\"password\":\"{PASSWORD}\"}}");
    let login = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = ask(&server, &certificate, &rustls::version::TLS13, &login);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let cookies: Vec<&str> = answer
        .lines()
        .filter(|line| line.to_ascii_lowercase().starts_with("set-cookie:"))
        .collect();
    assert_eq!(cookies.len(), 2, "{answer}");
    for cookie in cookies {
        assert!(cookie.contains("__Host-depictio_"), "{cookie}");
        for word in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
            assert!(cookie.contains(word), "{cookie}");
        }
    }
    let plain = ask_plainly(&server, get.as_bytes());
    assert!(
        !plain.starts_with(b"HTTP/"),
        "plain HTTP was answered on the TLS port"
    );

    // A hello of TLS 1.1 (RFC 4346), with a cipher suite and a signature scheme that we know.
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    hello.extend([
        0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 8, 0, 0x0d, 0, 4, 0, 2, 0x04, 0x03,
    ]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![0x16, 0x03, 0x01, 0, length + 4, 0x01, 0, 0, length];
    record.extend(hello);
    let answer = ask_plainly(&server, &record);
    assert_eq!(
        answer.first(),
        Some(&0x15),
        "an alert, not a hello: {answer:02x?}"
    );
}
