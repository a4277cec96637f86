//! The addresses of records: of each one, and of what can be done with it.

use super::*;
use crate::domain::ids::{
    ContactId, CouponId, FileId, ImportId, JobId, LinkId, OrderId, PartnerId, PaymentBatchId, PaymentId,
    ProductId, ProgramId, RunId, UserId,
};
use crate::domain::period::Period;

/// What fits while somebody types which of these to choose: `partners`, `contacts`, `products`, `programs`.
pub fn choices(kind: &str) -> String {
    format!("/choices/{kind}")
}

/// A program's page: its rules.
pub fn program(id: ProgramId) -> String {
    format!("{PROGRAMS}/{id}")
}

/// The form of a program.
pub fn program_edit(id: ProgramId) -> String {
    format!("{PROGRAMS}/{id}/edit")
}

/// Where the button that deletes a program goes.
pub fn program_delete(id: ProgramId) -> String {
    format!("{PROGRAMS}/{id}/delete")
}

/// Who is enrolled in a program, and where the form that enrols goes.
pub fn program_partners(id: ProgramId) -> String {
    format!("{PROGRAMS}/{id}/partners")
}

/// Where the form that takes partners out of a program goes.
pub fn program_withdrawals(id: ProgramId) -> String {
    format!("{PROGRAMS}/{id}/withdrawals")
}

/// A program's dated versions.
pub fn program_versions(id: ProgramId) -> String {
    format!("{PROGRAMS}/{id}/versions")
}

/// A program's rules as one of its versions said them.
pub fn program_version(id: ProgramId, number: i32) -> String {
    format!("{PROGRAMS}/{id}/versions/{number}")
}

/// The form for a new partner.
pub const NEW_PARTNER: &str = "/partners/new";
/// The list of partners as a file.
pub const PARTNERS_CSV: &str = "/partners.csv";
/// Mass Update of partners: the choice, what it would do, and doing it.
pub const MASS_UPDATE: &str = "/partners/mass-update";
/// Where a search is saved.
pub const SAVED_SEARCHES: &str = "/saved-searches";
/// The form for a new contact.
pub const NEW_CONTACT: &str = "/contacts/new";
/// The form for a new product.
pub const NEW_PRODUCT: &str = "/products/new";

/// A coupon code's page.
pub fn coupon(id: CouponId) -> String {
    format!("{COUPONS}/{id}")
}

/// Where the button that ends a coupon code goes.
pub fn coupon_end(id: CouponId) -> String {
    format!("{COUPONS}/{id}/end")
}

/// A partner's page.
pub fn partner(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}")
}

/// One of the other tabs of a partner's page: `referrals`, `orders`, `payments`, `history`.
pub fn partner_tab(id: PartnerId, tab: &str) -> String {
    format!("{PARTNERS}/{id}/{tab}")
}

/// A partner's individual ledger; shows last month where it is asked for no dates.
pub fn partner_ledger_form(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}/ledger")
}

/// A partner's individual ledger for these dates.
pub fn partner_ledger(id: PartnerId, period: Period) -> String {
    format!("{PARTNERS}/{id}/ledger?from={}&to={}", period.from(), period.to())
}

/// The same as a file.
pub fn partner_ledger_csv(id: PartnerId, period: Period) -> String {
    format!("{PARTNERS}/{id}/ledger.csv?from={}&to={}", period.from(), period.to())
}

/// Where *Create Payment* on a partner's ledger goes.
pub fn partner_payments(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}/payments")
}

/// Where an adjustment on a partner's ledger goes.
pub fn partner_adjustments(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}/adjustments")
}

/// What a run showed, as a file.
pub fn run_csv(id: RunId) -> String {
    format!("{RUNS}/{id}/ledgers.csv")
}

/// What is to be paid of what a run showed, for a program that prints cheques.
pub fn run_checks(id: RunId) -> String {
    format!("{RUNS}/{id}/checks.csv")
}

/// What a batch paid, for a program that prints cheques.
pub fn payment_batch_checks(id: PaymentBatchId) -> String {
    format!("{PAYMENT_BATCHES}/{id}/checks.csv")
}

