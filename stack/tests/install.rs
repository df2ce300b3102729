//! Installing without Python, and without a network: the error says what to do. These need a process of their own each,
//! because they change its environment.

use std::path::Path;
use std::process::{Command, Output};

use stack::{Profile, Stack, StackConfig};

/// The variable that tells the child process of a test where to install.
const HOME: &str = "STACK_TEST_HOME";

/// Not a test of its own: tries to start in an empty home and prints why it cannot.
#[tokio::test]
#[ignore = "run by the other tests"]
async fn try_to_start() {
    let Ok(home) = std::env::var(HOME) else { return };
    let error =
        Stack::start(StackConfig::new(home, Profile::Dev), |_| {}).await.expect_err("it cannot install");
    #[expect(clippy::print_stdout, reason = "tells the test that waits for this process")]
    {
        println!("{error}");
    }
}

fn try_with(name: &str, environment: &[(&str, &str)]) -> String {
    let home = std::env::temp_dir().join(format!("stack-install-{name}-{}", std::process::id()));
    let mut command = Command::new(std::env::current_exe().expect("this test binary"));
    command.args(["--exact", "try_to_start", "--ignored", "--nocapture"]).env(HOME, &home);
    for (key, value) in environment {
        command.env(key, value);
    }
    let Output { status, stdout, .. } = command.output().expect("the child runs");
    remove(&home);
    assert!(status.success());
    String::from_utf8_lossy(&stdout).into_owned()
}

fn remove(home: &Path) {
    std::fs::remove_dir_all(home).expect("the home was made");
}

#[test]
fn without_python_it_says_what_to_install() {
    let said = try_with("python", &[("PATH", "/nonexistent")]);
    assert!(
        said.contains("python3 is not installed") && said.contains("apt-get install python3-venv"),
        "{said}"
    );
}

#[test]
fn without_a_network_it_says_so() {
    // Nothing listens on port 9 of this computer.
    let nowhere =
        [("PIP_INDEX_URL", "http://127.0.0.1:9/simple"), ("PIP_RETRIES", "0"), ("PIP_FIND_LINKS", "")];
    let said = try_with("network", &nowhere);
    assert!(said.contains("cannot be reached") && said.contains("PIP_INDEX_URL"), "{said}");
}
