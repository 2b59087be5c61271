"""Every route stands in a class, which decides what is refused first when there is too much to do."""

from flask import Flask

from participate.app import ROOMS
from participate.kernel.overload import (
    DECISION,
    EMERGENCY,
    EXPORT,
    LIST,
    PROBE,
    REPORT,
    SIGN_IN,
    STATUS,
    URGENCIES,
    Urgency,
)

URGENCY: dict[Urgency, set[str]] = {
    # Never refused: who runs the service must see what goes on, just then.
    PROBE: {"show_liveness", "show_readiness", "show_metrics"},
    # Without these nobody gets any further.
    SIGN_IN: {
        "request_code",
        "verify_code",
        "sign_in",
        "refresh",
        "request_address_code",
        "verify_address",
        "bind_wechat",
    },
    # What a desk does: each makes something of what lies there.
    DECISION: {
        "claim_tasks",
        "release_task",
        "decide_task",
        "unmask_author",
        "move_case",
        "move_commitment",
        "ask_for_author",
        "move_clue",
        "issue_opinion",
        "move_rectification",
        "move_unmasking",
        "move_cohandler",
        "leave",
        "come_back",
        "put_down_absence",
        "end_absence",
        "publish_rules",
        "rehearse_rules",
        "rehearse_broadcast",
        "move_statement",
        "settle_consultation",
        "plan_round",
        "open_from_cluster",
        "move_round",
        "announce",
        "move_broadcast",
        "sync_moves",
        "file_found",
        "file_assisted",
        "settle_call",
        "log_visit",
        "correct_visit",
        "save_boxes",
        "resend_delivery",
    }
    | {"change_task", "claim_task", "hand_over_task", "write_note", "see_mention", "ask_opinion", "give_opinion"}
    | {"create_webhook", "change_webhook", "remove_webhook", "rotate_secret", "ping_webhook", "replay_webhook"}
    | {"decide_many", "undo_batch", "preview_decision", "assign_task", "save_reason"},
    # What people hand in, and what they change.
    REPORT: {
        "submit",
        "submit_nameless",
        "move_by_receipt",
        "upload_photo",
        "create_upload",
        "continue_upload",
        "override_upload",
        "end_upload",
        "move_submission",
        "join_submission",
        "leave_submission",
        "follow_something",
        "add_statement",
        "vote",
        "unfollow",
        "change_me",
        "choose_channels",
        "add_device",
        "remove_device",
        "unsubscribe",
        "sign_out",
        "end_session",
    },
    # What somebody reads of their own affairs or their own desk, and one thing that they name.
    STATUS: {
        "show_me",
        "list_sessions",
        "list_own_submissions",
        "list_joined_submissions",
        "list_follows",
        "show_original_text",
        "show_counts",
        "list_colleagues",
        "list_notes",
        "list_mentions",
        "list_updates",
        "preview_words",
        "stream_updates",
        "stream_queue",
        "stream_cases",
        "show_channels",
        "show_devices",
        "show_unsubscribe",
        "list_failed_deliveries",
        "list_deliveries_of_submission",
        "list_webhooks",
        "show_webhook",
        "show_submission",
        "show_timeline",
        "show_receipt",
        "rate_by_receipt",
        "list_updates_by_receipt",
        "show_photo",
        "show_upload",
        "describe_uploads",
        "describe_upload",
        "show_original",
        "link_original",
        "look_up_place",
        "show_queue",
        "list_looks",
        "show_boxes",
        "show_task",
        "list_cases",
        "show_route",
        "show_absence",
        "list_absences",
        "show_rules",
        "show_commitment",
        "list_unmaskings",
        "list_clues",
        "show_clue",
        "show_rectification",
        "show_author",
        "list_visits",
        "show_visit",
        "list_assisted",
        "show_assisted",
        "list_calls",
        "show_call",
        "show_case",
        "show_case_timeline",
        "list_appeals",
        "list_overdue",
        "list_silent",
        "list_broadcasts",
        "show_results",
        "show_round",
        "show_signs",
        "show_broadcast",
        "list_reasons",
        "show_reason",
        "list_batches",
        "show_batch",
    },
    # What anybody reads, and can read a little later.
    LIST: {
        "list_commitments",
        "list_rectifications",
        "list_proposals",
        "list_members",
        "show_member_ledger",
        "show_unit_ledger",
        "list_statements",
        "list_rounds",
        "list_next_statements",
        "list_submissions",
        "list_nearby",
        "list_related",
        "show_thumb",
        "show_view",
        "list_schemes",
        "list_categories",
        "list_services",
        "list_units",
        "show_area",
        "list_area_children",
        "show_area_boundary",
        "show_report",
    },
    # What takes much and can wait.
    EXPORT: {"list_clusters", "show_case_figures", "show_delivery_figures", "show_figures", "show_flags"}
    | {"download_file"},
}


def _said() -> dict[str, Urgency]:
    return {view: route.urgency for room in ROOMS for view, route in room.routes.items()}


def test_every_route_is_in_the_class_that_was_agreed() -> None:
    agreed = {view: urgency.name for urgency, views in URGENCY.items() for view in views}
    assert {view: urgency.name for view, urgency in _said().items()} == agreed


def test_every_route_has_one(service: Flask) -> None:
    rooms = {room.name for room in ROOMS}
    routed = {endpoint.partition(".")[2] for endpoint in service.view_functions if endpoint.partition(".")[0] in rooms}
    assert routed == _said().keys()


def test_no_route_is_an_emergency_by_itself() -> None:
    assert EMERGENCY not in _said().values()


def test_the_more_urgent_reach_further() -> None:
    reaches = [urgency.reach for urgency in URGENCIES]
    assert reaches == sorted(reaches, reverse=True)
    assert max(reaches) == 1.0
