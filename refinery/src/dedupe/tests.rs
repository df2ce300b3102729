//! The whole way, on small files.

use std::path::{Path, PathBuf};

use clap::Parser;

use super::run;
use crate::cli::{Cli, Command, Dedupe};

/// A folder of its own for one test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("refinery-dedupe-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("writes");
        path.to_string_lossy().into_owned()
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(Path::new(&self.0).join(name)).expect("reads")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("removes");
    }
}

fn options(arguments: &[&str]) -> Dedupe {
    let all = ["refinery", "dedupe"].iter().chain(arguments);
    match Cli::try_parse_from(all).expect("good arguments").command {
        Command::Dedupe(options) => options,
        other => panic!("{other:?}"),
    }
}

fn fault(arguments: &[&str]) -> String {
    format!("{:#}", run(&options(arguments)).expect_err("a fault"))
}

const PEOPLE: &str = "No;Vorname;Nachname;Tel;Ort\n\
    a;Robert;Smith;702-919-1300;Las Vegas\n\
    b;Patricia;Jones;702-919-1301;Las Vegas\n\
    c;Bob;Smith;(702) 919 1300;LAS VEGAS\n\
    d;Patricia;Jones;702-919-1301;Las Vegas\n";

const MAPPED: [&str; 10] = [
    "--id",
    "No",
    "--map",
    "Vorname=given",
    "--map",
    "Nachname=family",
    "--map",
    "Tel=phone",
    "--map",
    "Ort=city",
];

#[test]
fn a_nickname_and_a_repeated_row_are_found_and_written() {
    let folder = Folder::new("found");
    let file = folder.file("people.csv", format!("\u{feff}{PEOPLE}").as_bytes());
    let (out, pairs) = (folder.path("clusters.csv"), folder.path("pairs.csv"));
    let mut arguments = vec![file.as_str(), "--out", &out, "--pairs", &pairs, "--explain", "1"];
    arguments.extend(MAPPED);
    let outcome = serde_json::to_value(run(&options(&arguments)).expect("runs")).expect("JSON");
    assert_eq!(outcome["clusters"], 2);
    assert_eq!(outcome["duplicates"], 2);
    assert_eq!(folder.read("clusters.csv"), "id,cluster_id\na,1\nb,2\nc,1\nd,2\n");
    let pairs = folder.read("pairs.csv");
    assert!(pairs.starts_with("id_a,id_b,probability,weight,decision,given,family"), "{pairs}");
    assert!(pairs.lines().any(|line| line.starts_with("a,c,")), "{pairs}");
    assert!(pairs.lines().any(|line| line.starts_with("b,d,1.0")), "{pairs}");
    assert!(outcome["explained"][0]["because"].as_str().is_some_and(|why| why.contains("phone is the same")));
}

#[test]
fn linking_never_joins_rows_of_one_file() {
    let folder = Folder::new("link");
    let one = folder.file("one.csv", PEOPLE.as_bytes());
    let two = folder.file("two.csv", b"No;Vorname;Nachname;Tel;Ort\nx;Robert;Smith;702-919-1300;Las Vegas\n");
    let out = folder.path("clusters.csv");
    let mut arguments = vec![one.as_str(), two.as_str(), "--link", "--out", &out];
    arguments.extend(MAPPED);
    run(&options(&arguments)).expect("runs");
    let clusters = folder.read("clusters.csv");
    let of =
        |id: &str| clusters.lines().find_map(|line| line.strip_prefix(&format!("{id},")).map(str::to_owned));
    assert_eq!(of("a"), of("x"), "{clusters}");
    assert_ne!(of("b"), of("d"), "{clusters}");
}

#[test]
fn faults_name_the_column_and_what_to_do() {
    let folder = Folder::new("faults");
    let people = folder.file("people.csv", PEOPLE.as_bytes());
    let nobody = fault(&[&people, "--id", "Nr", "--map", "Tel=phone"]);
    assert!(nobody.contains("no column \"Nr\"") && nobody.contains("\"Vorname\""), "{nobody}");
    let twice = fault(&[&people, "--id", "Ort", "--map", "Tel=phone"]);
    assert!(twice.contains("\"Ort\"") && twice.contains("row 2"), "{twice}");
    let blank = folder.file("blank.csv", b"id,tel\n1,2\n ,3\n");
    let blank = fault(&[&blank, "--id", "id", "--map", "tel=phone"]);
    assert!(blank.contains("line 3") && blank.contains("\"id\""), "{blank}");
    let utf16 = folder.file("utf16.csv", b"\xff\xfei\0d\0");
    assert!(fault(&[&utf16, "--id", "id", "--map", "tel=phone"]).contains("UTF-8"));
    let one = fault(&[&people, "--link", "--id", "No", "--map", "Tel=phone"]);
    assert!(one.contains("two files"), "{one}");
    let missing = fault(&[&folder.path("none.csv"), "--id", "No", "--map", "Tel=phone"]);
    assert!(missing.contains("none.csv"), "{missing}");
}

#[test]
fn a_word_that_is_no_field_is_refused_with_those_that_are() {
    let parsed = Cli::try_parse_from(["refinery", "dedupe", "a.csv", "--id", "x", "--map", "y=fone"]);
    let told = parsed.expect_err("no field").to_string();
    assert!(told.contains("fone") && told.contains("phone"), "{told}");
}
