//! `partnerbook demo`: fills an empty system with a real shop's data.

use std::process::ExitCode;

use super::not_wired_yet;
use crate::config::Config;

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

pub fn run(_args: Args, _config: &Config) -> anyhow::Result<ExitCode> {
    not_wired_yet("demo")
}
