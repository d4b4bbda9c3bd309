//! Runs that are killed, stopped, starved and crowded: no work is lost, nothing is counted twice, and what went wrong is said.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

const RESULTS: [&str; 4] = ["articles.csv", "sentences.csv", "rejects.csv", "run.json"];

/// A corpus in which every sentence is another, with a bad row in a hundred.
fn corpus(articles: usize) -> String {
    let mut text = String::from("id,date,source,title,text\n");
    for at in 0..articles {
        let day = if at % 100 == 7 { 32 } else { at % 28 + 1 };
        writeln!(
            text,
            "{at},2020-{:02}-{day:02},Wire {},China answers tariff {at},\"The United States imposed tariff {at} on China. \
             Beijing condemned step {at}. It rained for {at} minutes.\"",
            at * 12 / articles + 1,
            at % 7
        )
        .unwrap();
    }
    text
}

fn start(folder: &Path, arguments: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tensiometer"))
        .current_dir(folder)
        .args(arguments.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn run(folder: &Path, arguments: &str) -> Output {
    start(folder, arguments).wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn results(folder: &Path) -> Vec<Vec<u8>> {
    RESULTS.iter().map(|name| std::fs::read(folder.join(name)).unwrap()).collect()
}

/// A sequence of numbers from 0 to 1 that looks random and is the same each time.
fn parts() -> impl Iterator<Item = f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some((state >> 32) as f64 / f64::from(u32::MAX))
    })
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", child.id())).status().unwrap();
    assert!(sent.success());
}

#[test]
fn killed_at_a_hundred_moments_it_goes_on_and_ends_as_if_undisturbed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("c.csv"), corpus(500)).unwrap();
    let began = std::time::Instant::now();
    assert!(run(folder, "batch c.csv --model keywords -o calm").status.success());
    let mut longest = began.elapsed();
    let (mut killed, mut finished) = (0, 0);
    for part in parts() {
        let wait = longest.mul_f64(part);
        let mut child = start(folder, "batch c.csv --model keywords -o rough");
        std::thread::sleep(wait);
        child.kill().unwrap(); // SIGKILL
        let status: ExitStatus = child.wait().unwrap();
        if status.signal() == Some(9) {
            killed += 1;
        } else {
            longest = wait; // it was done by then: the machine is less busy than it was
        }
        if folder.join("rough/run.json").exists() {
            assert_eq!(results(&folder.join("rough")), results(&folder.join("calm")));
            std::fs::remove_dir_all(folder.join("rough")).unwrap();
            finished += 1;
        }
        if killed == 100 {
            break;
        }
    }
    assert!(finished < 100, "the kills came too late to hurt");
    let last = run(folder, "batch c.csv --model keywords -o rough");
    assert!(last.status.success(), "{}", said(&last));
    assert_eq!(results(&folder.join("rough")), results(&folder.join("calm")));
    let strays: Vec<_> = std::fs::read_dir(folder.join("rough"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !RESULTS.contains(&name.as_str()) && !name.starts_with("readings.sqlite"))
        .collect();
    assert!(strays.is_empty(), "{strays:?}");
}

#[test]
fn asked_to_stop_it_keeps_its_work_and_says_how_to_go_on() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::write(folder.join("c.csv"), corpus(3_000)).unwrap();
        let child = start(folder, "batch c.csv --model keywords -o out");
        // Once readings are stored it is in the midst of its work.
        while !std::fs::metadata(folder.join("out/readings.sqlite-wal"))
            .is_ok_and(|file| file.len() > 100_000)
        {
            std::thread::sleep(Duration::from_millis(2));
        }
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let text = said(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains("run the same command to go on"), "{text}");
        assert!(!folder.join("out/run.json").exists());
        let text = said(&run(folder, "batch c.csv --model keywords -o out"));
        let line = text.lines().find(|line| line.contains("of them now")).unwrap();
        let numbers: Vec<u32> =
            line.split_whitespace().filter_map(|word| word.replace(',', "").parse().ok()).collect();
        let [asked, _, now] = numbers[..3] else { panic!("{line}") };
        assert!(0 < now && now < asked, "what was read before is not read again: {line}");
    }
}

#[test]
fn two_runs_share_a_store_and_one_folder_serves_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("c.csv"), corpus(2_000)).unwrap();
    let command = |out: &str| format!("batch c.csv --model keywords -o {out} --store shared.sqlite");
    let (one, two) = (start(folder, &command("one")), start(folder, &command("two")));
    while !folder.join("one/readings.sqlite").exists() && !folder.join("shared.sqlite-wal").exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let third = run(folder, &command("one"));
    assert!(said(&third).contains("another run is writing here; wait for it"), "{}", said(&third));
    for child in [one, two] {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(results(&folder.join("one")), results(&folder.join("two")));
}

