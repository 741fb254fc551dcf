//! `hlas config`: every setting and the layer it comes from.

use hlas::load::settings::DEFAULTS;
use hlas::{ledger, transport};
use serde_json::{Value, json};

use super::Context;
use super::error::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the defaults as a file to start from
    #[arg(long)]
    defaults: bool,
}

/// A value as it may be printed: a URL without the password that somebody
/// wrote into it against advice.
fn shown(key: &str, value: &toml::Value) -> toml::Value {
    match (key, value) {
        ("transport", toml::Value::String(url)) => transport::shown(url).into(),
        ("transport", toml::Value::Array(urls)) => {
            let each = urls.iter().filter_map(toml::Value::as_str).map(transport::shown);
            toml::Value::Array(each.map(Into::into).collect())
        }
        ("ledger", toml::Value::String(url)) => ledger::shown(url).into(),
        _ => value.clone(),
    }
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
                json!({ "key": key, "value": shown(key, value), "layer": layer.to_string() })
            })
            .collect();
        context.ui.json(&Value::Array(values));
        return Ok(Exit::Ok);
    }
    let origins = &settings.origins;
    let layer_width = origins.iter().map(|(.., layer)| layer.to_string().len()).max().unwrap_or(0);
    let key_width = origins.iter().map(|(key, ..)| key.len()).max().unwrap_or(0);
    for (key, value, layer) in origins {
        let (layer, value) = (layer.to_string(), shown(key, value));
        context.ui.result(&format!("{layer:layer_width$}  {key:key_width$}  {value}\n"));
    }
    Ok(Exit::Ok)
}
