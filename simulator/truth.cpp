// See truth.hpp.
#include "simulator/truth.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/hash.hpp"
#include "simulator/json_text.hpp"

namespace mailchimp_sim {

namespace {

std::string parents_text(const Parents& parents) { return json::object(json::Members(parents.begin(), parents.end())); }

/// One line an event; events that are equal in all but their place are numbered from 0.
void explode_activity(const std::string& parents, const Row& row, std::vector<std::string>& lines) {
  auto recipient = nlohmann::ordered_json::parse(row.json);
  const auto events = recipient.at("activity");
  recipient.erase("activity");
  std::map<std::string, i64> seen;
  for (const auto& event : events) {
    auto record = recipient;
    record.update(event);
    lines.push_back(json::object({{"parents", parents}, {"record", record.dump()}, {"occurrence", json::number(seen[event.dump()]++)}}));
  }
}

std::vector<std::string> lines_of(const std::string& table, const Parents& parents, const Row& row) {
  std::vector<std::string> lines;
  if (table == "email_activity") {
    explode_activity(parents_text(parents), row, lines);
  } else {
    lines.push_back(json::object({{"parents", parents_text(parents)}, {"record", row.json}}));
  }
  return lines;
}

/// The bytes of gallery templates are Mailchimp's own; an image that no body links is no part of the account.
bool is_wanted(const Account& account, const StoredFile& file) {
  if (file.kind == "gallery_templates") return false;
  if (file.kind != "campaign_images") return true;
  std::string in_html = file.url;
  for (std::size_t at = in_html.find('&'); at != std::string::npos; at = in_html.find('&', at + 5)) in_html.replace(at, 1, "&amp;");
  return std::any_of(account.singles.begin(), account.singles.end(), [&](const auto& item) {
    const std::string& body = item.second.json;
    return !item.second.table.empty() && (body.find(file.url) != std::string::npos || body.find(in_html) != std::string::npos);
  });
}

void write_lines(const std::filesystem::path& path, const std::vector<std::string>& lines) {
  std::ofstream out(path, std::ios::binary);
  for (const std::string& line : lines) out << line << '\n';
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

std::map<std::string, std::vector<std::string>> truth_of(const Account& account) {
  std::map<std::string, std::vector<std::string>> tables;
  for (const auto& [path, single] : account.singles)
    if (!single.table.empty())
      tables[single.table].push_back(json::object({{"parents", parents_text(single.parents)}, {"record", single.json}}));
  for (const auto& [path, collection] : account.collections) {
    if (collection.table.empty()) continue;
    auto& lines = tables[collection.table];
    for (const Row& row : collection.rows) {
      if (collection.sweeps_type_user && row.type != "user") continue;
      for (std::string& line : lines_of(collection.table, collection.parents, row)) lines.push_back(std::move(line));
    }
  }
  return tables;
}

std::map<std::string, std::vector<RowTruth>> truth_of(const std::map<std::string, std::vector<RowStory>>& stories) {
  std::map<std::string, std::vector<RowTruth>> tables;
  for (const auto& [table, all] : stories) {
    std::vector<RowTruth>& rows = tables[table];
    for (const RowStory& story : all) {
      const std::size_t first = rows.size();
      for (const Row& version : story.versions) {
        const auto lines = lines_of(table, story.parents, version);
        rows.resize(first + lines.size(), RowTruth{story.fate});
        for (std::size_t i = 0; i < lines.size(); ++i) rows[first + i].versions.push_back(lines[i]);
      }
    }
  }
  return tables;
}

std::vector<std::string> file_truth_of(const Account& account) {
  std::vector<std::string> lines;
  for (const auto& [path, file] : account.files) {
    if (!is_wanted(account, file)) continue;
    lines.push_back(json::object({{"kind", json::text(file.kind)},
                                  {"id", json::text(file.id)},
                                  {"url", json::text(file.url)},
                                  {"bytes", json::number(static_cast<i64>(file.bytes.size()))},
                                  {"sha256", json::text(chimplift::sha256_hex(file.bytes))}}));
  }
  return lines;
}

void write_truth(const World& world, const std::string& folder) {
  for (const auto& account : world.accounts()) {
    const auto place = std::filesystem::path(folder) / account->name;
    std::filesystem::create_directories(place);
    for (const auto& [table, lines] : truth_of(*account)) write_lines(place / (table + ".ndjson"), lines);
    write_lines(place / "files.ndjson", file_truth_of(*account));
  }
}

}  // namespace mailchimp_sim
