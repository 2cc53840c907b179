// The catalogue: contacts, member_details.
#include "mailchimp/catalogue.hpp"

namespace chimplift {

std::span<const Stream> contact_streams() {
  static const std::vector<Stream> streams = {
      {.table = "audience_contacts",
       .step = "contacts",
       .path = "/audiences/{audience_id}/contacts",
       .items = "contacts",
       .key = "audience_id id",
       .paging = Paging::cursor,
       .columns = "id:text contact_id:text audience_id:text status:text created_at:timestamp updated_at:timestamp "
                  "language:text email_channel:json sms_channel:json merge_fields:json tags:json",
       .about = "Contacts of every kind, and the only place of those that have a telephone number and no e-mail "
                "address.",
       .parent = "lists",
       .parent_field = "id",
       .total = Total::absent,
       .is_read_twice = true,
       .personal_data = true},
      {.table = "member_tags",
       .step = "member_details",
       .path = "/lists/{list_id}/members/{member_id}/tags",
       .items = "tags",
       .key = "list_id member_id id",
       .paging = Paging::offset,
       .columns = "id:integer name:text date_added:timestamp",
       // The tags in a member's record are at most 50 and have no date_added: each contact's own list is asked for.
       .about = "Tags of each contact, and when each was given.",
       .parent = "list_members",
       .parent_field = "id",
       .unless_zero = "tags_count",
       .seen_in = "tags",
       .personal_data = true},
      {.table = "member_notes",
       .step = "member_details",
       .path = "/lists/{list_id}/members/{member_id}/notes",
       .items = "notes",
       .key = "list_id member_id id",
       .paging = Paging::offset,
       .columns = "id:integer created_at:timestamp created_by:text updated_at:timestamp note:text list_id:text "
                  "email_id:text contact_id:text",
       .about = "Notes about each contact. Mailchimp's documentation calls them the last 10, although they come in pages.",
       .parent = "list_members",
       .parent_field = "id",
       .personal_data = true},
      {.table = "member_events",
       .step = "member_details",
       .path = "/lists/{list_id}/members/{member_id}/events",
       .items = "events",
       .key = "list_id member_id row_hash",
       .paging = Paging::offset,
       .columns = "occurred_at:timestamp name:text properties:json row_hash:text",
       .about = "Events that the brand's own software reported about each contact.",
       .parent = "list_members",
       .parent_field = "id",
       .personal_data = true},
      {.table = "member_goals",
       .step = "member_details",
       .path = "/lists/{list_id}/members/{member_id}/goals",
       .items = "goals",
       .key = "list_id member_id goal_id",
       .paging = Paging::undocumented,
       .columns = "goal_id:integer event:text last_visited_at:timestamp data:text",
       .about = "The last 50 goals of each contact.",
       .parent = "list_members",
       .parent_field = "id",
       .personal_data = true},
      {.table = "member_activity",
       .step = "member_details",
       .path = "/lists/{list_id}/members/{member_id}/activity-feed",
       .items = "activity",
       .key = "list_id member_id row_hash",
       .paging = Paging::offset,
       // The fields of all 21 kinds of activity: no name has two types among them. An order's items and an event's properties are arrays.
       .columns = "activity_type:text created_at_timestamp:timestamp updated_at_timestamp:timestamp id:text campaign_id:text "
                  "campaign_title:text link_clicked:text bounce_type:text bounce_has_open_activity:boolean "
                  "is_admin_unsubscribed:boolean unsubscribe_reason:text thread_id:text message_text:text created_by:text "
                  "is_user:boolean has_read:boolean from_email:text avatar_url:text note_id:text note_text:text "
                  "marketing_permission_text:text marketing_permission_opted_in:boolean updated_by:text outreach_id:text "
                  "outreach_type:text outreach_title:text store_name:text signup_category:text order_id:text order_total:text "
                  "order_items:json order_url:text integration_platform:text event_name:text event_properties:json "
                  "survey_id:text survey_title:text thread_subject:text thread_url:text thread_direction:text "
                  "thread_author:text qbo_payment_external_id:text scheduled_meeting_start_timestamp:timestamp "
                  "expire_at_timestamp:timestamp row_hash:text",
       .about = "What each contact did and what was done: opens, clicks, bounces, sign-ups, notes, conversations, events, orders.",
       .parent = "list_members",
       .parent_field = "id",
       .total = Total::absent,
       .linked = {"order_items"},
       .personal_data = true},
  };
  return streams;
}

}  // namespace chimplift
