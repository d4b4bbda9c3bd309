//! The README's commands, run as they stand: what it shows of the output must come, in that order.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::Path;

use assert_cmd::Command;

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    for name in [
        "us_china_chronicle.csv",
        "dyads/india-pakistan.toml",
        "example_article.txt",
        "labelled/behaviour.csv",
    ] {
        let target = folder.path().join("data").join(name);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(root.join("data").join(name), target).unwrap();
    }
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let mut commands = 0;
    for block in readme.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
        for part in block.split("$ ").skip(1) {
            let (line, shown) = part.split_once('\n').unwrap();
            let Some(arguments) = line.strip_prefix("tensiometer ") else { continue };
            let run = Command::cargo_bin("tensiometer")
                .unwrap()
                .current_dir(folder.path())
                .env("TENSIOMETER_PRECISION", "f32") // as the README says of its figures
                .args(arguments.split_whitespace())
                .assert()
                .success();
            let output = run.get_output();
            let printed = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stderr),
                String::from_utf8_lossy(&output.stdout)
            );
            let mut rest = printed.as_str();
            for wanted in shown.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "...") {
                let Some(at) = rest.find(wanted) else {
                    panic!("`{line}` does not print `{wanted}` (or not there):\n{printed}");
                };
                rest = &rest[at + wanted.len()..];
            }
            commands += 1;
        }
    }
    assert!(commands >= 4, "only {commands} commands of the README were run");
}
