//! How long a PDF takes, and what it needs, against what the house was
//! promised for eight pages:
//!
//! | figure | promise |
//! |---|---|
//! | `warm` | only the text has changed: under 60 ms |
//! | `first` | a first document, from the start of the process: under 300 ms |
//! | `hundred` | of different ones in one process, a median under 260 ms |
//! | memory | of that process at its largest, flat under 150 MiB |
//! | two cores | at most 0.6 of the time that one takes for the hundred |
//! | size | under 150 kB |
//!
//! `cargo bench --bench pdf` prints them; a word after it chooses some by name.
//!
//! The surprise: what only a process of its own can tell (a first document,
//! the memory of a hundred) is measured in one: this program starts itself.

mod hundred;
mod one;
#[path = "../speed/prose.rs"]
mod prose;
mod texts;

fn main() {
    if let Some(task) = std::env::args().nth(1) {
        match task.as_str() {
            "--one-document" => return one::alone(),
            "--one-by-one" => return hundred::one_by_one(),
            "--on-all-cores" => return hundred::on_all_cores(),
            _ => {}
        }
    }
    texts::announce();
    let named: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    if named.is_empty() || named.iter().any(|it| "hundred".contains(it.as_str())) {
        hundred::report();
    }
    divan::main();
}
