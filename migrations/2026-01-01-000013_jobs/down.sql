DROP TABLE job_queue;
DROP TABLE jobs;
DROP TABLE file_parts;
DROP TABLE files;
