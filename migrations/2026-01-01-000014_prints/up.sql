-- What printed ledgers need beside the book.

CREATE TABLE company_logo (
    id         smallint CONSTRAINT company_logo_pkey PRIMARY KEY DEFAULT 1 CONSTRAINT company_logo_is_one CHECK (id = 1),
    media_type text     NOT NULL CONSTRAINT company_logo_is_png_or_jpeg CHECK (media_type IN ('image/png', 'image/jpeg')),
    bytes      bytea    NOT NULL CONSTRAINT company_logo_is_1_byte_to_2_megabytes CHECK (octet_length(bytes) BETWEEN 1 AND 2000000),
    width      integer  NOT NULL CONSTRAINT company_logo_width_is_1_to_10000 CHECK (width BETWEEN 1 AND 10000),
    height     integer  NOT NULL CONSTRAINT company_logo_height_is_1_to_10000 CHECK (height BETWEEN 1 AND 10000),
    version    integer  NOT NULL DEFAULT 1
);
COMMENT ON TABLE company_logo IS 'The company''s logo, as it stands on printed ledgers. One row, or none.';
COMMENT ON COLUMN company_logo.id IS 'Always 1.';
COMMENT ON COLUMN company_logo.media_type IS 'image/png or image/jpeg.';
COMMENT ON COLUMN company_logo.bytes IS 'The file as it was uploaded.';
COMMENT ON COLUMN company_logo.width IS 'In points of the picture.';
COMMENT ON COLUMN company_logo.height IS 'In points of the picture.';
COMMENT ON COLUMN company_logo.version IS 'Counts uploads, so that browsers ask for the newest.';
