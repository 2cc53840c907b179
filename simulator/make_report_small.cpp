// The streams of a report that are about links, places, domains and advice rather than about one recipient.
#include <fmt/format.h>

#include <array>

#include "simulator/make_report.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

void ReportWriter::write_clicks() {
  Collection details = start("campaign_click_details", "click-details", "urls_clicked");
  details.sort_names = {"total_clicks", "unique_clicks"};
  const auto emails = static_cast<double>(campaign_.recipients.size());
  for (Link& link : links_) {
    Row row;
    row.id = link.id;
    row.json = json::object({{"id", json::text(link.id)},
                             {"url", json::text(link.url)},
                             {"total_clicks", json::number(link.clicks)},
                             {"click_percentage", json::real(emails == 0 ? 0 : static_cast<double>(link.clicks) / emails)},
                             {"unique_clicks", json::number(link.people)},
                             {"unique_click_percentage", json::real(emails == 0 ? 0 : static_cast<double>(link.people) / emails)},
                             {"last_click", link.last == 0 ? "\"\"" : json::date(link.last)},
                             {"ab_split", campaign_.type == "variate" ? R"({"a":{"total_clicks_a":1},"b":{"total_clicks_b":0}})" : ""},
                             {"campaign_id", json::text(campaign_.id)}});
    row.sort_keys = {fmt::format("{:010}", link.clicks), fmt::format("{:010}", link.people)};
    details.rows.push_back(std::move(row));
    maker_.account.add(std::move(link.members));
  }
  maker_.account.add(std::move(details));
}

void ReportWriter::write_small_streams() {
  const bool empty = campaign_.recipients.empty();
  const auto fill = [&](Collection collection, std::vector<Given> rows) {
    for (const Given& given : rows) {
      Row row;
      row.json = make_record(collection.table, given, random_);
      collection.rows.push_back(std::move(row));
    }
    maker_.account.add(std::move(collection));
  };

  std::vector<Given> domains;
  if (!empty)
    for (const std::string_view domain : {"gmail.example", "example.com", "example.org", "firma.example", "Other"})
      domains.push_back({{"domain", json::text(domain)}});
  Collection performance = start("campaign_domain_performance", "domain-performance", "domains");
  performance.also += fmt::format(",\"total_sent\":{}", campaign_.recipients.size());
  fill(std::move(performance), std::move(domains));

  std::vector<Given> places;
  static constexpr std::array<std::array<std::string_view, 3>, 5> kPlaces = {
      {{"US", "GA", "Georgia"}, {"US", "NY", "New York"}, {"DE", "BY", "Bayern"}, {"NA", "KH", "Khomas"}, {"JP", "", "東京"}}};
  if (!empty)
    for (const auto& [country, region, name] : kPlaces)
      places.push_back({{"country_code", json::text(country)}, {"region", json::text(region)}, {"region_name", json::text(name)}});
  fill(start("campaign_locations", "locations", "locations"), std::move(places));

  // Advice has no id, and the same advice may be given twice: two rows that are equal in everything.
  std::vector<Given> advice;
  if (random_.chance(0.4)) {
    const Given same = {{"type", "\"negative\""}, {"message", json::text("Try a shorter subject line ✂️")}};
    advice = {same, {{"type", "\"positive\""}, {"message", json::text(words::phrase(random_, 7))}}, same};
  }
  fill(start("campaign_advice", "advice", "advice"), std::move(advice));

  std::vector<Given> products;
  if (random_.chance(0.3))
    products = {{{"title", json::text("Mug ☕ / large")}}, {{"title", json::text(words::phrase(random_, 2))}, {"sku", "4711"}}};
  fill(start("campaign_product_activity", "ecommerce-product-activity", "products"), std::move(products));

  // total_items stands in this object although it is no collection.
  maker_.account.add(Single{"campaign_eepurl",
                            "/reports/" + campaign_.id + "/eepurl",
                            {{"campaign_id", json::text(campaign_.id)}},
                            make_record("campaign_eepurl",
                                        {{"campaign_id", json::text(campaign_.id)},
                                         {"eepurl", json::text(empty ? "" : "http://eepurl.example/" + random_.hex(6))},
                                         {"total_items", json::number(random_.below(9))}},
                                        random_)});
}

}  // namespace mailchimp_sim
