//! Hands the command line to [`keystrel::cli`] and returns its exit code.

fn main() -> std::process::ExitCode {
    keystrel::cli::main()
}
