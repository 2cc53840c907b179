#include "generate/fivetran.hpp"

namespace chimplift {
namespace {

using Sends = FivetranView::Sends;

constexpr FivetranView kViews[] = {
    {.name = "automation",
     .about = "Classic automations.",
     .from = "automations",
     .key = "id",
     .columns =
         "id list_id=recipients.list_id segment_id=recipients.segment_opts.saved_segment_id:integer segment_text=recipients.segment_text "
         "start_time create_time status title=settings.title trigger_settings",
     .has_deleted = true},
    {.name = "automation_email",
     .about = "The e-mails of each automation.",
     .from = "automation_emails",
     .key = "id",
     .columns =
         "id automation_id=workflow_id archive_url authenticate=settings.authenticate:boolean auto_footer=settings.auto_footer:boolean "
         "auto_tweet=settings.auto_tweet:boolean clicktale=tracking.clicktale content_type create_time delay_action=delay.action "
         "delay_action_description=delay.action_description delay_amount=delay.amount:integer delay_direction=delay.direction "
         "delay_full_description=delay.full_description delay_type=delay.type drag_and_drop=settings.drag_and_drop:boolean "
         "fb_comments=settings.fb_comments:boolean folder_id=settings.folder_id from_name=settings.from_name "
         "google_analytics=tracking.google_analytics inline_css=settings.inline_css:boolean position reply_to=settings.reply_to send_time "
         "start_time status subject_line=settings.subject_line template_id=settings.template_id:integer "
         "timewarp=settings.timewarp:boolean title=settings.title to_name=settings.to_name track_ecomm_360=tracking.ecomm360:boolean "
         "track_goals=tracking.goal_tracking:boolean track_html_clicks=tracking.html_clicks:boolean track_opens=tracking.opens:boolean "
         "track_text_clicks=tracking.text_clicks:boolean use_conversation=settings.use_conversation:boolean",
     .has_deleted = true},
    {.name = "automation_recipient",
     .about = "Who got which e-mail of an automation.",
     .from = "campaign_recipients",
     .key = "automation_email_id member_id",
     .columns = "member_id=email_id automation_email_id=campaign_id list_id",
     .sends = Sends::automations},
    {.name = "automation_recipient_activity",
     .about = "Opens, clicks and bounces of automations' e-mails.",
     .from = "email_activity",
     .key = "",
     .columns = "action automation_email_id=campaign_id member_id=email_id list_id timestamp ip url bounce_type=type",
     .sends = Sends::automations,
     .is_activity = true},
    {.name = "campaign",
     .about = "Campaigns.",
     .from = "campaigns",
     .key = "id",
     .columns =
         "id list_id=recipients.list_id segment_id=recipients.segment_opts.saved_segment_id:integer segment_text=recipients.segment_text "
         "create_time send_time type status title=settings.title subject_line=settings.subject_line from_name=settings.from_name "
         "reply_to=settings.reply_to to_name=settings.to_name archive_url long_archive_url authenticate=settings.authenticate:boolean "
         "auto_footer=settings.auto_footer:boolean auto_tweet=settings.auto_tweet:boolean clicktale=tracking.clicktale content_type "
         "drag_and_drop=settings.drag_and_drop:boolean fb_comments=settings.fb_comments:boolean folder_id=settings.folder_id "
         "google_analytics=tracking.google_analytics inline_css=settings.inline_css:boolean template_id=settings.template_id:integer "
         "test_size=variate_settings.test_size:integer timewarp=settings.timewarp:boolean track_ecomm_360=tracking.ecomm360:boolean "
         "track_goals=tracking.goal_tracking:boolean track_html_clicks=tracking.html_clicks:boolean track_opens=tracking.opens:boolean "
         "track_text_clicks=tracking.text_clicks:boolean use_conversation=settings.use_conversation:boolean "
         "wait_time=variate_settings.wait_time:integer winner_criteria=variate_settings.winner_criteria "
         "winning_campaign_id=variate_settings.winning_campaign_id winning_combination_id=variate_settings.winning_combination_id",
     .sends = Sends::campaigns,
     .sent_id = "id",
     .has_deleted = true},
    {.name = "campaign_recipient",
     .about = "Who got which campaign. combination_id is the group of an A/B test.",
     .from = "campaign_recipients",
     .key = "campaign_id member_id",
     .columns = "campaign_id member_id=email_id combination_id=absplit_group list_id",
     .sends = Sends::campaigns},
    {.name = "campaign_recipient_activity",
     .about = "Opens, clicks and bounces of campaigns. combination_id is NULL: Mailchimp gives it for recipients only.",
     .from = "email_activity",
     .key = "",
     .columns = "action campaign_id member_id=email_id list_id timestamp ip url bounce_type=type combination_id=",
     .sends = Sends::campaigns,
     .is_activity = true},
    {.name = "list",
     .about = "Audiences.",
     .from = "lists",
     .key = "id",
     .columns = "id name date_created list_rating beamer_address contact_address_1=contact.address1 contact_address_2=contact.address2 "
                "contact_city=contact.city contact_company=contact.company contact_country=contact.country contact_state=contact.state "
                "contact_zip=contact.zip default_from_email=campaign_defaults.from_email default_from_name=campaign_defaults.from_name "
                "default_language=campaign_defaults.language default_subject=campaign_defaults.subject email_type_option "
                "notify_on_subscribe notify_on_unsubscribe permission_reminder subscribe_url_long subscribe_url_short use_archive_bar "
                "visibility",
     .has_deleted = true},
    {.name = "member",
     .about = "Contacts of each audience, archived ones too.",
     .from = "list_members",
     .key = "id list_id",
     .columns =
         "id list_id email_address email_client email_type status timestamp_signup timestamp_opt last_changed "
         "country_code=location.country_code dstoff=location.dstoff:integer gmtoff=location.gmtoff:integer ip_opt ip_signup language "
         "latitude=location.latitude:number longitude=location.longitude:number member_rating timezone=location.timezone "
         "unique_email_id vip",
     .has_merge_fields = true},
    {.name = "segment",
     .about = "Segments and tags of each audience.",
     .from = "list_segments",
     .key = "id",
     .columns = "id list_id member_count name type updated_at created_at",
     .has_deleted = true},
    {.name = "segment_member",
     .about = "Which contacts are in which segment.",
     .from = "segment_members",
     .key = "segment_id member_id list_id",
     .columns = "segment_id member_id=id list_id",
     .has_deleted = true},
    {.name = "unsubscribe",
     .about = "Who unsubscribed with which campaign, and why.",
     .from = "unsubscriptions",
     .key = "campaign_id member_id",
     .columns = "campaign_id member_id=email_id list_id reason timestamp",
     .sends = Sends::once},
};

}  // namespace

std::span<const FivetranView> fivetran_views() { return kViews; }

}  // namespace chimplift
