//! Installing without Python, and without a network: the error says what to do. These need a process of their own each,
//! because they change its environment.

use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_test-stack");

/// What it says when it is to start in an empty home.
fn try_with(name: &str, environment: &[(&str, &str)]) -> String {
    let home = std::env::temp_dir().join(format!("stack-install-{name}-{}", std::process::id()));
    let mut command = Command::new(PROGRAM);
    command.env("REFINERY_STACK_HOME", &home).envs(environment.iter().copied());
    let Output { status, stdout, .. } = command.output().expect("the child runs");
    remove(&home);
    assert!(!status.success(), "it cannot start");
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
