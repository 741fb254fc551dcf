pub const EXTENSIONS: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "svg"];
pub fn size(_bytes: &[u8], _name: &str) -> Result<(u32, u32), String> {
    Ok((1, 1))
}
