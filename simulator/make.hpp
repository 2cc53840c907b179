// What the parts that make up an account share. Each make_… writes the collections of one area into the account.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "simulator/world.hpp"

namespace mailchimp_sim {

struct Person {
  std::string email;
  std::string id;  // MD5 of the lower-case address, as Mailchimp's subscriber hash
  std::string full_name;
  std::string merge_fields;  // JSON
  std::string status;
  bool vip = false;
  std::vector<std::pair<i64, std::string>> tags = {};  // all of them, also beyond the 50 that a member's record holds
};

struct ListPlan {
  std::string id;
  std::string name;
  i64 created = 0;
  std::vector<Person> people = {};
};

struct CampaignPlan {
  std::string id;
  std::string type;    // regular, plaintext, variate, rss
  std::string status;  // save, schedule, sent …
  std::string title;
  std::string subject;
  std::string parent_id = {};
  std::string folder = {};
  std::size_t list = 0;
  i64 created = 0;
  i64 sent = 0;  // 0: not yet
  std::vector<std::size_t> recipients = {};
  [[nodiscard]] bool is_sent() const { return status == "sent"; }
};

/// What came of a campaign; the reports and the campaigns' own summaries tell the same numbers.
struct Outcome {
  i64 opens = 0;
  i64 unique_opens = 0;
  i64 clicks = 0;
  i64 unique_clicks = 0;      // sum over the links
  i64 subscriber_clicks = 0;  // recipients who clicked at all
  i64 hard_bounces = 0;
  i64 soft_bounces = 0;
  i64 unsubscribed = 0;
  i64 abuse = 0;
  i64 last_open = 0;
  i64 last_click = 0;
};

struct Maker {
  const SimulatorOptions& options;
  Account& account;
  u64 seed;
  std::string files_base;  // what the addresses of this account's files begin with
  std::vector<ListPlan> lists;
  std::vector<CampaignPlan> campaigns;
  std::vector<std::string> images;  // addresses of images that campaigns link

  [[nodiscard]] Random random(std::string_view purpose) const { return Random(seed, purpose); }
  [[nodiscard]] i64 scaled(i64 count) const;       // grows with the scale
  [[nodiscard]] i64 scaled_root(i64 count) const;  // grows with its square root
  [[nodiscard]] i64 campaign_count() const { return std::max<i64>(10, scaled_root(40)); }
  /// Serves the bytes; returns the address.
  std::string add_file(const std::string& kind, const std::string& id, const std::string& path, const std::string& content_type,
                       std::string bytes);
  /// Serves a picture that a record names; returns its address as JSON. Nothing else that is made differs by it.
  std::string add_picture(const std::string& id);
  /// An image of one of the three formats, and its size in pixels.
  struct Image {
    std::string content_type, extension, bytes;
    i64 width, height;
  };
  static Image make_image(Random& random);
};

/// All of an account, in the order in which the parts need each other.
void make_account(Maker& maker);
void make_header(Maker& maker);
void make_stored_files(Maker& maker);
void make_templates(Maker& maker);
void make_lists(Maker& maker);
/// Members and segments of one list.
void make_members(Maker& maker, ListPlan& list, i64 count);
void make_segments(Maker& maker, ListPlan& list);
void make_list_details(Maker& maker, const ListPlan& list);
void make_campaigns(Maker& maker);
/// `at` chooses the kind of its HTML.
void make_campaign_content(Maker& maker, const CampaignPlan& campaign, std::size_t at);
Outcome make_report_details(Maker& maker, const CampaignPlan& campaign);
/// An e-mail that an automation sent, as a campaign with its body and as a report with its details: both are had by its id, and neither
/// /campaigns nor /reports lists it. Returns how many e-mails were sent.
i64 make_automation_mail(Maker& maker, const std::string& id);
/// The streams beyond the ten steps: automations, surveys, shops and so on.
void make_others(Maker& maker);
void make_shop(Maker& maker);
void make_member_details(Maker& maker);

/// MD5 as 32 hex digits.
std::string md5_hex(std::string_view bytes);
/// November 2026, the day on which the generated accounts end.
constexpr i64 kNow = 1'793'500'000;

}  // namespace mailchimp_sim
