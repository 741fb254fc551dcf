//! `--pdf-standard`, for the verbs that set PDFs.

use hlas::load::Loaded;
use hlas::model::standards;

use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct StandardArgs {
    /// Hold PDFs to this: ua-1, a-2a, both (ua-1+a-2a, which is the default), or plain
    #[arg(long, value_name = "STANDARD")]
    pdf_standard: Vec<String>,
}

impl StandardArgs {
    /// What was asked for takes the place of what the settings say.
    pub fn apply(&self, loaded: &mut Loaded) -> Result<(), Failure> {
        if self.pdf_standard.is_empty() {
            return Ok(());
        }
        let asked = standards(self.pdf_standard.iter().map(String::as_str));
        loaded.workspace.pdf.standards = asked.map_err(|why| {
            let message = format!("--pdf-standard: {why}");
            Failure::new(Exit::Usage, message).help("there are ua-1, a-2a and plain")
        })?;
        Ok(())
    }
}
