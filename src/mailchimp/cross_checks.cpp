// What is `exact` or `at_least` here makes an account "not safe" where it fails, so it is only what Mailchimp's documentation (OpenAPI file
// 3.0.55) says in so many words. What is `owed` becomes an exception, since no further run would bring it. All else is `about`: it shows
// where to look, and judges nobody.
#include "mailchimp/cross_checks.hpp"

#include <vector>

namespace chimplift {
namespace {

using enum CrossCheck::Relation;

// Fivetran's documentation of its Mailchimp connector says so of the sums of what contacts did.
constexpr std::string_view kDeletedContacts =
    "A contact that was deleted takes its activity with it, and the report keeps its totals; a campaign that is still being sent moves on.";
// OpenAPI 3.0.55 knows a content_type "multichannel" (the newest builder). A program's notes (found in public in November 2026) say that
// the content of a draft of that kind came with empty texts; of sent ones nothing is known.
constexpr std::string_view kHasText = "html+plain_text+archive_html+variate_contents.html+variate_contents.plain_text!=";
constexpr std::string_view kStatsLag =
    "Mailchimp keeps an audience's statistics for some minutes before it counts again, and contacts change their status meanwhile.";

const std::vector<CrossCheck>& all() {
  static const std::vector<CrossCheck> checks = {
      // ---- campaigns and reports

      // OpenAPI 3.0.55: /reports/{id} is "a specific sent campaign's" report; probes found that /reports lists sent campaigns only. Each of
      // these types is one of the reports'. Children of RSS campaigns and of tests stand among their parent's sub-reports, and other types
      // may have reports of their own kind: these are compared below.
      {.name = "every sent campaign has its report",
       .said = {.stream = "campaigns", .where = "status=sent type=regular|plaintext|variate|absplit parent_campaign_id=", .by = "id"},
       .read = {.stream = "campaign_stats", .by = "id"},
       .relation = exact,
       .explanation = "Each campaign of these kinds that was sent has one report."},
      {.name = "sent campaigns of all kinds have reports",
       .said = {.stream = "campaigns", .where = "status=sent"},
       .read = {.stream = "campaign_stats"},
       .explanation = "Automations' e-mails have reports and need be no campaigns; children of RSS campaigns and of tests may stand among "
                      "their parent's sub-reports alone."},
      // Whatever its status: the e-mails of customer journeys are campaigns that are for ever being sent. A report that /reports does not
      // list is asked for by its id, and may not be there.
      {.name = "campaigns that sent e-mails have reports",
       .said = {.stream = "campaigns", .where = "emails_sent!=|0", .by = "id"},
       .read = {.stream = "campaign_stats", .by = "id"},
       .explanation = "Asked for the report of such a campaign by its id, Mailchimp had none: what its recipients did cannot be read."},
      {.name = "campaigns that sent e-mails have a body",
       .said = {.stream = "campaigns", .where = "emails_sent!=|0", .by = "id"},
       .read = {.stream = "campaign_content", .where = kHasText, .by = "campaign_id"},
       .relation = owed,
       .explanation = "Mailchimp's API gave no text of such a campaign, neither HTML nor plain, as may be with its newest builder: save by "
                      "hand what you need, from its archive page (archive_url) or from Mailchimp's own pages."},
      {.name = "campaigns that sent nothing yet have a body",
       .said = {.stream = "campaigns", .where = "emails_sent=|0", .by = "id"},
       .read = {.stream = "campaign_content", .where = kHasText, .by = "campaign_id"},
       .explanation = "A draft may have none yet; of one made with Mailchimp's newest builder its API may give none."},
      // Nothing is documented of which children and automations' e-mails stand in /reports. Those that do not are asked for by their ids.
      {.name = "children of campaigns have reports of their own",
       .said = {.stream = "campaign_sub_reports", .by = "id"},
       .read = {.stream = "campaign_stats", .by = "id"},
       .explanation = "Asked for the report of such a child by its id, Mailchimp had none: only its sub-report is there."},
      {.name = "e-mails that automations sent",
       .said = {.stream = "automation_emails", .sum = "emails_sent", .by = "id"},
       .read = {.stream = "campaign_stats", .sum = "emails_sent", .by = "id"},
       .explanation = "Asked for the report of such an e-mail by its id, Mailchimp had none; its own count moves on while it is sent."},
      {.name = "bodies of automations' e-mails",
       .said = {.stream = "automation_emails", .by = "id"},
       .read = {.stream = "campaigns", .by = "id"},
       .explanation = "Asked for such an e-mail by its id, Mailchimp had no campaign of it: nobody can read its body."},
      // The report's fields are, in OpenAPI 3.0.55, "the total number" of each thing; the collections are what is left of it in detail. An
      // answer's total_opens is "the total number of opens matching the query regardless of pagination".
      {.name = "recipients of a campaign",
       .said = {.stream = "campaign_stats", .sum = "emails_sent", .by = "id"},
       .read = {.stream = "campaign_recipients", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "recipients in a campaign's e-mail activity",
       .said = {.stream = "campaign_stats", .sum = "emails_sent", .by = "id"},
       .read = {.stream = "email_activity", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "opens of a campaign",
       .said = {.stream = "campaign_stats", .sum = "opens.opens_total", .by = "id"},
       .read = {.stream = "campaign_open_details", .sum = "opens_count", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "contacts who opened a campaign",
       .said = {.stream = "campaign_stats", .sum = "opens.unique_opens", .by = "id"},
       .read = {.stream = "campaign_open_details", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "opens of a campaign, as its list of opens says",
       .said = {.stream = "campaign_open_details", .sum = "total_opens", .by = "campaign_id", .of_page = true},
       .read = {.stream = "campaign_open_details", .sum = "opens_count", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "clicks of a campaign",
       .said = {.stream = "campaign_stats", .sum = "clicks.clicks_total", .by = "id"},
       .read = {.stream = "campaign_click_details", .sum = "total_clicks", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "clicks of a link",
       .said = {.stream = "campaign_click_details", .sum = "total_clicks", .by = "campaign_id id"},
       .read = {.stream = "campaign_click_members", .sum = "clicks", .by = "campaign_id link_id"},
       .explanation = kDeletedContacts},
      {.name = "contacts who clicked a link",
       .said = {.stream = "campaign_click_details", .sum = "unique_clicks", .by = "campaign_id id"},
       .read = {.stream = "campaign_click_members", .by = "campaign_id link_id"},
       .explanation = kDeletedContacts},
      {.name = "hard bounces of a campaign",
       .said = {.stream = "campaign_stats", .sum = "bounces.hard_bounces", .by = "id"},
       .read = {.stream = "campaign_recipients", .where = "status=hard", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "soft bounces of a campaign",
       .said = {.stream = "campaign_stats", .sum = "bounces.soft_bounces", .by = "id"},
       .read = {.stream = "campaign_recipients", .where = "status=soft", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "unsubscriptions with a campaign",
       .said = {.stream = "campaign_stats", .sum = "unsubscribed", .by = "id"},
       .read = {.stream = "unsubscriptions", .by = "campaign_id"},
       .explanation = kDeletedContacts},
      {.name = "spam reports of a campaign",
       .said = {.stream = "campaign_stats", .sum = "abuse_reports", .by = "id"},
       .read = {.stream = "campaign_abuse_reports", .by = "campaign_id"},
       .explanation = kDeletedContacts},

      // ---- audiences

      // OpenAPI 3.0.55, Statistics: member_count is "the number of active members", unsubscribe_count of those "who have unsubscribed",
      // cleaned_count of those "cleaned from the list"; "many of these are cached for at least five minutes". So what changed lately may
      // have been counted in any state. Nothing says whether somebody who unsubscribed and was archived is still counted: the least that
      // there must be takes the archived in. Who was deleted for good meanwhile is nowhere: then the second reading tells.
      {.name = "subscribed contacts of an audience",
       .said = {.stream = "lists", .sum = "stats.member_count", .by = "id"},
       .read = {.stream = "list_members", .where = "status=subscribed", .lately = "last_changed", .by = "list_id"},
       .relation = at_least,
       .explanation = "Contacts whose record changed within the hour before the statistics were read count as well, for these lag."},
      {.name = "contacts of an audience, at the least",
       .said = {.stream = "lists", .sum = "stats.member_count+stats.unsubscribe_count+stats.cleaned_count", .by = "id"},
       .read = {.stream = "list_members",
                .where = "status=subscribed|unsubscribed|cleaned|archived",
                .lately = "last_changed",
                .by = "list_id"},
       .relation = at_least,
       .explanation = "Mailchimp counts who is subscribed, unsubscribed or cleaned; the archived may be in these counts."},
      // total_contacts has the deleted ones, campaign_count is of campaigns "in any status", merge_field_count "doesn't include EMAIL",
      // which is no merge field of the API's list either.
      {.name = "contacts of an audience in any state",
       .said = {.stream = "lists", .sum = "stats.total_contacts", .by = "id"},
       .read = {.stream = "list_members", .by = "list_id"},
       .explanation = "Mailchimp calls this count approximate, and deleted contacts are in it."},
      // Of the contacts of every kind no total is given: were their list cut short, this alone would show it.
      {.name = "members of an audience among its contacts of every kind",
       .said = {.stream = "list_members", .by = "list_id"},
       .read = {.stream = "audience_contacts", .by = "audience_id"},
       .explanation = "Contacts without an e-mail address are no members, and Mailchimp does not say whether all archived ones are listed "
                      "among the contacts."},
      {.name = "unsubscribed contacts of an audience",
       .said = {.stream = "lists", .sum = "stats.unsubscribe_count", .by = "id"},
       .read = {.stream = "list_members", .where = "status=unsubscribed", .by = "list_id"},
       .explanation = kStatsLag},
      {.name = "cleaned contacts of an audience",
       .said = {.stream = "lists", .sum = "stats.cleaned_count", .by = "id"},
       .read = {.stream = "list_members", .where = "status=cleaned", .by = "list_id"},
       .explanation = kStatsLag},
      {.name = "merge fields of an audience",
       .said = {.stream = "lists", .sum = "stats.merge_field_count", .by = "id"},
       .read = {.stream = "list_merge_fields", .by = "list_id"},
       .explanation = kStatsLag},
      {.name = "campaigns to an audience",
       .said = {.stream = "lists", .sum = "stats.campaign_count", .by = "id"},
       .read = {.stream = "campaigns", .by = "recipients.list_id"},
       .explanation = "Mailchimp's count may have automations' e-mails in it or not, and deleted campaigns."},
      {.name = "audiences of the account",
       .said = {.stream = "lists", .sum = "constraints.current_total_instances", .of_page = true},
       .read = {.stream = "lists"},
       .explanation = "Mailchimp's count may be of another moment, and is -1 where there is no limit: then nothing is compared."},
      // Both are of the contact; they are compared audience by audience, since a group for each contact would cost memory for nothing.
      {.name = "tags of an audience's contacts",
       .said = {.stream = "list_members", .sum = "tags_count", .by = "list_id"},
       .read = {.stream = "member_tags", .by = "list_id"},
       .explanation = "Mailchimp counts a contact's tags when it gives the contact's record, and the tags themselves are read later."},
      // member_count is "active subscribers currently included in the segment", of a moment: conditions such as "in the last 30 days" give
      // another number an hour later. So it is no least.
      {.name = "members of a segment",
       .said = {.stream = "list_segments", .sum = "member_count", .by = "list_id id"},
       .read = {.stream = "segment_members", .by = "list_id segment_id"},
       .explanation =
           "Mailchimp counts active contacts, at a moment of its own; the cleaned, unsubscribed and transactional are read too."},

      // ---- surveys and conversations

      {.name = "responses of a survey",
       .said = {.stream = "surveys", .sum = "total_responses", .by = "id"},
       .read = {.stream = "survey_responses", .by = "survey_id"},
       .explanation = "Mailchimp does not say whether its count has answers in it of contacts who were deleted."},
      {.name = "answers to a question",
       .said = {.stream = "survey_questions", .sum = "total_responses", .by = "survey_id id"},
       .read = {.stream = "survey_answers", .by = "survey_id question_id"},
       .explanation = "Mailchimp does not say whether its count has answers in it of contacts who were deleted."},
      {.name = "messages of a conversation",
       .said = {.stream = "conversations", .sum = "message_count", .by = "id"},
       .read = {.stream = "conversation_messages", .by = "conversation_id"},
       .explanation = "Mailchimp says of its count that it is the total number of messages, and not whether the deleted are in it."},

      // ---- folders and files

      // OpenAPI 3.0.55: total_file_size is "the total size of all File Manager files in bytes", size a file's "in bytes", file_count "the
      // number of files in the folder": numbers of the same things, with nothing that is left out or cached.
      {.name = "bytes of all stored files",
       .said = {.stream = "stored_files", .sum = "total_file_size", .of_page = true},
       .read = {.stream = "stored_files", .sum = "size"},
       .relation = exact,
       .explanation = "Files that came or went while the list was read."},
      {.name = "files of a folder",
       .said = {.stream = "stored_file_folders", .sum = "file_count", .by = "id"},
       .read = {.stream = "stored_files", .by = "folder_id"},
       .relation = exact,
       .explanation = "Files that came after the folder was read."},
      // "The number of campaigns in the folder", "the number of templates in the folder", and no word of which kinds.
      {.name = "campaigns of a folder",
       .said = {.stream = "campaign_folders", .sum = "count", .by = "id"},
       .read = {.stream = "campaigns", .by = "settings.folder_id"},
       .explanation = "A folder may hold automations as well, whose e-mails need be no campaigns."},
      {.name = "templates of a folder",
       .said = {.stream = "template_folders", .sum = "count", .by = "id"},
       .read = {.stream = "templates", .by = "folder_id"},
       .explanation = "Mailchimp does not say whether a folder's count has templates in it that were put away."},
  };
  return checks;
}

}  // namespace

std::string_view name_of(CrossCheck::Relation relation) {
  switch (relation) {
    case exact:
      return "exact";
    case at_least:
      return "at least";
    case about:
      return "about";
    case owed:
      return "owed";
  }
  return "about";
}

std::span<const CrossCheck> cross_checks() { return all(); }

}  // namespace chimplift
