//! Every name there is.

/// One name of the configuration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    /// The name in the environment and in `depictio.toml`.
    pub(crate) key: &'static str,
    /// The value when none is given; empty for none.
    pub(crate) default: &'static str,
    /// Never shown, and never read from `depictio.toml`.
    pub(crate) secret: bool,
    /// What it is.
    pub(crate) meaning: &'static str,
}

const fn plain(key: &'static str, default: &'static str, meaning: &'static str) -> Name {
    Name {
        key,
        default,
        secret: false,
        meaning,
    }
}

const fn secret(key: &'static str, meaning: &'static str) -> Name {
    Name {
        key,
        default: "",
        secret: true,
        meaning,
    }
}

/// Set while the program is built, and of no meaning when it runs.
pub(super) const BUILD_NAMES: &[&str] = &["DEPICTIO_PYTHON_BUILTIN"];

/// All names, in the order `depictio config` prints them.
pub(crate) const NAMES: &[Name] = &[
    plain(
        "DEPICTIO_DATA_DIR",
        "./data",
        "the directory everything is kept in",
    ),
    plain("DEPICTIO_BIND", "127.0.0.1:8080", "the address to serve"),
    plain(
        "DEPICTIO_PUBLIC_URL",
        "",
        "the address people use, when a proxy stands in front",
    ),
    plain(
        "DEPICTIO_TRUSTED_PROXIES",
        "",
        "addresses of proxies whose X-Forwarded-For counts, by commas",
    ),
    plain(
        "DEPICTIO_METRICS_BIND",
        "",
        "serve /metrics here without sign-in; else it is for admins",
    ),
    plain("DEPICTIO_TLS_CERT_PATH", "", "certificate chain, PEM"),
    plain("DEPICTIO_TLS_KEY_PATH", "", "its private key, PEM"),
    plain(
        "DEPICTIO_MASTER_KEY_PATH",
        "",
        "the master key's file; <data>/keys/master.key when not given",
    ),
    plain(
        "DEPICTIO_ADMIN_EMAIL",
        "admin@localhost",
        "the first admin's address (first start only)",
    ),
    secret(
        "DEPICTIO_ADMIN_PASSWORD",
        "the first admin's password (first start only); made when not given",
    ),
    plain(
        "DEPICTIO_REGISTRATION",
        "closed",
        "who may make an account: closed, invite or open",
    ),
    plain(
        "DEPICTIO_PYTHON",
        "",
        "the sandbox's interpreter; found by itself when not given",
    ),
    plain(
        "DEPICTIO_CODE_WALL_MS_MAX",
        "10000",
        "wall-clock time of one run of code, milliseconds",
    ),
    plain(
        "DEPICTIO_CODE_CPU_MS_MAX",
        "5000",
        "processor time of one run of code, milliseconds",
    ),
    plain(
        "DEPICTIO_CODE_MEMORY_EXTRA_BYTES_MAX",
        "1073741824",
        "memory of one run of code beyond interpreter and data",
    ),
    plain(
        "DEPICTIO_CODE_RESULT_BYTES_MAX",
        "16777216",
        "the figure of one run of code as JSON",
    ),
    plain(
        "DEPICTIO_CODE_TEXT_BYTES_MAX",
        "65536",
        "text printed by one run of code",
    ),
    plain(
        "DEPICTIO_CODE_SOURCE_BYTES_MAX",
        "50000",
        "the source of one figure's code",
    ),
    plain(
        "DEPICTIO_CODE_DEPTH_MAX",
        "60",
        "nesting of the source of code",
    ),
    plain(
        "DEPICTIO_CODE_FRAME_BYTES_MAX",
        "536870912",
        "the data of one run of code",
    ),
    plain(
        "DEPICTIO_CODE_WORKERS",
        "2",
        "runs of code at the same time",
    ),
    plain(
        "DEPICTIO_CODE_QUEUE_RUNS_MAX",
        "1000",
        "runs of code that wait, of all people",
    ),
    plain(
        "DEPICTIO_CODE_PERSON_RUNS_MAX",
        "2",
        "runs of code of one person with their data in memory",
    ),
    plain(
        "DEPICTIO_CODE_PERSON_WAITING_RUNS_MAX",
        "100",
        "runs of code of one person that wait beyond those",
    ),
    plain(
        "DEPICTIO_CODE_FRAMES_CACHE_BYTES_MAX",
        "268435456",
        "data frames kept for the next run of code",
    ),
    plain(
        "DEPICTIO_CODE_RESULTS_CACHE_BYTES_MAX",
        "134217728",
        "results of code and of other components kept in memory",
    ),
    plain(
        "DEPICTIO_CODE_FRAMES_BYTES_MAX",
        "1073741824",
        "data frames of all runs of code that wait or run",
    ),
    plain(
        "DEPICTIO_PROJECT_BYTES_MAX",
        "1099511627776",
        "bytes of all versions of all tables of one project",
    ),
    plain(
        "DEPICTIO_PROJECT_ROWS_MAX",
        "10000000000",
        "rows of the latest versions of all tables of one project",
    ),
    plain(
        "DEPICTIO_PROJECT_COLLECTIONS_MAX",
        "1000",
        "tables of one project",
    ),
    plain(
        "DEPICTIO_SORTED_ROWS_MIN",
        "1000000",
        "a table of so many rows gets copies sorted by what people filter by",
    ),
    plain(
        "DEPICTIO_DISK_RESERVE_BYTES",
        "67108864",
        "free space that uploads leave on the disk",
    ),
    plain(
        "DEPICTIO_REMOVED_VERSION_GRACE_SECONDS",
        "600",
        "how long the files of a version stay that is no longer kept",
    ),
    plain(
        "DEPICTIO_SECURITY_CONTACT",
        "",
        "whom to tell of a hole, such as mailto:security@lab.example, for /.well-known/security.txt",
    ),
    plain("DEPICTIO_QUERY_ENGINE", "local", "local or distributed"),
    plain(
        "DEPICTIO_ALLOW_PLAINTEXT_BACKENDS",
        "false",
        "allow MongoDB, MinIO and mail without TLS",
    ),
    secret(
        "DEPICTIO_SMTP_URL",
        "the server for mail, such as smtps://name:password@mail.example?from=depictio@lab.example",
    ),
    plain(
        "JWT_ACCESS_TOKEN_EXPIRE_MINUTES",
        "30",
        "lifetime of an access token, minutes",
    ),
    plain(
        "JWT_REFRESH_TOKEN_EXPIRE_DAYS",
        "7",
        "lifetime of a session, days",
    ),
    plain(
        "JWT_ALGORITHM",
        "RS256",
        "how access tokens are signed: RS256 or EdDSA",
    ),
    plain(
        "JWT_PRIVATE_KEY_PATH",
        "",
        "the key that signs access tokens, PEM; made when not given",
    ),
    plain("JWT_PUBLIC_KEY_PATH", "", "its public half, PEM"),
    secret(
        "MONGODB_URI",
        "the metadata server; SQLite in the data directory when not given",
    ),
    plain(
        "MINIO_ENDPOINT",
        "",
        "the object store; the data directory when not given",
    ),
    plain("MINIO_BUCKET", "", "the bucket"),
    plain("MINIO_REGION", "", "the region"),
    plain("MINIO_SSE", "", "none, sse-s3 or sse-kms"),
    secret("MINIO_ACCESS_KEY", "the object store's access key"),
    secret("MINIO_SECRET_KEY", "the object store's secret key"),
    plain("LOG_LEVEL", "INFO", "TRACE, DEBUG, INFO, WARN or ERROR"),
    plain("LOG_FORMAT", "json", "json or text"),
    plain("AUDIT_LOG_ENABLED", "true", "keep the audit log"),
    plain(
        "DEPICTIO_URL",
        "",
        "the server, for the commands that work over HTTP",
    ),
    secret(
        "DEPICTIO_TOKEN",
        "a token, for the commands that work over HTTP",
    ),
];
