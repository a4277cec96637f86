//! What is typed about a coupon code.

use crate::domain::coupon::{MOST_CODE, is_code};
use crate::web::forms::{FormData, Problems};

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct CouponForm {
    pub code: String,
    /// The partner's code.
    pub partner: String,
}

impl CouponForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> CouponForm {
        CouponForm { code: form.get("code").into(), partner: form.get("partner").into() }
    }

    /// The coupon's code and the partner's, in lower case.
    pub fn parse(&self) -> Result<(String, String), Problems> {
        let mut problems = Problems::none();
        let code = problems.text("code", "Coupon code", &self.code, MOST_CODE);
        if !is_code(&code) {
            problems.add("code", "A coupon code has letters A to Z, digits, dashes and underscores only.");
        }
        let partner = problems.text("partner", "Referral partner", &self.partner, 200).to_ascii_lowercase();
        problems.or((code, partner))
    }
}
