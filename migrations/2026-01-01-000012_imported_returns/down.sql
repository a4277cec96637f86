DROP TABLE imported_returns;
