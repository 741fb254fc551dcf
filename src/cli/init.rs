//! `hlas init DIR`: a new, small workspace that builds as it stands.

use std::fs;
use std::path::PathBuf;

use include_dir::{Dir, include_dir};

use super::Context;
use super::error::{Exit, Failure};

static STARTER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter");

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder; made if it is not there
    dir: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let shown = args.dir.display();
    let taken = fs::read_dir(&args.dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(Failure::new(Exit::Output, format!("{shown} is not empty"))
            .help("name a folder that is not there yet; nothing was written"));
    }
    let failed = |error| Failure::new(Exit::Output, format!("cannot write {shown}: {error}"));
    fs::create_dir_all(&args.dir).map_err(failed)?;
    STARTER.extract(&args.dir).map_err(failed)?;
    // Cargo leaves files called .gitignore out of packages.
    fs::write(args.dir.join(".gitignore"), "/out\n/var\n").map_err(failed)?;
    context.ui.result(&format!(
        "{shown} is a workspace now. Write your names into hlas.toml, then:\n\
         \x20 cd {shown}\n\
         \x20 hlas check\n\
         \x20 hlas build      pages, PDF and feed into out/site/\n\
         \x20 hlas new commentary \"A title\"\n",
    ));
    Ok(Exit::Ok)
}
