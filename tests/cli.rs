//! The program as the shell sees it, with the keyword scorer: no libtorch is needed.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;

/// A folder and the program run in it.
struct Shell(TempDir);

const CORPUS: &str = "id,date,source,title,text
1,2020-01-10,Wire,US and China sign a trade deal,The United States and China signed an agreement. Markets rose.
2,2020-01-20,Wire,River floods,The river rose by two metres.
3,2020-02-10,Post,Beijing condemns U.S. tariffs,China condemned the tariffs that Washington imposed and vowed to retaliate.
4,2020-02-20,Post,Film festival opens,The festival opened on Friday.
5,2020-04-01,Wire,Chinese and U.S. ships in standoff,A U.S. warship and a Chinese destroyer came close. China protested.
";

impl Shell {
    fn new() -> Shell {
        let shell = Shell(tempfile::tempdir().unwrap());
        shell.write("c.csv", CORPUS);
        shell
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &str) -> assert_cmd::assert::Assert {
        let mut command = Command::cargo_bin("tensiometer").unwrap();
        command.current_dir(self.0.path()).args(arguments.split_whitespace()).assert()
    }

    /// Runs, wants failure without a panic, and gives the message.
    fn fails(&self, arguments: &str) -> String {
        let failed = self.run(arguments).failure();
        let message = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(!message.contains("panicked"), "{message}");
        message
    }
}

const RUN: &str = "run c.csv --model keywords -o out";

