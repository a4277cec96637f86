//! The numbers that records go by. One type each, so that a partner's number is never taken for an
//! order's.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A contact: a lead or a customer, and the person behind every partner.
    ContactId,
    /// A referral partner.
    PartnerId,
    /// A commission program.
    ProgramId,
    /// One dated version of a commission program: its rules as they were when it was saved.
    ProgramVersionId,
    /// One rule of one program version: the default, or a product's own.
    RuleId,
    /// A product.
    ProductId,
    /// A tracking link.
    LinkId,
    /// A coupon code, for as long as it is one partner's.
    CouponId,
    /// A web form.
    WebFormId,
    /// What was sent by a web form, once.
    SubmissionId,
    /// A mail to one address.
    MailId,
    /// A visitor, known by the cookie's random key.
    VisitorId,
    /// An order.
    OrderId,
    /// A line of an order.
    OrderLineId,
    /// Something that happened to an order: placed, customer payment, refund, cancelled, credited anew.
    OrderEventId,
    /// A commission row: one line × role × level, or a once-per-order amount.
    CommissionRowId,
    /// A partner's account in one currency.
    AccountId,
    /// An entry of the ledger.
    EntryId,
    /// A payment to a partner, also one of zero that only settles.
    PaymentId,
    /// A batch of payments.
    PaymentBatchId,
    /// A run: one kept showing of the Ledgers report.
    RunId,
    /// A person who signs in.
    UserId,
    /// An API key: by which another system records.
    ApiKeyId,
    /// A job: work that takes longer than a page may.
    JobId,
    /// A file that is kept for a while.
    FileId,
    /// A file that was uploaded to be imported.
    ImportId,
}
