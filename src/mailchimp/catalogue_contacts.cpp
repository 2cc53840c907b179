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
       .personal_data = true},
      {.table = "member_tags",
       .step = "member_details",
       .path = "/lists/{list_id}/members/{member_id}/tags",
       .items = "tags",
       .key = "list_id member_id id",
       .paging = Paging::offset,
       .columns = "id:integer name:text date_added:timestamp",
       .about = "Tags of each contact. date_added is there for contacts with more than 50 tags; of the others the tags "
                "stand in the list of members, without it.",
       .parent = "list_members",
       .parent_field = "id",
       .embedded = "tags",
       .embedded_count = "tags_count",
       .personal_data = true},
      {.table = "member_notes",
       .step = "member_details",
       .path = "/lists/{list_id}/members/{member_id}/notes",
       .items = "notes",
       .key = "list_id member_id id",
       .paging = Paging::offset,
       .columns = "id:integer created_at:timestamp created_by:text updated_at:timestamp note:text list_id:text "
                  "email_id:text contact_id:text",
       .about = "Notes about each contact.",
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
       .columns = "activity_type:text created_at_timestamp:timestamp campaign_id:text campaign_title:text "
                  "link_clicked:text row_hash:text",
       .about = "What each contact did: opens, clicks, sign-ups, orders.",
       .parent = "list_members",
       .parent_field = "id",
       .total = Total::absent,
       .personal_data = true},
  };
  return streams;
}

}  // namespace chimplift
