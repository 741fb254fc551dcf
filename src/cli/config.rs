//! `hlas config`: every setting and the layer it comes from.

use hlas::load::settings::DEFAULTS;
use serde_json::{Value, json};

use super::Context;
use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the defaults as a file to start from
    #[arg(long)]
    defaults: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.defaults {
        context.ui.result(DEFAULTS);
        return Ok(Exit::Ok);
    }
    let settings = context.settings.read(&context.root)?;
    if context.ui.is_json() {
        let origins = settings.origins.iter();
        let values: Vec<Value> = origins
            .map(|(key, value, layer)| {
                json!({ "key": key, "value": value, "layer": layer.to_string() })
            })
            .collect();
        context.ui.json(&Value::Array(values));
        return Ok(Exit::Ok);
    }
    let width = |part: fn(&(String, String, _)) -> usize| {
        settings.origins.iter().map(part).max().unwrap_or(0)
    };
    let layers = settings.origins.iter().map(|(.., layer)| layer.to_string().len());
    let (layer_width, key_width) = (layers.max().unwrap_or(0), width(|(key, ..)| key.len()));
    for (key, value, layer) in &settings.origins {
        let layer = layer.to_string();
        context.ui.result(&format!("{layer:layer_width$}  {key:key_width$}  {value}\n"));
    }
    Ok(Exit::Ok)
}
