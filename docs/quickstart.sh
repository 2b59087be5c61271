#!/usr/bin/env bash
# One submission from photo to closed, over HTTP, as those who take part live it. Start `make run` first.
#   docs/quickstart.sh [PHOTO]        a photo that carries GPS; without one, a sample is drawn
set -euo pipefail
BASE=${BASE:-http://127.0.0.1:8000}
DATA=${PARTICIPATE_DATA_DIR:-./var}
BIN=${BIN:-.venv/bin}
PHOTO=${1:-}

say() { printf '\n== %s\n' "$*"; }
# pick PATH: a value out of the JSON on standard input, such as `items.0.id`.
pick() { "$BIN/python" -c 'import functools, json, sys
print(functools.reduce(lambda at, key: at[int(key) if key.isdigit() else key], sys.argv[1].split("."), json.load(sys.stdin)))' "$1"; }
call() { curl -sS --fail-with-body -H 'Accept-Language: en' "$@"; echo; }
# wait_for PATH VALUE URL TOKEN: ask until the value is there; background steps take a moment.
wait_for() {
  for _ in $(seq 100); do
    got=$(call "$3" -H "Authorization: Bearer $4" | pick "$1" 2>/dev/null || true)
    [ "$got" = "$2" ] && return 0
    sleep 0.1
  done
  echo "waited for $1 = $2, got: $got" >&2
  return 1
}
login() { # login ROLE [SCOPE]: sign in with a demo account of that role.
  local account
  account=$("$BIN/python" -c 'import json, sys
role, scope = sys.argv[2], sys.argv[3]
print(json.dumps(next({"username": a["username"], "password": a["password"]} for a in json.load(open(sys.argv[1]))
      if a["role"] == role and scope in ("", a["scope"].get("area")))))' "$DATA/demo-accounts.json" "$1" "${2:-}")
  call "$BASE/v1/auth/login" -H 'Content-Type: application/json' -d "$account" | pick access_token
}

if [ -z "$PHOTO" ]; then
  PHOTO=$(mktemp -d)/sample.jpg
  "$BIN/participate" sample-photo "$PHOTO"
fi

say "1. A resident signs in with a one-time code (the demo shows it)"
CHALLENGE=$(call "$BASE/v1/auth/otp" -H 'Content-Type: application/json' -d '{"phone": "+8613800000001"}')
RESIDENT=$(call "$BASE/v1/auth/otp/verify" -H 'Content-Type: application/json' \
  -d "{\"challenge_id\": \"$(pick challenge_id <<<"$CHALLENGE")\", \"code\": \"$(pick demo_code <<<"$CHALLENGE")\"}" | pick access_token)

say "2. They hand in a photo; its GPS says where"
SUBMISSION=$(call "$BASE/v1/submissions" -H "Authorization: Bearer $RESIDENT" -H "Idempotency-Key: $(date +%s%N)" \
  -F 'submission={"kind": "snap_report", "title": "Pothole", "body": "A deep hole in the pavement, hard to see at night."};type=application/json' \
  -F "photos=@$PHOTO;type=image/jpeg")
ID=$(pick id <<<"$SUBMISSION")
echo "reference $(pick reference <<<"$SUBMISSION"), state $(pick state <<<"$SUBMISSION")"
wait_for state in_moderation "$BASE/v1/submissions/$ID" "$RESIDENT"
CELL=$(call "$BASE/v1/submissions/$ID" -H "Authorization: Bearer $RESIDENT" | pick place.cell)
echo "in moderation, grid cell $CELL"

say "3. A moderator accepts it"
MODERATOR=$(login moderator)
for _ in $(seq 100); do
  TASK=$(call "$BASE/v1/moderation/queue?limit=100" -H "Authorization: Bearer $MODERATOR" | "$BIN/python" -c 'import json, sys
print(next((t["id"] for t in json.load(sys.stdin)["items"] if t["submission_id"] == sys.argv[1]), ""))' "$ID")
  [ -n "$TASK" ] && break
  sleep 0.1
done
call "$BASE/v1/moderation/tasks/$TASK/decision" -H "Authorization: Bearer $MODERATOR" -H 'Content-Type: application/json' \
  -d '{"decision": "accept"}' | pick decision
wait_for state assigned "$BASE/v1/submissions/$ID" "$RESIDENT"

say "4. The officer of that cell takes it on, works, and shows the result"
OFFICER=$(login grid_officer "$CELL")
CASE=$(call "$BASE/v1/cases?view=mine&limit=100" -H "Authorization: Bearer $OFFICER" | "$BIN/python" -c 'import json, sys
print(next(c["id"] for c in json.load(sys.stdin)["items"] if c["submission_id"] == sys.argv[1]))' "$ID")
move() { # move TOKEN BODY: a move on the case.
  call "$BASE/v1/cases/$CASE/moves" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d "$2" | pick state
}
move "$OFFICER" '{"move": "accept"}'
move "$OFFICER" '{"move": "start"}'
AFTER=$(call "$BASE/v1/photos" -H "Authorization: Bearer $OFFICER" -F "file=@$PHOTO;type=image/jpeg" | pick id)
move "$OFFICER" "{\"move\": \"resolve\", \"note\": \"The hole is filled and rolled flat.\", \"photo_ids\": [\"$AFTER\"]}"

say "5. Someone else verifies it"
move "$(login supervisor)" '{"move": "verify", "note": "Seen on site."}'

say "6. The resident rates it, and it is closed"
call "$BASE/v1/submissions/$ID/moves" -H "Authorization: Bearer $RESIDENT" -H 'Content-Type: application/json' \
  -d '{"move": "rate", "resolved": true, "satisfaction": 5, "comment": "Quick!"}' | pick state

say "7. What the resident has heard"
for _ in $(seq 100); do
  UPDATES=$(call "$BASE/v1/me/updates?limit=100" -H "Authorization: Bearer $RESIDENT" | "$BIN/python" -c 'import json, sys
items = [u for u in json.load(sys.stdin)["items"] if u["submission_id"] == sys.argv[1]]
print("\n".join(u["fact"].ljust(10) + u["text"] for u in items))' "$ID")
  grep -q '^close' <<<"$UPDATES" && break
  sleep 0.1
done
echo "$UPDATES"
grep -q '^close' <<<"$UPDATES"
