// One campaign's report: recipients live through the campaign one by one, and each stream hears of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulator/make.hpp"
#include "simulator/shape.hpp"

namespace mailchimp_sim {

struct Open {
  i64 at;
  bool by_proxy;
};

/// What one recipient did.
struct Deeds {
  std::vector<Open> opens = {};
  std::map<std::size_t, i64> clicks = {};  // link → times
  std::vector<std::string> events = {};    // JSON, as email-activity has them
  std::string bounce = {};                 // "", "hard", "soft"
  i64 last_open = 0;
  i64 last_click = 0;
  bool unsubscribes = false;
  bool complains = false;
};

class ReportWriter {
 public:
  ReportWriter(Maker& maker, const CampaignPlan& campaign);
  Outcome write();

 private:
  struct Link {
    std::string id, url;
    i64 clicks = 0, people = 0, last = 0;
    Collection members = {};
  };
  [[nodiscard]] Collection start(const std::string& table, const std::string& part, const std::string& items) const;
  [[nodiscard]] Given about(const Person& person, Given more) const;
  [[nodiscard]] std::string record(const Person& person, Given more) const;
  Deeds live_through();
  void tell(const Person& person, const Deeds& deeds);
  void write_clicks();
  void write_small_streams();

  Maker& maker_;
  const CampaignPlan& campaign_;
  const ListPlan& list_;
  Random random_;
  std::vector<Link> links_;
  Collection sent_to_{}, activity_{}, opens_{}, unsubscribed_{}, abuse_{};
  Outcome outcome_;
};

}  // namespace mailchimp_sim
