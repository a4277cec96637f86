DROP TABLE audit_log, server_keys, setup_links, sign_in_attempts, sessions, users;
