-- Other people's sites that are ours all the same: shops and pages that send us visits, or to which we lead.

ALTER TABLE tracking_settings ADD COLUMN sites text NOT NULL DEFAULT '' CONSTRAINT tracking_settings_sites_are_at_most_10000_characters CHECK (char_length(sites) <= 10000);
COMMENT ON COLUMN tracking_settings.sites IS 'The hosts of the company''s own sites, one a line, with a port where it is not the usual one; *.example.com = every host below example.com.';

CREATE INDEX clicks_by_page ON clicks (clicked_at) WHERE page IS NOT NULL;
COMMENT ON INDEX clicks_by_page IS 'What the script of sites has reported lately.';
