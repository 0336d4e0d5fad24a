-- Once, as superuser. No page waits for ever for a lock or a statement; preparing, backups and restores set their own.
ALTER ROLE zhikao SET lock_timeout = '10s';
ALTER ROLE zhikao SET statement_timeout = '60s';
