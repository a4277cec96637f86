DROP TABLE referrals, clicks, visitors;
DROP SEQUENCE touches_recorded;
