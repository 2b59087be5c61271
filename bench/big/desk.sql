-- From drafts of what waits to all the rows that the desk reads. Parts between blank lines may run side by side.

INSERT INTO submissions (id, reference, receipt, kind, state, version, author_id, anonymous, title, body, details,
    category, place_source, area, cell, public, appeals, reopenings, created_at, updated_at)
SELECT d.id, lpad(number::text, 11, '0'), lpad(number::text, 32, '0'), kind, 'in_moderation', 2, author.id, false,
    title, body, '{}', category, 'given', cell, cell, false, 0, 0, at, at
FROM waiting d JOIN author ON author.n = d.author JOIN wording ON wording.n = d.text

INSERT INTO submission_texts (number, submission_id, text)
SELECT number, d.id, normal FROM waiting d JOIN wording ON wording.n = d.text

INSERT INTO moderation_tasks (id, submission_id, fact_id, kind, category, title, area, author_id, flags, flag_codes, rank,
    opened_at, due_at, warned, state, version, proposed_by, proposal)
SELECT part(d.id, 2), d.id, part(d.id, 3), kind, category, title, cell, author.id,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'why', 'flag.no_area', 'values', '{}'::jsonb)), '[]')
        FROM unnest(codes) AS f (code)),
    ' ', rank, at, due_at, CASE WHEN due_at < now() THEN 100 ELSE 0 END, 'waiting', 1,
    CASE WHEN number <= 10 THEN author.id END, CASE WHEN number <= 10 THEN '{"decision": "reject"}'::jsonb END
FROM waiting d JOIN author ON author.n = d.author JOIN wording ON wording.n = d.text;
UPDATE moderation_tasks SET claimed_by = whose, claimed_at = now(), lease_until = now() + interval '1 day'
FROM (SELECT w.id AS about, me.id AS whose, length(me.area) * 5 - 20 AS before,
        row_number() OVER (PARTITION BY me.id ORDER BY number DESC) AS n
    FROM waiting w JOIN me ON left(w.cell, length(me.area)) = me.area) AS mine
WHERE n > before AND n <= before + 10 AND moderation_tasks.id = part(about, 2);
INSERT INTO moderation_opinions (id, task_id, asked_by, asked_of, question, asked_at)
SELECT part(id, 7), id, author_id, claimed_by, '？', now() FROM moderation_tasks WHERE claimed_by IS NOT NULL

INSERT INTO moderation_flags (task_id, code, why, values, waits, rank, due_at)
SELECT part(d.id, 2), code, 'flag.no_area', '{}', true, rank, due_at FROM waiting d, unnest(codes) AS f (code)

INSERT INTO moderation_waiting (task_id, position, marks, bigrams)
SELECT part(d.id, 2),
    (rank::bigint << 62) | (((extract(epoch FROM due_at) - {epoch}) * 1000000)::bigint >> 5 << 16)
        | (65535 - least(greatest((floor(extract(epoch FROM due_at))::bigint - floor(extract(epoch FROM at))::bigint) >> 7,
            0), 65535)),
    CASE WHEN cell IS NULL THEN ARRAY['-'] ELSE
        ARRAY(SELECT left(cell, length) FROM unnest(ARRAY[2, 4, 6, 9, 12, 15]) AS a (length)) END
        || ('k:' || kind) || ('c:' || coalesce(category, ''))
        || ARRAY(SELECT 'f:' || code FROM unnest(codes) AS f (code) ORDER BY 1),
    bigrams
FROM waiting d JOIN wording ON wording.n = d.text
