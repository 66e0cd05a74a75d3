//! `keystrel man`.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::{Args as ClapArgs, Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::args::Args;
use super::exit::Exit;
use super::output;

#[derive(Debug, ClapArgs)]
pub(super) struct ManArgs {
    /// Of which command, such as `scan` or `hook install` [default: the page that names them all]
    command: Vec<String>,
    /// Write the pages of all commands to this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &ManArgs) -> anyhow::Result<Exit> {
    let root = root();
    let Some(directory) = &args.dir else {
        let mut command = &root;
        for name in &args.command {
            let inner = command.find_subcommand(name);
            command =
                inner.ok_or_else(|| anyhow!("there is no command `{}`", args.command.join(" ")))?;
        }
        return output::print_with(|out| write(command, &root, out));
    };
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make `{}`", directory.display()))?;
    for command in all(&root) {
        let path = directory.join(format!("{}.1", name(command)));
        output::write_file(&path, |out| write(command, &root, out))?;
    }
    Ok(Exit::Clean)
}

/// All commands, each with its whole name.
fn root() -> Command {
    let mut root = Args::command().disable_help_subcommand(true);
    root.build();
    root
}

fn all(command: &Command) -> Vec<&Command> {
    let inner = command.get_subcommands().flat_map(all);
    std::iter::once(command).chain(inner).collect()
}

/// `keystrel-hook-install`
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// The page of one command. Sections are those of man-pages(7); `clap_mangen` would call the last but one `EXTRA`.
fn write(command: &Command, root: &Command, out: &mut dyn Write) -> io::Result<()> {
    let page = Man::new(command.clone())
        .source(concat!("keystrel ", env!("CARGO_PKG_VERSION")))
        .manual("keystrel");
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    if command.has_subcommands() {
        page.render_subcommands_section(out)?;
    }
    let mut rest = Roff::default();
    if let Some(codes) = command.get_after_help().or_else(|| root.get_after_help()) {
        let codes = codes.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        rest.control("SH", ["EXIT STATUS"]);
        rest.text([roman(codes.trim_start_matches("Exit codes: "))]);
    }
    rest.control("SH", ["SEE ALSO"]);
    rest.text([roman(env!("CARGO_PKG_REPOSITORY"))]);
    rest.to_writer(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(command: &Command) -> String {
        let mut page = Vec::new();
        write(command, &root(), &mut page).unwrap();
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn every_page_that_a_page_refers_to_is_there() {
        let root = root();
        let names: Vec<String> =
            all(&root).into_iter().map(|c| format!("{}(1)", name(c))).collect();
        assert!(names.len() > 15, "{names:?}");
        for command in all(&root) {
            let page = page(command).replace("\\-", "-");
            let referred = page.lines().filter(|line| line.ends_with("(1)"));
            for line in referred {
                assert!(names.iter().any(|name| name == line), "{line}");
            }
        }
        for name in ["keystrel(1)", "keystrel-scan(1)", "keystrel-hook-install(1)"] {
            assert!(names.iter().any(|known| known == name), "{names:?}");
        }
    }

    #[test]
    fn pages_tell_exit_codes_and_the_version() {
        let root = root();
        for command in all(&root) {
            let page = page(command);
            assert!(page.contains(concat!("keystrel ", env!("CARGO_PKG_VERSION"))), "{page}");
            let (_, after) =
                page.split_once(".SH \"EXIT STATUS\"\n").unwrap_or_else(|| panic!("{page}"));
            assert!(after.starts_with("0 "), "{page}");
        }
        let check = root.find_subcommand("policy").and_then(|c| c.find_subcommand("check"));
        assert!(page(check.unwrap()).contains("0 nothing is wrong, 2 something is."));
    }
}
