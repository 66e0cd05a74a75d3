//! The command line: the only module that knows clap, the environment, the clock, colours, progress
//! bars and exit codes.

mod args;
mod audit;
mod environment;
mod eval;
mod exit;
mod explain;
mod hook;
mod init;
mod man;
mod output;
mod policy;
mod progress;
mod rules;
mod rules_test;
mod scan;
mod setup;
mod values;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
use environment::Environment;
use exit::Exit;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let environment = Environment::of_process();
    // The tables of the standard library need them, and end the process where there are none.
    let result = setup::random_key().and_then(|_| match args.command {
        Command::Scan(args) => scan::run(&args, &environment),
        Command::Audit(args) => audit::run(&args, &environment),
        Command::Collect(args) => audit::run_collect(&args, &environment),
        Command::Rules(args) => rules::run(&args, &environment),
        Command::Policy(args) => policy::run(&args),
        Command::Explain(args) => explain::run(&args, &environment),
        Command::Eval(args) => eval::run(&args, &environment),
        Command::Init(args) => init::run(&args),
        Command::Hook(args) => hook::run(&args, &environment),
        Command::Completions { shell } => {
            // Where its output ends early, clap panics.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "keystrel", &mut script);
            output::print_with(|out| out.write_all(&script))
        }
        Command::Man(args) => man::run(&args),
    });
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&error);
            Exit::of(&error).into()
        }
    }
}
