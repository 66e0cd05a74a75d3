//! Hands the command line to [`keystrel::cli`] and returns its exit code.

/// Releases for Linux are static, with musl, whose own allocator has one lock for all threads and gives memory back at once: with it a
/// scan of a history takes a fifth more CPU.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    keystrel::cli::main()
}
