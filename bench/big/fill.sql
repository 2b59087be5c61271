-- From drafts to all the rows that hang on them, the most work first. Parts between blank lines may run side by side.

INSERT INTO timeline_entries (id, thread_id, subject_type, subject_id, version, at, move, source, target, actor_role,
    note, data, shown_to, note_to)
SELECT part(d.id, step.n), d.id, 'submission', d.id, step.n, at + interval '9 hours' * (step.n - 1), step.move,
    step.source, step.target, step.role, step.note, '{}', step.shown_to, 'author'
FROM draft d JOIN walk ON walk.state = d.state JOIN step ON step.walk = walk.name AND step.n <= walk.steps
ORDER BY d.id, step.n

INSERT INTO submissions (id, reference, receipt, kind, state, version, author_id, anonymous, title, body, details,
    category, stated, place_source, lat, lon, area, cell, boundary_version, edge_m, unit, public, appeals, reopenings,
    due_at, created_at, updated_at, handled_at, tile, joined)
SELECT d.id, reference, receipt, kind, d.state, walk.steps, author.id, anonymous, title, body, '{}',
    category, jsonb_build_object('lat', lat, 'lon', lon, 'crs', 'wgs84', 'accuracy_m', 12.0, 'address', '解放路'),
    'given', lat, lon, cell, cell, 1, 50.0, d.unit,
    walk.handled AND kind NOT IN ('micro_supervision', 'micro_service'), 0, 0,
    CASE WHEN walk.open THEN at + interval '1 hour' * due_hours END,
    at, least(at + interval '9 hours' * walk.steps, now()), CASE WHEN walk.handled THEN at + interval '1 day' END,
    CASE WHEN walk.steps > 1 THEN tile END, CASE WHEN number % 10 = 0 AND walk.handled AND author.n > 0 THEN 1 ELSE 0 END
FROM (SELECT * FROM draft ORDER BY number) d
    JOIN walk ON walk.state = d.state JOIN author ON author.n = d.author JOIN wording ON wording.n = d.text

INSERT INTO submission_joins (submission_id, account_id, at)
SELECT d.id, measured.id, at
FROM draft d JOIN walk ON walk.state = d.state JOIN author measured ON measured.n = 0
WHERE number % 10 = 0 AND walk.handled AND d.author > 0
ORDER BY d.id

INSERT INTO feed_entries (id, account_id, number, fact_id, at, submission_id, move, words, following, values, due_at)
SELECT part(d.id, 16 + step.n), author.id, row_number() OVER (PARTITION BY author.id ORDER BY d.id, step.n),
    part(d.id, 32 + step.n), at + interval '9 hours' * (step.n - 1), d.id, step.move,
    'step.submission.' || step.move, NULL, jsonb_build_object('reference', reference, 'title', ''), NULL
FROM draft d JOIN author ON author.n = d.author JOIN walk ON walk.state = d.state
    JOIN step ON step.walk = walk.name AND step.n <= walk.steps
WHERE step.n IN (1, 3, 8);
INSERT INTO feeds (account_id, last)
SELECT account_id, max(number) FROM feed_entries GROUP BY account_id

INSERT INTO deliveries (id, account_id, fact_id, channel, number, submission_id, move, concern, priority, urgent, state,
    attempts, next_at, due_at, at, sent_at, error, carries, area)
SELECT part(d.id, 7), author.id, part(d.id, 32 + 1), 'email', NULL, d.id, 'submit', 'own', 1, false,
    CASE WHEN number % 5 = 0 THEN 'dead' ELSE 'sent' END, 1, at, at, at, CASE WHEN number % 5 > 0 THEN at END,
    CASE WHEN number % 5 = 0 THEN 'recipient_550' END, 0, CASE WHEN number % 5 = 0 THEN cell END
FROM draft d JOIN author ON author.n = d.author
ORDER BY d.id

INSERT INTO cases (id, reference, submission_id, kind, title, category, state, version, open, level, area, cell,
    assignee, unit, due_at, opened_at, updated_at)
SELECT part(d.id, 4), reference, d.id, kind, title, category, walk.case_state, 3, walk.open, level,
    left(cell, CASE level WHEN 1 THEN 12 WHEN 2 THEN 9 WHEN 3 THEN 6 ELSE 4 END), cell,
    CASE WHEN walk.case_state <> 'filed' AND d.unit IS NULL THEN d.officer END,
    CASE WHEN walk.case_state <> 'filed' THEN d.unit END, at + interval '1 hour' * due_hours, at, at