/// What a run showed, for printing.
pub fn run_pdf(id: RunId) -> String {
    format!("{RUNS}/{id}/ledgers.pdf")
}

/// The file of a long print.
pub fn print_file(id: FileId) -> String {
    format!("{PRINTS}/{id}")
}

/// The same on this paper: `a4` or `letter`.
pub fn run_pdf_on(id: RunId, paper: &str) -> String {
    format!("{RUNS}/{id}/ledgers.pdf?paper={paper}")
}

/// Create Referral Partner Payments for the partners of a run.
pub fn new_payment_batch(run: RunId) -> String {
    format!("/payment-batches/new?run={run}")
}

/// The same partners and dates, as they stand now.
pub fn run_again(id: RunId) -> String {
    format!("{RUNS}/{id}/again")
}

/// What a batch paid, as a file.
pub fn payment_batch_csv(id: PaymentBatchId) -> String {
    format!("{PAYMENT_BATCHES}/{id}/payments.csv")
}

/// Before a batch is voided, and where that goes.
pub fn void_batch(id: PaymentBatchId) -> String {
    format!("{PAYMENT_BATCHES}/{id}/void")
}

/// A payment.
pub fn payment(id: PaymentId) -> String {
    format!("/payments/{id}")
}

/// Before a payment is voided, and where that goes.
pub fn void_payment(id: PaymentId) -> String {
    format!("/payments/{id}/void")
}

/// A batch of payments.
pub fn payment_batch(id: PaymentBatchId) -> String {
    format!("/payment-batches/{id}")
}

/// An order's page.
pub fn order(id: OrderId) -> String {
    format!("{ORDERS}/{id}")
}

/// The form for a new order.
pub const NEW_ORDER: &str = "/orders/new";

/// The form for a new order with one field filled in: `customer`, `partner` or `product`.
pub fn new_order_for(field: &str, value: &str) -> String {
    let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
    format!("{NEW_ORDER}?{field}={value}")
}

/// The orders that match these words: their number, coupon, contact or partner.
pub fn orders_with(words: &str) -> String {
    let words = percent_encoding::utf8_percent_encode(words, percent_encoding::NON_ALPHANUMERIC);
    format!("{ORDERS}?q={words}")
}

/// The form for a new coupon code with one field filled in: `partner` or `code`.
pub fn new_coupon_for(field: &str, value: &str) -> String {
    let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
    format!("{NEW_COUPON}?{field}={value}")
}

/// Credit another partner on many orders: who, what it would do, and doing it.
pub const ORDER_CREDITS: &str = "/orders/credits";

/// Who would be credited for an order by other settings.
pub fn order_what_if(id: OrderId) -> String {
    format!("{ORDERS}/{id}/what-if")
}

/// All lines of an order, page by page.
pub fn order_lines(id: OrderId) -> String {
    format!("{ORDERS}/{id}/lines")
}

/// All commissions of an order, page by page; of an earlier credit with `?credit=1`.
pub fn order_commissions(id: OrderId) -> String {
    format!("{ORDERS}/{id}/commissions")
}

/// Where forms of what happens to an order go.
pub fn order_events(id: OrderId) -> String {
    format!("{ORDERS}/{id}/events")
}

/// The form of what happens to an order: `payment`, `return`, `refund`, `credit`, `cancellation`.
pub fn new_order_event(id: OrderId, kind: &str) -> String {
    format!("{ORDERS}/{id}/events/new?kind={kind}")
}

/// A contact's page.
pub fn contact(id: ContactId) -> String {
    format!("{CONTACTS}/{id}")
}

/// The form of a contact.
pub fn edit_contact(id: ContactId) -> String {
    format!("{CONTACTS}/{id}/edit")
}

/// Before a contact is deleted, and where that goes.
pub fn contact_deletion(id: ContactId) -> String {
    format!("{CONTACTS}/{id}/delete")
}

/// The form for a referral of a contact by hand.
pub fn new_referral(id: ContactId) -> String {
    format!("{CONTACTS}/{id}/referrals/new")
}

