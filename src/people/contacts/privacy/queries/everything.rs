//! Everything that is kept about a person, as JSON with names in plain English. Instants carry their zone;
//! amounts are in the currency's units.

use crate::domain::ids::ContactId;
use crate::error::AppError;
use crate::running::settings;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Timestamptz};

/// The whole file: what it is, and its parts in the order in which people ask for them.
pub fn everything(conn: &mut PgConnection, id: ContactId, now: DateTime<Utc>) -> Result<String, AppError> {
    #[derive(QueryableByName)]
    struct File {
        #[diesel(sql_type = Text)]
        json: String,
    }
    let currency = settings::place(conn)?.currency;
    // One of the smallest unit, so that an exact product and no division makes amounts of it.
    let unit = crate::domain::money::Money::from_minor(1).plain(currency);
    let file: File = sql_query(format!(
        "SELECT json_build_object(
            'about', 'Everything that is kept about this person. Amounts are in the currency named; times carry their zone.',
            'exported at', $2, 'currency', $4, 'contact', {CONTACT}, 'browsers', {BROWSERS},
            'clicks', {CLICKS}, 'clicks that could not be worked in', {SET_ASIDE}, 'forms', {FORMS}, 'mails', {MAILS}, 'referrals', {REFERRALS}, 'orders', {ORDERS}, 'partner', {PARTNER},
            'changes of the record', {CHANGES})::text AS json"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(unit)
    .bind::<Text, _>(currency.code())
    .get_result(conn)?;
    Ok(file.json)
}

const CONTACT: &str = "(
    SELECT json_build_object('number', id, 'customer number', external_id, 'name', name, 'e-mail', email,
        'address', address_line1, 'address, second line', address_line2, 'city', city, 'state', state,
        'postal code', postal_code, 'country', country, 'wants e-mail', opted_in, 'known since', created_at,
        'erased at', erased_at)
      FROM contacts WHERE id = $1)";

const BROWSERS: &str = "(
    SELECT coalesce(json_agg(json_build_object('visitor', id, 'key in the cookie', key, 'first seen', created_at) ORDER BY id), '[]')
      FROM visitors WHERE contact_id = $1)";

/// Those that are its referrals, and those of its browsers that are nobody else's.
const CLICKS: &str = "(
    SELECT coalesce(json_agg(json_build_object('clicked at', c.clicked_at, 'visitor', c.visitor_id, 'link', l.name,
        'partner', person.name, 'partner code', p.code, 'counts until', c.expires_at, 'ip address', c.address,
        'browser', c.user_agent, 'came from', c.referrer, 'query', c.query, 'page', c.page, 'campaign source', c.utm_source,
        'campaign medium', c.utm_medium, 'campaign name', c.utm_campaign, 'campaign term', c.utm_term,
        'campaign content', c.utm_content) ORDER BY c.clicked_at, c.recorded), '[]')
      FROM clicks c JOIN partners p ON p.id = c.partner_id JOIN contacts person ON person.id = p.contact_id
      LEFT JOIN tracking_links l ON l.id = c.link_id
     WHERE c.id IN (SELECT click_id FROM referrals WHERE contact_id = $1
                    UNION
                    SELECT k.id FROM visitors v JOIN clicks k ON k.visitor_id = v.id LEFT JOIN referrals r ON r.click_id = k.id
                     WHERE v.contact_id = $1 AND (r.contact_id IS NULL OR r.contact_id = $1)))";

/// Those of its browsers, as they were written down.
const SET_ASIDE: &str = "(
    SELECT coalesce(json_agg(json_build_object('written down', visits, 'set aside at', set_aside_at) ORDER BY recorded), '[]')
      FROM visits_set_aside a
     WHERE contact_id = $1 OR EXISTS (SELECT FROM visitors v WHERE v.contact_id = $1 AND strpos(a.visits, to_json(v.key)::text) > 0))";

const FORMS: &str = "(
    SELECT coalesce(json_agg(json_build_object('form', f.name, 'sent at', s.sent_at, 'visitor', s.visitor_id, 'ip address', s.address,
        'answers', s.answers) ORDER BY s.sent_at, s.id), '[]')
      FROM form_submissions s JOIN web_forms f ON f.id = s.form_id WHERE s.contact_id = $1)";

/// Those that tell of it, go to it, or are answered to it.
const MAILS: &str = "(
    SELECT coalesce(json_agg(json_build_object('to', recipient, 'answered to', reply_to, 'subject', subject, 'text', body,
        'written at', made_at, 'sent at', sent_at) ORDER BY id), '[]')
      FROM mails WHERE submission_id IN (SELECT id FROM form_submissions WHERE contact_id = $1)
         OR (SELECT lower(email) FROM contacts WHERE id = $1) IN (lower(recipient), lower(reply_to)))";

