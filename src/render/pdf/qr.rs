//! The address of a text as a QR code (ISO/IEC 18004), for whoever holds the
//! paper and has a phone.
//!
//! A drawing of one path, so that it prints sharply at any size. The quiet
//! zone around it, four modules wide (ISO/IEC 18004, 9.1), is part of the
//! drawing: a designer who puts the code onto a tinted ground keeps it legible.

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules around the code that stay white.
const QUIET: i32 = 4;

/// The code as SVG; `None` for an address too long for any code.
pub fn svg(address: &str) -> Option<String> {
    // Level M, or better where that needs no larger code: paper gets folded.
    let code = QrCode::encode_text(address, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{side}\" height=\"{side}\" \
         viewBox=\"0 0 {side} {side}\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/>\
         <path d=\"{}\"/></svg>",
        dark(&code)
    ))
}

/// Runs of dark modules, a rectangle each: fewer edges than a square a module,
/// between which viewers show hair lines.
fn dark(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let start = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            let run = x - start;
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", start + QUIET, y + QUIET));
            }
            x += 1;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code as dark and light, read back from the path.
    fn modules(svg: &str) -> Vec<Vec<bool>> {
        let side: usize = svg.split('"').nth(3).unwrap().parse().unwrap();
        let mut grid = vec![vec![false; side]; side];
        for run in svg.rsplit("d=\"").next().unwrap().split('M').skip(1) {
            let (at, rest) = run.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let run: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            grid[y][x..x + run].fill(true);
        }
        grid
    }

    #[test]
    fn the_drawing_is_the_code_with_its_quiet_zone() {
        let address = "https://hlas.example.org/2026-10-14-fronta-na-pobyt/cs.html";
        let code = QrCode::encode_text(address, QrCodeEcc::Medium).unwrap();
        let drawn = modules(&svg(address).unwrap());
        assert_eq!(drawn.len(), usize::try_from(code.size()).unwrap() + 8);
        for (y, row) in (-QUIET..).zip(&drawn) {
            for (x, dark) in (-QUIET..).zip(row) {
                assert_eq!(*dark, code.get_module(x, y), "at {x}, {y}");
            }
        }
    }

    #[test]
    fn an_address_longer_than_any_code_has_none() {
        assert_eq!(svg(&"x".repeat(3000)), None);
    }
}
