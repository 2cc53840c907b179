// The catalogue: campaigns, campaign_content.
#include "mailchimp/catalogue.hpp"

namespace chimplift {

std::span<const Stream> campaign_streams() {
  static const std::vector<Stream> streams = {
      {.table = "campaign_folders",
       .step = "campaigns",
       .path = "/campaign-folders",
       .items = "folders",
       .key = "id",
       .paging = Paging::offset,
       .columns = "name:text id:text count:integer",
       .about = "Folders of campaigns."},
      {.table = "campaigns",
       .step = "campaigns",
       .path = "/campaigns",
       .items = "campaigns",
       .key = "id",
       .paging = Paging::offset,
       .columns = "id:text web_id:integer parent_campaign_id:text type:text create_time:timestamp archive_url:text "
                  "long_archive_url:text status:text emails_sent:integer send_time:timestamp content_type:text "
                  "needs_block_refresh:boolean resendable:boolean recipients:json settings:json variate_settings:json "
                  "tracking:json rss_opts:json ab_split_opts:json social_card:json report_summary:json delivery_status:json "
                  "resend_shortcut_eligibility:json resend_shortcut_usage:json",
       .about = "Every campaign: drafts, scheduled and sent ones, with its settings and tracking; and an automation's e-mail, where "
                "Mailchimp has it as a campaign.",
       .count_by = "status",
       .sort = "sort_field=create_time&sort_dir=ASC",
       // The second is newer than OpenAPI 3.0.55: Mailchimp's public description of later versions has it.
       .query = "include_resend_shortcut_eligibility=true&include_resend_shortcut_usage=true",
       .files = {{.field = "image_url", .folder = "images", .id_field = "id", .each = "social_card"}},
       // OpenAPI 3.0.55: the types that /campaigns knows have no automations among them, those of reports have "automation" and "auto". An
       // automation's e-mail has an id of the same kind, and users read its body by it (shahriarhossain/MailChimp.Api.Net#7).
       .record_path = "/campaigns/{campaign_id}",
       // A campaign's parent, and an automation itself ("Automation Campaign ID"), may be campaigns that no list has.
       .mentioned_in = {{.stream = "automation_emails", .field = "id"},
                        {.stream = "automations", .field = "id"},
                        {.stream = "campaigns", .field = "parent_campaign_id"},
                        {.stream = "campaign_stats", .field = "id"},
                        {.stream = "campaign_sub_reports", .field = "id"}}},
      {.table = "campaign_feedback",
       .step = "campaigns",
       .path = "/campaigns/{campaign_id}/feedback",
       .items = "feedback",
       .key = "campaign_id feedback_id",
       .paging = Paging::undocumented,
       .columns = "feedback_id:integer parent_id:integer block_id:integer message:text is_complete:boolean created_by:text "
                  "created_at:timestamp updated_at:timestamp source:text campaign_id:text",
       .about = "Comments that people left on a campaign before it was sent.",
       .parent = "campaigns",
       .parent_field = "id"},
      {.table = "campaign_send_checklists",
       .step = "campaigns",
       .path = "/campaigns/{campaign_id}/send-checklist",
       .items = "",
       .key = "campaign_id",
       .paging = Paging::object,
       .columns = "is_ready:boolean items:json",
       .about = "What Mailchimp checked before a campaign could be sent.",
       .parent = "campaigns",
       .parent_field = "id"},
      {.table = "campaign_content",
       .step = "campaign_content",
       .path = "/campaigns/{campaign_id}/content",
       .items = "",
       .key = "campaign_id",
       .paging = Paging::object,
       .columns = "variate_contents:json plain_text:text html:text archive_html:text",
       .about =
           "The body of each campaign, and of automations' e-mails: HTML, plain text, the archive page, and each variant of an A/B test.",
       .parent = "campaigns",
       .parent_field = "id",
       .files =
           {{.source = FileRule::Source::body, .field = "html", .folder = "campaigns", .suffix = ".html", .is_html = true},
            {.source = FileRule::Source::body, .field = "plain_text", .folder = "campaigns", .suffix = ".txt"},
            {.source = FileRule::Source::body, .field = "archive_html", .folder = "campaigns", .suffix = ".archive.html", .is_html = true},
            {.source = FileRule::Source::body,
             .field = "html",
             .folder = "campaigns",
             .suffix = ".html",
             .each = "variate_contents",
             .each_as = "variant-",
             .is_html = true},
            {.source = FileRule::Source::body,
             .field = "plain_text",
             .folder = "campaigns",
             .suffix = ".txt",
             .each = "variate_contents",
             .each_as = "variant-"}}},
  };
  return streams;
}

}  // namespace chimplift
