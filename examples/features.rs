//! Features of candidates, for the training scripts in `model/`.
//!
//! Reads JSON lines `{"path": "...", "text": "..."}` and writes, for each, one line: a list of
//! candidates, each `[value start, value end, name start, name end, [features...]]` with byte offsets into the text. The first
//! line that it writes is the list of the features' names.

use std::io::{self, BufRead, BufWriter, Write};

use keystrel::detect::context;

#[derive(serde::Deserialize)]
struct Text {
    path: String,
    text: String,
}

fn main() -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer(&mut out, &context::feature_names())?;
    writeln!(out)?;
    for line in io::stdin().lock().lines() {
        let Text { path, text } = serde_json::from_str(&line?)?;
        let found: Vec<_> = context::candidates(&path, text.as_bytes())
            .into_iter()
            .map(|found| {
                (
                    found.value.start,
                    found.value.end,
                    found.name.start,
                    found.name.end,
                    found.features,
                )
            })
            .collect();
        serde_json::to_writer(&mut out, &found)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(())
}
