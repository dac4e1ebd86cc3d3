-- What a rollback needs: to find the corrections of a run, and never to take one back twice.

CREATE UNIQUE INDEX metadata_corrections_undone_once ON metadata_corrections (user_id, undoes_id)
    WHERE undoes_id IS NOT NULL;
CREATE INDEX metadata_corrections_by_run ON metadata_corrections (user_id, run_id, book_id);