FROM draft d JOIN walk ON walk.state = d.state JOIN wording ON wording.n = d.text
WHERE walk.case_state IS NOT NULL
ORDER BY d.id

INSERT INTO commitments (id, case_id, submission_id, reference, title, text, state, version, open, public, area,
    handling_area, assignee, unit, promised_at, first_due_at, due_at, postponed)
SELECT part(d.id, 5), part(d.id, 4), d.id, reference, title, '计划于明年三月前增设，由市政养护处负责。',
    CASE WHEN d.number % 20 = 0 THEN 'kept' ELSE 'promised' END, 1, d.number % 20 <> 0,
    kind NOT IN ('micro_service', 'micro_supervision'), cell,
    left(cell, CASE level WHEN 1 THEN 12 WHEN 2 THEN 9 WHEN 3 THEN 6 ELSE 4 END), CASE WHEN d.unit IS NULL THEN d.officer END,
    d.unit, at, at + interval '200 days', at + interval '200 days', 0
FROM draft d JOIN walk ON walk.state = d.state JOIN wording ON wording.n = d.text
WHERE walk.case_state IN ('verified', 'closed') AND d.number % 10 = 0
ORDER BY d.id

INSERT INTO visits (id, officer, cell, kind, topics, text, follow_up, visited_at, created_at, updated_at, version, earlier)
SELECT part(d.id, 6), d.officer, cell, 'household', '["facilities"]', '楼道灯已报修，住户无其他诉求。', false, at, at, at, 1, '[]'
FROM draft d
WHERE d.officer IS NOT NULL
ORDER BY d.id

INSERT INTO submission_search (rowid, bigrams, area)
SELECT number, bigrams, cell FROM (SELECT * FROM draft ORDER BY number) d JOIN wording ON wording.n = d.text

INSERT INTO moderation_tasks (id, submission_id, fact_id, kind, title, area, author_id, flags, flag_codes, rank, due_at,
    state, version, decided_by, decided_at, decision)
SELECT part(d.id, 2), d.id, part(d.id, 3), kind, title, cell, author.id,
    CASE WHEN d.text % 20 = 0 THEN '[{"code": "word", "why": "moderation.flag.word"}]'::jsonb ELSE '[]' END,
    CASE WHEN d.text % 20 = 0 THEN ' word ' ELSE ' ' END,
    CASE WHEN at < now() - interval '1 day' THEN 0 ELSE 1 END, at + interval '1 day',
    CASE d.state WHEN 'in_moderation' THEN 'waiting' WHEN 'withdrawn' THEN 'dropped' ELSE 'decided' END, 1,
    CASE WHEN walk.decision IS NOT NULL THEN author.id END,
    CASE WHEN walk.decision IS NOT NULL THEN at + interval '9 hours' END, walk.decision
FROM draft d JOIN walk ON walk.state = d.state JOIN author ON author.n = d.author JOIN wording ON wording.n = d.text
WHERE walk.steps > 1
ORDER BY d.id

INSERT INTO submission_texts (number, submission_id, text)
SELECT number, d.id, normal FROM (SELECT * FROM draft ORDER BY number) d JOIN wording ON wording.n = d.text

INSERT INTO photos (id, owner_id, subject_id, purpose, state, sha256, size, width, height, media_type, taken_at, lat,
    lon, created_at)
SELECT part(d.id, 1), author.id, d.id, 'report', 'ready', md5(receipt) || md5(reference), 3500000, 4000, 3000,
    'image/jpeg', at, lat, lon, at
FROM draft d JOIN author ON author.n = d.author
WHERE kind = 'snap_report'

INSERT INTO deadlines (id, subject_type, subject_id, duty, clock, started_at, due_at, settled_at, fired_at)
SELECT part(d.id, 5), 'submission', d.id, 'rate', 'calendar_day', at, at + interval '1 hour' * due_hours,
    CASE WHEN NOT walk.open THEN at + interval '1 hour' END, NULL
FROM draft d JOIN walk ON walk.state = d.state
ORDER BY d.id

INSERT INTO audit_entries (id, at, actor_id, action, subject_type, subject_id, reason, details, position, seal)
SELECT part(d.id, 6), at + interval '9 hours', NULL, 'submission.unmasked', 'submission', d.id::text, '核实',
    '{}', row_number() OVER (ORDER BY d.id), md5(receipt) || md5(reference)
FROM draft d
WHERE anonymous
