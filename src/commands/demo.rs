//! `partnerbook demo`: fills an empty system with a real shop's data.

use std::process::ExitCode;

use super::import::Bar;
use super::with_database;
use crate::config::Config;
use crate::selling::imports::demo;
use crate::web::admin::Who;
use crate::web::clock::Clock;

/// Fill an empty system with a real shop's data
///
/// 541,909 order lines of a British shop of 2010 and 2011, with partners, referrals, products and a program
/// to go with them. No user, click or payment is made. Refuses a system that has data already.
///
/// The orders: Chen, D. (2015), Online Retail, UCI Machine Learning Repository, CC BY 4.0.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  partnerbook demo --data ./demo-data && partnerbook serve --data ./demo-data"
)]
pub struct Args {}

/// Fills the system, and says with what.
pub fn run(_args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let bar = Bar::new();
    let reports = with_database(config, |db| {
        let who = Who::command_line(Clock::system().now());
        let reports = db.run_now(|conn| {
            demo::fill(conn, &who, &|progress| {
                bar.show(progress);
                Ok(())
            })
        })?;
        db.count_rows();
        Ok(reports)
    })?;
    bar.finish();
    for report in reports {
        println!("{}", report.summary().join(" "));
    }
    println!("Time zone Europe/London, currency GBP. The ledgers of March 2011 are a good place to start.");
    Ok(ExitCode::SUCCESS)
}