#[test]
fn the_main_job_leaves_everything_in_its_folder() {
    let shell = Shell::new();
    shell.run(RUN).success().stderr(contains("5 rows: 5 articles, 0 rejected").and(contains("index.svg")));
    let index = shell.read("out/index.csv");
    let lines: Vec<&str> = index.lines().collect();
    assert_eq!(
        lines[0],
        "date,freq,tension,tension_low,tension_high,cooperation,tone,tone_low,tone_high,tone_smoothed,attention,tension_a_to_b,\
         tension_b_to_a,tension_mutual,tension_offset,n_articles,n_relevant,n_sentences,n_keyword,n_sources,n_stories,effective_stories,tension_without_low,tension_without_high"
    );
    assert_eq!(lines.len(), 5, "January to April, March empty: {index}");
    assert_eq!(lines[3], "2020-03-01,month,,,,,,,,,,,,,,0,0,0,0,0,0,,,");
    assert_eq!(shell.read("out/rejects.csv"), "path,line,byte,reason,row\n");
    assert!(shell.read("out/index.svg").starts_with("<svg"));
    assert!(std::fs::read(shell.path("out/index.png")).unwrap().starts_with(b"\x89PNG"));
    let run: serde_json::Value = serde_json::from_str(&shell.read("out/run.json")).unwrap();
    assert_eq!(run["counts"]["candidates"], 3);
    assert_eq!(run["inputs"][0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn stages_give_what_the_main_job_gives() {
    let shell = Shell::new();
    shell.run(RUN).success();
    shell.run("batch c.csv --model keywords -o scores").success();
    shell.run("index scores/articles.csv -o index.csv").success();
    assert_eq!(shell.read("index.csv"), shell.read("out/index.csv"));
    assert_eq!(shell.read("scores/sentences.csv"), shell.read("out/sentences.csv"));
    shell.run("index scores/articles.csv").success().stdout(predicate::eq(shell.read("index.csv")));
    shell.run("plot index.csv -o p.svg -o p.png --series tension").success();
    assert!(shell.fails("index scores/articles.csv out/articles.csv").contains("counted already"));
    shell.write("wrong.csv", shell.read("out/articles.csv").replace(",2,0.", ",2,7."));
    assert!(shell.fails("index wrong.csv").contains("is not conflict less cooperation"));
    let json = shell.run("index scores/articles.csv --freq year --format json").success();
    let points: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(points[0]["n_articles"], 5);
}

#[test]
fn sentences_give_back_their_text() {
    let shell = Shell::new();
    shell.run(RUN).success();
    let articles: Vec<csv::StringRecord> =
        csv::Reader::from_reader(CORPUS.as_bytes()).records().map(Result::unwrap).collect();
    let mut sentences = csv::Reader::from_path(shell.path("out/sentences.csv")).unwrap();
    let rows: Vec<tensiometer::article_score::SentenceScore> =
        sentences.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 7, "the one that names nothing of the pair is not read");
    for row in rows {
        let article = articles.iter().find(|article| article[0] == row.article_id).unwrap();
        let part =
            if row.part == tensiometer::article_score::Part::Title { &article[3] } else { &article[4] };
        assert_eq!(&part[row.start..row.end], row.text);
    }
}

#[test]
fn a_second_run_needs_force_and_scores_nothing_twice() {
    let shell = Shell::new();
    shell.run(RUN).success();
    let first = shell.read("out/index.csv") + &shell.read("out/run.json");
    assert!(shell.fails(RUN).contains("holds a finished run; add --force"));
    shell.run(&format!("{RUN} --force")).success().stderr(contains("0 of them now"));
    assert_eq!(shell.read("out/index.csv") + &shell.read("out/run.json"), first);
    // A run that stopped before its end goes on without being forced.
    std::fs::remove_file(shell.path("out/run.json")).unwrap();
    shell.run(RUN).success().stderr(contains("0 of them now"));
    assert_eq!(shell.read("out/index.csv") + &shell.read("out/run.json"), first);
}

#[test]
fn bad_rows_are_set_aside_with_reasons() {
    let shell = Shell::new();
    let bad = "6,yesterday,Wire,t,x\n1,2020-05-01,Wire,t,again\n7,2020-05-02,Wire,t\n8,2020-05-03,Wire,nul,a\0b\n9,December 5 2020,Wire,t,x\n10,03/04/2020,Wire,t,x\n";
    let mut bytes = format!("{CORPUS}{bad}").into_bytes();
    bytes.extend(
        b"11,2020-05-04,Wire,caf\xe9,x\n12,2020-05-05,Wire,t,\"never closed\n13,2020-05-06,Wire,t,fine\n",
    );
    shell.write("c.csv", bytes);
    shell
        .run(RUN)
        .success()
        .stderr(contains("14 rows: 7 articles, 7 rejected").and(contains("dates are written in 2 ways")));
    let rejects = shell.read("out/rejects.csv");
    for reason in [
        "not a date",
        "used before, in line 2",
        "4 fields where",
        "NUL bytes",
        "two ways",
        "not UTF-8",
        "a quote opened",
    ] {
        assert!(rejects.contains(reason), "{reason}: {rejects}");
    }
    let strict = shell.fails("run c.csv --model keywords -o strict --strict");
    assert!(strict.contains("line 7") && strict.contains("not a date"), "{strict}");
}

#[test]
fn several_files_are_one_corpus() {
    let shell = Shell::new();
    shell.write("d.csv", "id,date,title\n9,2020-06-01,China meets the U.S.\n1,2020-06-02,again\n");
    shell
        .run("batch c.csv d.csv --model keywords -o out")
        .success()
        .stderr(contains("7 rows: 6 articles, 1 rejected"));
    assert!(shell.read("out/rejects.csv").contains("in line 2 of file 1; ids must be unique"));
    assert!(shell.read("out/articles.csv").contains("9,2020-06-01,d,"), "the source is the file's name");
}

#[test]
fn what_is_no_corpus_is_refused_with_a_next_step() {
    let shell = Shell::new();
    let refusal = |bytes: &[u8]| {
        shell.write("bad.csv", bytes);
        shell.fails("run bad.csv --model keywords -o bad --force")
    };
    assert!(refusal(b"").contains("the file is empty"));
    assert!(refusal(b"id,date,text\n").contains("a header and no rows"));
    assert!(refusal(b"id,text\n1,x\n").contains("--column date=NAME"));
    assert!(refusal(b"id,date\n1,x\n").contains("--column text=NAME"));
    assert!(refusal(b"id,date,text\n1,never,x\n").contains("rejects.csv says why"));
    assert!(refusal(b"\x1f\x8b\x08\x00\x00").contains("cut off or damaged"));
    assert!(shell.fails("run none.csv --model keywords -o x").contains("none.csv: cannot open"));
    assert!(shell.fails("run . --model keywords -o x").contains("this is a folder"));
    assert!(
        shell.fails("run c.csv --column text=corpus --model keywords -o x").contains("no column 'corpus'")
    );
}

#[test]
fn the_output_is_checked_before_the_work() {
    let shell = Shell::new();
    shell.write("file", "x");
    assert!(shell.fails("run c.csv --model keywords -o file").contains("this is a file"));
    std::fs::create_dir(shell.path("mine")).unwrap();
    shell.write("mine/thesis.txt", "x");
    assert!(shell.fails("run c.csv --model keywords -o mine").contains("holds other files"));
    assert!(shell.fails("run c.csv --model keywords -o file/below").contains("cannot make the folder"));
    shell.run("run c.csv --model keywords -o mine --force").success();
    assert!(shell.fails("plot mine/index.csv -o no/such/p.svg").contains("cannot write"));
    assert!(shell.fails("plot mine/index.csv -o p.jpeg").contains(".svg or .png"));
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let shell = Shell::new();
    let message = shell.fails("run c.csv --model keywords -o /proc/tensiometer");
    assert!(message.contains("cannot make the folder") && message.contains("/proc/tensiometer"), "{message}");
}

#[test]
fn a_filtered_corpus_has_no_denominator() {
    let shell = Shell::new();
    let lines: Vec<&str> = CORPUS.lines().collect();
    shell.write("c.csv", [lines[0], lines[1], lines[3], lines[5]].join("\n"));
    let message = shell.fails(RUN);
    assert!(message.contains("filtered before") && message.contains("--denominator relevant"), "{message}");
    shell.run(&format!("{RUN} --denominator relevant")).success();
    shell.write("totals.csv", "source,date,n\nWire,2020-01-01,50\nPost,2020-02-01,40\nWire,2020-04-01,60\n");
    shell.run("index out/articles.csv --totals totals.csv").success().stdout(contains("2020-04-01,month,"));
}

#[test]
fn models_are_refused_by_name_file_and_next_step() {
    let shell = Shell::new();
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tiny/bert");
    let folder = shell.path("m");
    std::fs::create_dir(&folder).unwrap();
    for name in ["config.json", "tokenizer.json", "vocab.txt"] {
        std::fs::copy(tiny.join(name), folder.join(name)).unwrap();
    }
    assert!(shell.fails("score c.csv --model m").contains("model.safetensors is missing"));
    shell.write("m/pytorch_model.bin", "x");
    let pickle = shell.fails("score c.csv --model m");
    assert!(pickle.contains("pytorch_model.bin") && pickle.contains("is refused"), "{pickle}");
    assert!(shell.fails("score c.csv --model m/pytorch_model.bin").contains("is refused"));
    std::fs::copy(tiny.join("model.safetensors"), folder.join("model.safetensors")).unwrap();
    shell
        .run("model show m")
        .success()
        .stdout(contains("sentiment: polarity of the labels in order [-1, 1]"));
    let hash = "0".repeat(64);
    let size = |name: &str| std::fs::metadata(folder.join(name)).unwrap().len();
    let entry =
        |name: &str| format!("[[files]]\nname = \"{name}\"\nbytes = {}\nsha256 = \"{hash}\"\n", size(name));
    shell.write(
        "m/model.toml",
        format!("name = \"m\"\n{}{}", entry("config.json"), entry("model.safetensors")),
    );
    assert!(shell.fails("model verify m").contains("does not have the SHA-256"));
    // A file that the manifest lists is checked whether or not this program reads it.
    let right = |name: &str| {
        let sum = tensiometer::digest::sha256(&folder.join(name)).unwrap();
        format!("[[files]]\nname = \"{name}\"\nbytes = {}\nsha256 = \"{sum}\"\n", size(name))
    };
    shell.write("m/special_tokens_map.json", "{}");
    let listed = ["config.json", "model.safetensors", "tokenizer.json", "vocab.txt"].map(right).concat();
    shell.write("m/model.toml", format!("name = \"m\"\n{listed}{}", entry("special_tokens_map.json")));
    assert!(shell.fails("model verify m").contains("special_tokens_map.json does not have the SHA-256"));
    shell.write("m/model.toml", format!("name = \"m\"\n{listed}{}", right("special_tokens_map.json")));
    shell.run("model verify m").success().stdout(contains("5 files are whole"));
    assert!(shell.fails("score c.csv --model nosuch").contains("there is no such model"));
    let roberta = tiny.with_file_name("roberta").display().to_string();
    assert!(shell.fails(&format!("model show {roberta}")).contains("--polarity negative=LABEL_0"));
    shell
        .run(&format!("model show {roberta} --polarity negative=LABEL_0,neutral=LABEL_1,positive=LABEL_2"))
        .success();
}

#[test]
fn a_point_is_explained_by_sentences_that_add_up_to_it() {
    let shell = Shell::new();
    let copy = "6,2020-02-11,Wire,Tariffs condemned,China condemned the tariffs that Washington imposed and vowed to retaliate.\n";
    shell.write("c.csv", format!("{CORPUS}{copy}"));
    shell
        .run("run c.csv --model keywords -o out")
        .success()
        .stderr(contains("1 articles tell a story that another tells"));
    let index = shell.read("out/index.csv");
    let point: f64 = index
        .lines()
        .find(|line| line.starts_with("2020-02"))
        .unwrap()
        .split(',')
        .nth(2)
        .unwrap()
        .parse()
        .unwrap();
    let explained = shell.run("explain out --period 2020-02 --format csv").success();
    let mut rows = csv::Reader::from_reader(explained.get_output().stdout.as_slice());
    let header = rows.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|header| header == name).unwrap();
    let (contribution, story) = (column("contribution"), column("story"));
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let sum: f64 = rows.iter().map(|row| row[contribution].parse::<f64>().unwrap()).sum();
    assert!((sum - point).abs() < 1e-9 * point, "{sum} {point}");
    assert!(rows.iter().all(|row| &row[story] == "3"), "both articles tell the story of the first");
    shell
        .run("explain out --period 2020-02")
        .success()
        .stdout(contains("and 1 copies").and(contains("Beijing condemns")));
    shell
        .run("explain out --period 2020-02-11 --compare 2020-01")
        .success()
        .stdout(contains("since 2020-01-01").and(contains("conflict in a relevant article")));
    assert!(shell.fails("explain out --period 2020-03").contains("no article was read"));
    assert!(shell.fails("explain out --period 2021-03").contains("not in the index"));
    assert!(shell.fails("explain . --period 2020-02").contains("run.json"));
    shell.write("out/index.csv", index.replace(&point.to_string(), "77"));
    assert!(shell.fails("explain out --period 2020-02").contains("says 77"));
}

#[test]
fn a_later_vintage_under_the_same_scales_leaves_old_points() {
    let shell = Shell::new();
    shell.run("batch c.csv --model keywords -o out").success();
    shell.run("index out/articles.csv --write-calibration scales.toml -o first.csv").success();
    shell.run("index out/articles.csv --calibration scales.toml -o old.csv").success();
    let headline = |name: &str| {
        shell.read(name).lines().map(|line| line.split(',').nth(2).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(headline("first.csv"), headline("old.csv"));
    shell.write("d.csv", "id,date,source,title,text\n9,2020-05-02,Wire,Talks,China and the United States resumed talks on trade.\n");
    shell.run("batch d.csv --model keywords -o more").success();
    shell.run("index out/articles.csv more/articles.csv --calibration scales.toml -o new.csv").success();
    let old = shell.read("old.csv");
    assert!(shell.read("new.csv").starts_with(&old), "{old}");
    assert!(shell.fails("index out/articles.csv --calibration nosuch.toml").contains("nosuch.toml"));
}

#[test]
fn the_sides_are_marked_a_line_in_a_line_out() {
    let shell = Shell::new();
    shell.write("s.txt", "Washington warned Beijing.\n\nIslamabad’s envoy left New Delhi.\n");
    shell
        .run("mark s.txt")
        .success()
        .stdout("[A] Washington warned [B] Beijing.\n\nIslamabad's envoy left New Delhi.\n");
    let dyad =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("data/dyads/india-pakistan.toml").display().to_string();
    shell
        .run(&format!("mark s.txt --dyad {dyad}"))
        .success()
        .stdout("Washington warned Beijing.\n\n[B] Islamabad's envoy left [A] New Delhi.\n");
    assert!(shell.fails("mark nosuch.txt").contains("nosuch.txt"));
}

#[test]
fn a_corpus_is_cut_in_sentences_that_stand_where_it_says() {
    let shell = Shell::new();
    shell.write(
        "c.csv",
        "id,date,source,title,text\n\
         1,2020-05-01,Wire,Talks,Zoë met no one. China and the United States met.\n\
         2,2020-05-02,Wire,Rain,It rained.\n\
         3,someday,Wire,Rain,It rained.\n",
    );
    let said = shell.run("split c.csv -o s.csv").success().get_output().stderr.clone();
    assert!(String::from_utf8(said).unwrap().contains("3 sentences of 1 articles"));
    assert_eq!(
        shell.read("s.csv"),
        "article_id,date,source,part,start,end,named,text\n\
         1,2020-05-01,Wire,title,0,5,false,Talks\n\
         1,2020-05-01,Wire,text,0,16,false,Zoë met no one.\n\
         1,2020-05-01,Wire,text,17,49,true,China and the United States met.\n"
    );
    assert!(shell.read("s.rejects.csv").contains("someday"));
    shell.run("split c.csv --all -o all.csv").success();
    assert_eq!(shell.read("all.csv").lines().count(), 6);
    shell.run("split c.csv --all --max-sentences 1 -o few.csv").success();
    assert_eq!(shell.read("few.csv").lines().count(), 3);
    assert!(shell.read("few.rejects.csv").contains("2 sentences are over the limit of 1"));
    assert!(shell.fails("split c.csv --strict -o no.csv").contains("line 4"));
    assert!(!shell.path("no.csv").exists() && !shell.path("no.rejects.csv").exists());
}

#[test]
fn formulas_are_guarded_unless_asked() {
    let shell = Shell::new();
    shell.write(
        "c.csv",
        "id,date,source,title,text\n1,2020-05-01,Wire,=1+1,China warned the United States of sanctions.\n",
    );
    shell.run("batch c.csv --model keywords -o guarded").success();
    shell.run("batch c.csv --model keywords -o kept --formulas").success();
    assert!(shell.read("guarded/articles.csv").contains(",'=1+1,"));
    assert!(shell.read("kept/articles.csv").contains(",=1+1,"));
    assert!(shell.read("kept/run.json").contains(r#""formulas": "kept""#));
    for folder in ["guarded", "kept"] {
        shell
            .run(&format!("index {folder}/articles.csv --denominator relevant --draws 0 -o {folder}.csv"))
            .success();
    }
    assert_eq!(shell.read("guarded.csv"), shell.read("kept.csv"));
}

#[test]
fn an_article_is_scored_for_a_person_and_for_a_program() {
    let shell = Shell::new();
    shell.write(
        "a.txt",
        "Washington imposed tariffs on China. Beijing condemned them.\nREAD ALSO: Something else\nThe two countries will talk.\n",
    );
    let table = shell.run("score a.txt --model keywords").success();
    let text = String::from_utf8(table.get_output().stdout.clone()).unwrap();
    assert!(text.contains("United States – China") && text.contains("boilerplate, not read"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours where there is no terminal");
    let json = shell.run("score a.txt --model keywords --format json").success();
    let report: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(report["n_sentences"], 3);
    shell
        .run("score a.txt --model keywords --format csv")
        .success()
        .stdout(contains("article_id,part,start"));
    shell.write("empty.txt", " \n");
    assert!(shell.fails("score empty.txt --model keywords").contains("there is no text in it"));
    shell.write("latin.txt", b"caf\xe9");
    assert!(shell.fails("score latin.txt --model keywords").contains("not UTF-8 at byte 3"));
    shell.write("rain.txt", "It rained.\u{1b}[31m");
    let rain = shell.run("score rain.txt --model keywords").success();
    assert!(
        String::from_utf8_lossy(&rain.get_output().stdout).contains("no sentence concerns the two sides")
    );
    assert!(
        !rain.get_output().stdout.contains(&0x1b),
        "control codes of an article do not reach the terminal"
    );
}

#[test]
fn another_pair_works_by_its_file_alone() {
    let shell = Shell::new();
    shell.write(
        "ip.csv",
        "date,text\n2019-02-27,Pakistan shot down an Indian jet over Kashmir.\n2019-03-01,Pakistan released the pilot to India.\n2019-03-02,The US and China met.\n",
    );
    let dyad = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/dyads/india-pakistan.toml");
    shell.run(&format!("run ip.csv --model keywords --dyad {} -o ip", dyad.display())).success();
    assert!(shell.read("ip/index.svg").contains("India"));
    let articles = shell.read("ip/articles.csv");
    assert_eq!(articles.lines().filter(|line| line.contains(",1,1,")).count(), 2, "{articles}");
    shell.write("bad.toml", "name = 1");
    assert!(shell.fails("score c.csv --model keywords --dyad bad.toml").contains("bad.toml"));
}

#[test]
fn usage_errors_exit_with_two_and_help_teaches() {
    let shell = Shell::new();
    shell.run("run").code(2);
    shell.run("index x.csv --freq fortnight").code(2);
    shell.run("run c.csv --base 2020 -o x").code(2).stderr(contains("FROM..TO"));
    shell.run("--help").success().stdout(contains("tensiometer run articles.csv -o out"));
    for command in ["score", "batch", "index", "plot", "run", "model"] {
        shell.run(&format!("{command} --help")).success().stdout(contains("Examples:"));
    }
    shell.run("completions bash").success().stdout(contains("tensiometer"));
    std::fs::create_dir(shell.path("man")).unwrap();
    shell.run("man man").success();
    assert!(shell.path("man/tensiometer-run.1").exists());
}

/// The rows as they came, less the header.
fn scores(shell: &Shell, name: &str) -> Vec<String> {
    let mut rows: Vec<String> = shell.read(name).lines().skip(1).map(str::to_owned).collect();
    rows.sort();
    rows
}

#[test]
fn the_order_of_the_corpus_changes_no_score_and_no_point() {
    let shell = Shell::new();
    shell.run(RUN).success();
    let lines: Vec<&str> = CORPUS.lines().collect();
    shell.write("r.csv", [lines[0], lines[5], lines[3], lines[1], lines[4], lines[2]].join("\n"));
    shell.run("run r.csv --model keywords -o turned").success();
    assert_eq!(scores(&shell, "out/articles.csv"), scores(&shell, "turned/articles.csv"));
    assert_eq!(shell.read("out/index.csv"), shell.read("turned/index.csv"));
}

const LABELLED: &str = "id,kind,part,family,set,sentence,tension,relevant,direction
1,negation,test,f,1,The United States imposed sanctions on China.,2,1,u
2,negation,test,f,1,China and the United States signed a trade deal.,-3,1,m
3,other,train,g,1,The weather was fine.,0,0,n
";

#[test]
fn a_model_is_measured_on_labelled_sentences() {
    let shell = Shell::new();
    shell.write("l.csv", LABELLED);
    shell.run("eval l.csv --model keywords --part test -o report").success().stdout(
        contains("2 sentences, 2 relevant").and(contains("1/1 100.0 %")).and(contains("quadratic kappa")),
    );
    for file in ["eval.json", "readings.csv", "pairs.csv", "reliability.svg", "reliability.png"] {
        assert!(shell.path("report").join(file).metadata().unwrap().len() > 0, "{file}");
    }
    let printed = shell.run("eval l.csv --model keywords --format json --draws 0").success();
    let json: serde_json::Value = serde_json::from_slice(&printed.get_output().stdout).unwrap();
    assert_eq!(
        (&json["n_sentences"], &json["figures"]["relevance_f1"]),
        (&3.into(), &serde_json::Value::Null)
    );
    assert_eq!(json["exchange"]["n"], 2);
    assert!(json["figures"]["quadratic_kappa"]["low"].is_null());
    assert!(!shell.read("report/eval.json").contains("signed a trade deal"), "figures only, no text");
}

#[test]
fn labels_that_cannot_be_are_named() {
    let shell = Shell::new();
    shell.write("l.csv", LABELLED.replace(",-3,1,m", ",minus three,1,m"));
    let message = shell.fails("eval l.csv --model keywords");
    assert!(message.contains("l.csv: line 3") && message.contains("minus three"), "{message}");
    shell.write("l.csv", LABELLED);
    assert!(shell.fails("eval l.csv --model keywords --part dev").contains("no row has the part 'dev'"));
    assert!(shell.fails("eval c.csv --model keywords").contains("the header has: id, date, source"));
    assert!(shell.fails("eval none.csv --model keywords").contains("none.csv: cannot open"));
}

/// The bundled corpus, scored with keywords.
fn chronicle() -> Shell {
    let shell = Shell::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/us_china_chronicle.csv");
    std::fs::copy(corpus, shell.path("c.csv")).unwrap();
    shell.run(RUN).success();
    shell
}

#[test]
fn topics_add_up_to_the_index() {
    let shell = chronicle();
    let column = |text: &str, name: &str| {
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let at = rows.headers().unwrap().iter().position(|column| column == name).unwrap();
        rows.records()
            .map(|row| (row.as_ref().unwrap()[0].to_owned(), row.unwrap()[at].to_owned()))
            .collect::<Vec<_>>()
    };
    let topics = column(&shell.read("out/topics.csv"), "tension");
    for (date, tension) in
        column(&shell.read("out/index.csv"), "tension").into_iter().filter(|(_, x)| !x.is_empty())
    {
        let sum: f64 =
            topics.iter().filter(|row| row.0 == date).filter_map(|row| row.1.parse::<f64>().ok()).sum();
        assert!(
            (sum - tension.parse::<f64>().unwrap()).abs() < 1e-9 * sum.max(1.0),
            "{date}: {sum} {tension}"
        );
    }
    shell.run("index out/articles.csv --draws 0 -o i.csv --topics t.csv --scaling zscore").success();
    assert!(shell.read("t.csv").contains(",(offset),"));
    // Articles of an older version do not say.
    let old: Vec<String> = CORPUS_SCORES.lines().map(str::to_owned).collect();
    shell.write("old.csv", old.join("\n"));
    shell.run("index old.csv").success();
    assert!(shell.fails("index old.csv --topics t.csv").contains("older version"));
    shell.write("wrong.csv", shell.read("out/articles.csv").replace("=0.", "=1."));
    assert!(shell.fails("index wrong.csv").contains("parts of conflict that do not add up"));
}

/// As an earlier version wrote it, without stories and parts.
const CORPUS_SCORES: &str =
    "id,date,source,title,url,n_sentences,n_relevant,tension,conflict,cooperation,topics
1,2020-01-10,a,,,2,1,0.5,0.6,0.1,trade
2,2020-01-11,a,,,2,0,,,,
3,2020-02-10,a,,,2,1,0.1,0.2,0.1,
";

#[test]
fn sources_are_spliced_corrected_and_named() {
    let shell = Shell::new();
    shell.write("scores.csv", CORPUS_SCORES.replace("3,2020-02-10,a", "3,2020-02-10,b"));
    let islands = shell.fails("index scores.csv --scaling source-effects");
    assert!(islands.contains("'a' | 'b'") && islands.contains("--freq"), "{islands}");
    shell.run("index scores.csv --scaling source-effects --freq year").success();
    assert!(shell.fails("index scores.csv --splice a=b").contains("never have articles in one period"));
    assert!(shell.fails("index scores.csv --splice a=c").contains("no source 'c'"));
    shell.run("index scores.csv --splice a").failure().code(2);
    shell.run("index scores.csv --splice a=b --freq year --write-calibration s.toml").success();
    assert!(shell.read("s.toml").contains("[[tension.splices]]"), "{}", shell.read("s.toml"));
    shell.run("index scores.csv --freq year --calibration s.toml").success();
    shell
        .run("index scores.csv --denominator steady --unit sentence")
        .success()
        .stderr(contains("tension is a sum"));
    shell.write("totals.csv", "source,date,n\na,2020-01-01,9\nb,2020-02-01,9\n");
    assert!(shell.fails("index scores.csv --totals totals.csv --unit sentence").contains("--unit article"));
}

#[test]
fn an_index_is_compared_with_a_published_one() {
    let shell = chronicle();
    shell
        .run("validate out/index.csv --against out/index.csv --column tension -o v.svg -o v.png")
        .success()
        .stdout(contains("tension                 1.000 [1.000, 1.000]").and(contains("relevant articles")));
    assert!(shell.read("v.svg").contains("<title>tension against tension</title>"));
    let json = shell
        .run("validate out/index.csv --against out/index.csv --column cooperation --format json -q")
        .success();
    let found: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(found["series"][0]["name"], "tension");
    assert_eq!(found["lead_lag"].as_array().unwrap().len(), 13);
    shell
        .run("validate out/index.csv --against out/index.csv --column tension --format csv --rival out/index.csv:tone")
        .success()
        .stdout(contains("series,of,figure,value,low,high").and(contains("index:tone,levels,pearson,")));
    assert!(shell.fails("validate out/index.csv --against out/index.csv").contains("choose one: "));
    assert!(shell.fails("validate out/index.csv --against none.csv").contains("none.csv: cannot open"));
    assert!(
        shell
            .fails("validate out/index.csv --against out/index.csv --column tone --series tens")
            .contains("no column of numbers 'tens'")
    );
    let few = "validate out/index.csv --against out/index.csv --column tone --within 2018-01..2018-03";
    assert!(shell.fails(few).contains("periods have a value in all series"));
}

#[test]
fn other_choices_use_the_readings_of_the_run() {
    let shell = chronicle();
    let before = shell.read("out/run.json") + &shell.read("out/index.csv");
    shell
        .run("robustness c.csv --model keywords -o out")
        .success()
        .stderr(contains("; 0 of "))
        .stdout(contains("source-effects").and(contains("the top counts more")));
    let rows = shell.read("out/robustness.csv");
    assert!(rows.starts_with("kind,variant,pearson,spearman,pearson_differences,n,note\n"), "{rows}");
    let keywords = rows.lines().find(|line| line.starts_with("scorer,keywords,")).unwrap();
    assert!(
        keywords.split(',').nth(2).unwrap().parse::<f64>().unwrap() > 1.0 - 1e-9,
        "it is the headline: {keywords}"
    );
    assert!(rows.lines().any(|line| line.starts_with("without-source,")), "{rows}");
    assert!(shell.read("out/robustness.svg").starts_with("<svg"));
    assert!(shell.read("out/variants.csv").starts_with("date,variant,tension\n"));
    assert_eq!(
        shell.read("out/run.json") + &shell.read("out/index.csv"),
        before,
        "the run is left as it was"
    );
    // Alone, it reads the corpus itself.
    shell.run("robustness c.csv --model keywords -o alone --freq quarter").success();
}