/// The program in a shell in which no file may grow beyond so many blocks of 512 bytes: to a program this is a full disk.
fn starved(folder: &Path, blocks: u32, arguments: &str) -> Output {
    let script =
        format!("trap '' XFSZ; ulimit -f {blocks}; exec {} {arguments}", env!("CARGO_BIN_EXE_tensiometer"));
    Command::new("sh").arg("-c").arg(script).current_dir(folder).output().unwrap()
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("c.csv"), corpus(800)).unwrap();
    assert!(run(folder, "batch c.csv --model keywords -o calm").status.success());
    for blocks in [1, 40, 100, 200, 300] {
        let output = starved(folder, blocks, "batch c.csv --model keywords -o out");
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{blocks}: {text}");
        assert!(text.contains("error:") && text.contains("out/"), "{blocks}: {text}");
        assert!(
            !folder.join("out/run.json").exists() && !folder.join("out/articles.csv").exists(),
            "{blocks}"
        );
    }
    let output = run(folder, "batch c.csv --model keywords -o out");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(results(&folder.join("out")), results(&folder.join("calm")));
}

#[test]
fn a_folder_that_cannot_be_written_is_said_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.csv"), corpus(3)).unwrap();
    // Not even the superuser writes there.
    for place in ["/proc/tensiometer", "/proc"] {
        let output = run(folder.path(), &format!("batch c.csv --model keywords --force -o {place}"));
        let text = said(&output);
        assert!(!output.status.success() && text.contains(place) && text.contains("check"), "{text}");
    }
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("c.csv"), corpus(800)).unwrap();
    assert!(run(folder, "batch c.csv --model keywords -o out").status.success());
    let script = format!(
        "{} index out/articles.csv --freq day --draws 0 --denominator relevant | head -1",
        env!("CARGO_BIN_EXE_tensiometer")
    );
    let output = Command::new("sh").arg("-c").arg(script).current_dir(folder).output().unwrap();
    assert!(output.stdout.starts_with(b"date,freq"), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(said(&output).matches("error").count(), 0, "{}", said(&output));
}

#[test]
fn a_damaged_store_is_set_aside_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("c.csv"), corpus(800)).unwrap();
    assert!(run(folder, "batch c.csv --model keywords -o out").status.success());
    let before = results(&folder.join("out"));
    let store = folder.join("out/readings.sqlite");
    let mut bytes = std::fs::read(&store).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 9_000].fill(0xee);
    std::fs::write(&store, &bytes).unwrap();
    let output = run(folder, "batch c.csv --model keywords -o out --force");
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("the store was damaged; it is out/readings.sqlite.damaged-1 now"), "{text}");
    assert_eq!(results(&folder.join("out")), before);
    // Something else under that name is nobody's store, and stays where it is.
    std::fs::write(folder.join("notes.txt"), "my notes ".repeat(1000)).unwrap();
    let text = said(&run(folder, "batch c.csv --model keywords -o new --store notes.txt"));
    assert!(text.contains("notes.txt: the store of readings cannot be used"), "{text}");
    assert!(std::fs::read_to_string(folder.join("notes.txt")).unwrap().starts_with("my notes"));
}

#[test]
fn an_endless_article_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = format!("{}9,2020-01-01,w,US and China,{}\n", corpus(9), "China met the US. ".repeat(200));
    std::fs::write(folder.join("c.csv"), text).unwrap();
    let output = run(folder, "batch c.csv --model keywords -o out --max-sentences 100");
    assert!(output.status.success(), "{}", said(&output));
    let rejects = std::fs::read_to_string(folder.join("out/rejects.csv")).unwrap();
    assert!(
        rejects.contains("c.csv,11,") && rejects.contains("200 sentences are over the limit of 100"),
        "{rejects}"
    );
}

#[test]
fn control_codes_of_a_corpus_do_not_reach_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let row = "\u{1b}[31mx,2020-01-01,w,US and China,China met the US.\n";
    std::fs::write(folder.path().join("c.csv"), format!("id,date,source,title,text\n{row}{row}")).unwrap();
    for more in ["", " --strict"] {
        let text = said(&run(folder.path(), &format!("batch c.csv --model keywords -o out --force{more}")));
        assert!(text.contains("was used before") && !text.contains('\u{1b}'), "{text:?}");
    }
}
