//! Referral Partner Defaults: how partners are tracked and paid (spec 2), and the company's own facts.

use super::money::Currency;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Which of several candidates is credited (setting 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// The newest.
    Latest,
    /// The oldest.
    First,
}

/// Where candidates are looked for (setting 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingMethod {
    /// Only cookies.
    Cookies,
    /// Cookies first, then the contact's referrals.
    HistoryAndCookies,
}

impl Choose {
    /// The word for it in forms and the database.
    pub fn word(self) -> &'static str {
        match self {
            Choose::Latest => "latest",
            Choose::First => "first",
        }
    }

    /// The choice of that word.
    pub fn from_word(word: &str) -> Option<Choose> {
        [Choose::Latest, Choose::First].into_iter().find(|choose| choose.word() == word)
    }
}

impl TrackingMethod {
    /// The word for it in forms and the database.
    pub fn word(self) -> &'static str {
        match self {
            TrackingMethod::Cookies => "cookies",
            TrackingMethod::HistoryAndCookies => "history_and_cookies",
        }
    }

    /// The method of that word.
    pub fn from_word(word: &str) -> Option<TrackingMethod> {
        [TrackingMethod::Cookies, TrackingMethod::HistoryAndCookies]
            .into_iter()
            .find(|method| method.word() == word)
    }
}

/// Which of the two credits its partner where an order has both: the setting *When an order has a coupon
/// and a link*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CouponOrLink {
    /// A coupon that is a partner's, whatever the cookies, referrals and addresses say.
    #[default]
    Coupon,
    /// The coupon only where no cookie, referral or address speaks for a partner.
    Link,
}

impl CouponOrLink {
    /// The word for it in forms and the database.
    pub fn word(self) -> &'static str {
        match self {
            CouponOrLink::Coupon => "coupon",
            CouponOrLink::Link => "link",
        }
    }

    /// The choice of that word.
    pub fn from_word(word: &str) -> Option<CouponOrLink> {
        [CouponOrLink::Coupon, CouponOrLink::Link].into_iter().find(|choice| choice.word() == word)
    }
}

/// How an order is credited: settings 3, 4, 5, *own purchases* and *coupon or link*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingRules {
    pub choose: Choose,
    pub method: TrackingMethod,
    /// *Use IP Address*.
    pub use_ip_address: bool,
    /// *Credit partners for their own purchases*.
    pub credit_own_purchases: bool,
    /// *When an order has a coupon and a link*. Stories from before there were coupons do not say it.
    #[serde(default)]
    pub coupon: CouponOrLink,
}

/// What every commission program pays: settings 7 to 10, which hold for all programs at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutRules {
    /// How many generations are paid for one sale: 1, 2 or 3.
    pub levels: u8,
    /// Payout Type (Lead/Sale): the lead partner earns.
    pub lead: bool,
    /// Payout Type (Lead/Sale): the sale partner earns.
    pub sale: bool,
    /// Payout Type (Amount/Percent): flat amounts count.
    pub amount: bool,
    /// Payout Type (Amount/Percent): percents count.
    pub percent: bool,
    /// Use "Pay If Unused"?
    pub pay_if_unused: bool,
}

/// All of *CRM > Settings > Referral Partner Defaults*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defaults {
    /// Put before the partner's code in every generated link.
    pub code_prefix: String,
    /// Yes: no partner is mailed about orders or web forms, whatever the partner record says.
    pub skip_notifications: bool,
    pub tracking: TrackingRules,
    /// Generated links start with this address; empty = the server's own.
    pub custom_link_url: String,
    pub payout: PayoutRules,
}

/// What the rules need to know of the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub currency: Currency,
    pub zone: Tz,
}

impl Default for Defaults {
    /// The values that a new company starts with: the first of each setting in spec 2.
    fn default() -> Defaults {
        Defaults {
            code_prefix: String::new(),
            skip_notifications: false,
            tracking: TrackingRules {
                choose: Choose::Latest,
                method: TrackingMethod::Cookies,
                use_ip_address: false,
                credit_own_purchases: false,
                coupon: CouponOrLink::Coupon,
            },
            custom_link_url: String::new(),
            payout: PayoutRules {
                levels: 2,
                lead: false,
                sale: true,
                amount: false,
                percent: true,
                pay_if_unused: false,
            },
        }
    }
}
