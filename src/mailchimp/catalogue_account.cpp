// The catalogue: account.
#include "mailchimp/catalogue.hpp"

namespace chimplift {

std::span<const Stream> account_streams() {
  static const std::vector<Stream> streams = {
      {.table = "account",
       .step = "account",
       .path = "/",
       .key = "account_id",
       .paging = Paging::object,
       .columns = "account_id:text login_id:text account_name__api:text email:text first_name:text last_name:text "
                  "username:text avatar_url:text role:text member_since:timestamp pricing_plan_type:text "
                  "first_payment:timestamp account_timezone:text account_industry:text contact:json pro_enabled:boolean "
                  "last_login:timestamp total_subscribers:integer industry_stats:json",
       .about = "The account itself: its owner, plan, industry and contact address."},
      {.table = "chimp_chatter",
       .step = "account",
       .path = "/activity-feed/chimp-chatter",
       .items = "chimp_chatter",
       .key = "row_hash",
       .paging = Paging::offset,
       .columns = "title:text message:text type:text update_time:timestamp url:text list_id:text campaign_id:text "
                  "row_hash:text",
       .about = "The account's news feed; Mailchimp keeps the last 200 messages."},
      {.table = "account_exports",
       .step = "account",
       .path = "/account-exports",
       .items = "exports",
       .key = "export_id",
       .paging = Paging::offset,
       .columns = "export_id:integer started:timestamp finished:timestamp size_in_bytes:integer download_url:text",
       .about =
           "Exports of the whole account that somebody ordered; the links to them work for 90 days. They are not fetched: download them "
           "by hand."},
      {.table = "authorized_apps",
       .step = "account",
       .path = "/authorized-apps",
       .items = "apps",
       .key = "id",
       .paging = Paging::offset,
       .columns = "id:integer name:text description:text users:json",
       .about = "Applications that may use the account."},
      {.table = "authorized_app_details",
       .step = "account",
       .path = "/authorized-apps/{app_id}",
       .key = "app_id id",
       .paging = Paging::object,
       .columns = "id:integer name:text description:text users:json",
       .about = "Each application again, with the users who allowed it.",
       .parent = "authorized_apps",
       .parent_field = "id"},
      {.table = "batch_webhooks",
       .step = "account",
       .path = "/batch-webhooks",
       .items = "webhooks",
       .key = "id",
       .paging = Paging::offset,
       .columns = "id:text url:text enabled:boolean",
       .about = "Webhooks that are told when a batch of operations has ended."},
      {.table = "connected_sites",
       .step = "account",
       .path = "/connected-sites",
       .items = "sites",
       .key = "foreign_id",
       .paging = Paging::offset,
       .columns = "foreign_id:text store_id:text platform:text domain:text site_script:json created_at:timestamp "
                  "updated_at:timestamp",
       .about = "Websites that are connected to the account."},
      {.table = "verified_domains",
       .step = "account",
       .path = "/verified-domains",
       .items = "domains",
       .key = "domain",
       .paging = Paging::undocumented,
       .columns = "domain:text verified:boolean authenticated:boolean verification_email:text "
                  "verification_sent:timestamp",
       .about = "Domains that campaigns may be sent from."},
  };
  return streams;
}

}  // namespace chimplift
