//! A small file of each kind, to see how one is written: together they make a little shop, in the
//! order of [`Kind::ALL`].

use super::Kind;

const PRODUCTS: &str = "\
code,name,commissionable
KETTLE-1,Drip Kettle,yes
BEANS-250,House Blend 250 g,yes
GIFT-50,Gift Card,no
";

const PROGRAMS: &str = "\
program,priority,payout_type,amount_per,product_code,level,sale_percent,sale_amount
Sample program,1,up_front,unit,,1,10,
Sample program,1,up_front,unit,,2,3,
Sample program,1,up_front,unit,KETTLE-1,1,,5.00
";

const PARTNERS: &str = "\
code,name,email,parent_code,status,program,track_leads_days,notify_on_sale,address_line1,city,state,postal_code,country
sample-joe,Joe Marchetti,joe@example.com,,active,Sample program,90,yes,12 Mill Lane,Portland,OR,97201,United States
sample-sam,Samantha Whitlock,sam@example.com,sample-joe,active,Sample program,90,yes,4 Harbour Street,Portland,ME,04101,United States
";

const REFERRALS: &str = "\
contact_external_id,email,partner_code,referred_at,type,expires_at
C-1001,mara@example.com,sample-sam,2026-01-05 09:30,manual,
C-1002,,sample-joe,2026-01-06 14:00,permanent,
";

const ORDERS: &str = "\
order_number,ordered_at,contact_external_id,email,first_name,last_name,country,product_code,description,quantity,unit_price,discount,shipping,partner_code,returns_order
S-10001,2026-01-07 10:15,C-1001,mara@example.com,Mara,Ibsen,Norway,KETTLE-1,Drip Kettle,1,49.00,,6.50,,
S-10001,2026-01-07 10:15,C-1001,mara@example.com,Mara,Ibsen,Norway,BEANS-250,House Blend 250 g,2,12.00,2.00,,,
S-10002,2026-01-09 16:40,C-1002,,Theo,Grant,Canada,BEANS-250,House Blend 250 g,4,12.00,,,sample-sam,
S-10003,2026-01-20 11:05,C-1001,mara@example.com,Mara,Ibsen,Norway,BEANS-250,House Blend 250 g,-1,12.00,,,,S-10001
";

const ENTRIES: &str = "\
partner_code,date,kind,amount,reference,note
sample-joe,2025-12-31,opening,120.00,OLD-1,Balance from the old system
sample-sam,2025-12-31,opening,-15.50,OLD-2,Paid too much in the old system
";

impl Kind {
    /// A small file of this kind.
    pub fn sample(self) -> &'static str {
        match self {
            Kind::Partners => PARTNERS,
            Kind::Referrals => REFERRALS,
            Kind::Products => PRODUCTS,
            Kind::Programs => PROGRAMS,
            Kind::Orders => ORDERS,
            Kind::Entries => ENTRIES,
        }
    }
}