const REFERRALS: &str = "(
    SELECT coalesce(json_agg(json_build_object('kind', r.kind, 'partner', person.name, 'partner code', p.code,
        'referred at', r.referred_at, 'counts until', r.expires_at, 'recorded at', r.created_at) ORDER BY r.referred_at, r.recorded), '[]')
      FROM referrals r JOIN partners p ON p.id = r.partner_id JOIN contacts person ON person.id = p.contact_id
     WHERE r.contact_id = $1)";

/// Each with its lines, what happened to it, and who was credited.
const ORDERS: &str = "(
    SELECT coalesce(json_agg(json_build_object('number', o.number, 'ordered at', o.ordered_at, 'recorded at', o.recorded_at,
        'came in by', o.source, 'currency', o.currency, 'shipping', o.shipping_minor * $3::numeric, 'tax', o.tax_minor * $3::numeric,
        'total', o.total, 'paid with the order', o.paid_in_full, 'visitor', o.visitor_id, 'ip address', o.address,
        'lines', (SELECT json_agg(json_build_object('product', pr.name, 'product code', pr.code, 'description', i.description,
                        'quantity', i.quantity, 'price', i.unit_price, 'discount', i.discount_minor * $3::numeric, 'amount', i.base)
                        ORDER BY i.number)
                    FROM order_lines i JOIN products pr ON pr.id = i.product_id WHERE i.order_id = o.id),
        'what happened', (SELECT json_agg(json_build_object('what', replace(e.kind, '_', ' '), 'happened at', e.happened_at,
                        'amount', e.amount_minor * $3::numeric, 'reference', e.reference, 'note', e.reason,
                        'returned', (SELECT json_agg(json_build_object('line', i.number, 'quantity', b.quantity) ORDER BY i.number)
                                       FROM returned_lines b JOIN order_lines i ON i.id = b.order_line_id WHERE b.order_event_id = e.id))
                        ORDER BY e.id)
                    FROM order_events e WHERE e.order_id = o.id),
        'credited', (SELECT json_agg(json_build_object('by', replace(k.step, '_', ' '), 'lead partner', lc.name, 'sale partner', sc.name)
                        ORDER BY k.number)
                    FROM order_credits k
                    LEFT JOIN partners lp ON lp.id = k.lead_partner_id LEFT JOIN contacts lc ON lc.id = lp.contact_id
                    LEFT JOIN partners sp ON sp.id = k.sale_partner_id LEFT JOIN contacts sc ON sc.id = sp.contact_id
                   WHERE k.order_id = o.id)) ORDER BY o.ordered_at, o.id), '[]')
      FROM orders o WHERE o.contact_id = $1)";

/// The partner that it is, with its ledger; null for who is none.
const PARTNER: &str = "(
    SELECT json_build_object('partner id', p.id, 'code', p.code, 'status', p.status, 'parent code', q.code,
        'tracks leads for days', p.track_leads_days, 'is mailed about leads', p.notify_on_lead, 'is mailed about sales', p.notify_on_sale,
        'partner since', p.created_at,
        'all codes', (SELECT json_agg(code ORDER BY code) FROM partner_codes WHERE partner_id = p.id),
        'programs', (SELECT json_agg(g.name ORDER BY g.id) FROM enrolments n JOIN programs g ON g.id = n.program_id WHERE n.partner_id = p.id),
        'coupon codes', (SELECT json_agg(json_build_object('code', k.code, 'since', k.added_at, 'until', k.ended_at) ORDER BY k.id) FROM coupon_codes k WHERE k.partner_id = p.id),
        'tags', (SELECT json_agg(t.name ORDER BY t.id) FROM partner_tags x JOIN tags t ON t.id = x.tag_id WHERE x.partner_id = p.id),
        'notes', (SELECT json_agg(json_build_object('written at', made_at, 'note', note) ORDER BY id) FROM partner_notes WHERE partner_id = p.id),
        'ledger', (SELECT json_agg(json_build_object('number', e.number, 'kind', e.kind, 'date', e.dated_on, 'amount', e.amount_minor * $3::numeric,
                        'recorded at', e.recorded_at) ORDER BY e.number)
                     FROM accounts a JOIN entries e ON e.account_id = a.id WHERE a.partner_id = p.id),
        'payments', (SELECT json_agg(json_build_object('paid on', y.paid_on, 'by', y.pay_type, 'amount', y.amount_minor * $3::numeric,
                        'note', y.note, 'reference', y.reference, 'voided on', v.voided_on) ORDER BY y.id)
                       FROM accounts a JOIN payments y ON y.account_id = a.id LEFT JOIN voids v ON v.payment_id = y.id
                      WHERE a.partner_id = p.id))
      FROM partners p LEFT JOIN partners q ON q.id = p.parent_id WHERE p.contact_id = $1)";

/// Who changed what about it, when.
const CHANGES: &str = "(
    SELECT coalesce(json_agg(json_build_object('when', log.written_at, 'what', log.action, 'details', log.details) ORDER BY log.id), '[]')
      FROM audit_log log WHERE log.subject_kind = 'contact' AND log.subject_id = $1)";
