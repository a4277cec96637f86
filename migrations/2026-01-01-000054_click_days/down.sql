DROP FUNCTION keep_click_days_of, keep_click_days, mark_click_days;
DROP TABLE click_days_mark, visitor_days, click_days;
