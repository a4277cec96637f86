-- The addresses of old clicks are found without reading all clicks. They come in the order of time, so a
-- summary of the table's blocks is enough and costs a click nothing.

CREATE INDEX clicks_by_time ON clicks USING brin (clicked_at) WITH (pages_per_range = 16);
