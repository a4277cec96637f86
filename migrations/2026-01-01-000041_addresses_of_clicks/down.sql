DROP INDEX clicks_by_time;