/// Where a referral by hand goes.
pub fn referrals_of(id: ContactId) -> String {
    format!("{CONTACTS}/{id}/referrals")
}

/// The form of a partner.
pub fn edit_partner(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}/edit")
}

/// Before a partner is made inactive or active, and where that goes.
pub fn partner_status(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}/status")
}

/// Before a partner is deleted, and where that goes.
pub fn partner_deletion(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}/delete")
}

/// Where a saved search is removed.
pub fn remove_saved_search(id: i64) -> String {
    format!("{SAVED_SEARCHES}/{id}/remove")
}

/// Before a partner is merged into this one, and where that goes.
pub fn partner_merge(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}/merge")
}

/// A partner's own address as a QR code.
pub fn partner_code_picture(id: PartnerId) -> String {
    format!("{PARTNERS}/{id}/link.svg")
}

/// A partner's address of a tracking link as a QR code.
pub fn partner_link_picture(id: PartnerId, link: LinkId) -> String {
    format!("{PARTNERS}/{id}/link.svg?link={link}")
}

/// A tracking link: what it has brought, and where its form goes.
pub fn link(id: LinkId) -> String {
    format!("{LINKS}/{id}")
}

/// The form of a tracking link.
pub fn edit_link(id: LinkId) -> String {
    format!("{LINKS}/{id}/edit")
}

/// Before a tracking link is deleted, and where that goes.
pub fn link_deletion(id: LinkId) -> String {
    format!("{LINKS}/{id}/delete")
}

/// A product: where its form goes.
pub fn product(id: ProductId) -> String {
    format!("{PRODUCTS}/{id}")
}

/// The form of a product.
pub fn edit_product(id: ProductId) -> String {
    format!("{PRODUCTS}/{id}/edit")
}

/// Before a product is deleted, and where that goes.
pub fn product_deletion(id: ProductId) -> String {
    format!("{PRODUCTS}/{id}/delete")
}

/// A user's page.
pub fn user(id: UserId) -> String {
    format!("{USERS}/{id}")
}

/// Where an administrator gives a user a new password.
pub fn user_password(id: UserId) -> String {
    format!("{USERS}/{id}/password")
}

/// Where a user is disabled (no sign-in, all sessions end) or let in again.
pub fn user_access(id: UserId) -> String {
    format!("{USERS}/{id}/access")
}

/// Where a file of this kind is uploaded.
pub fn new_import(kind: &str) -> String {
    format!("{IMPORTS}/new?kind={kind}")
}

/// A small file of this kind.
pub fn import_sample(kind: &str) -> String {
    format!("{IMPORTS}/sample.csv?kind={kind}")
}

/// A file that was uploaded.
pub fn import(id: ImportId) -> String {
    format!("{IMPORTS}/{id}")
}

/// Where it is said what the columns of a file are.
pub fn import_columns(id: ImportId) -> String {
    format!("{IMPORTS}/{id}/columns")
}

/// Where a file is imported.
pub fn start_import(id: ImportId) -> String {
    format!("{IMPORTS}/{id}/start")
}

/// Where a file is thrown away.
pub fn discard_import(id: ImportId) -> String {
    format!("{IMPORTS}/{id}/discard")
}

/// What is to be said about the rows of a file, as a file.
pub fn import_remarks(id: ImportId) -> String {
    format!("{IMPORTS}/{id}/remarks.csv")
}

/// The company's logo, as it was after so many changes.
pub fn company_logo(version: i32) -> String {
    format!("{COMPANY_LOGO}?version={version}")
}

/// A job's page.
pub fn job(id: JobId) -> String {
    format!("{JOBS}/{id}")
}

/// Where a job is stopped.
pub fn cancel_job(id: JobId) -> String {
    format!("{JOBS}/{id}/cancel")
}

/// The sign-in page, which leads back to this local path afterwards.
pub fn sign_in_then(next: &str) -> String {
    let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
    format!("{SIGN_IN}?next={next}")
}

/// The one-time set-up page.
pub fn set_up(token: &str) -> String {
    format!("/set-up/{token}")
}
