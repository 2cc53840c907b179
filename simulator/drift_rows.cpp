// What becomes of single rows when an account drifts. See drift.hpp.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "simulator/drift.hpp"

namespace mailchimp_sim {

namespace {

using Document = nlohmann::ordered_json;

// Fields by which the tables' rows are told apart, besides their parents' ids.
constexpr std::array<std::string_view, 22> kIdentity = {
    "id",     "email_id", "email_address",   "unique_email_id", "contact_id", "web_id",     "merge_id",    "feedback_id", "day",
    "month",  "cc",       "country_code",    "client",          "domain",     "product_id", "customer_id", "region",      "url",
    "tag_id", "note_id",  "signup_form_url", "activity_id",
};

bool is_identity(std::string_view name) { return std::find(kIdentity.begin(), kIdentity.end(), name) != kIdentity.end(); }

std::string text_of(const Document& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string write(const Document& document) { return document.dump(-1, ' ', false, Document::error_handler_t::replace); }

/// A value of the same kind that no other row has.
Document fresh(std::string_view name, const Document& old, i64 number) {
  constexpr i64 kBeyondAll = 3'000'000'000;
  if (old.is_number()) return kBeyondAll + number;
  const std::string text = old.is_string() ? old.get<std::string>() : "";
  if (name == "email_address") return fmt::format("newcomer-{}@example.com", number);
  if (name == "day") return fmt::format("19{:02}-{:02}-{:02}", number / 336 % 100, number / 28 % 12 + 1, number % 28 + 1);
  if (name == "month") return fmt::format("{:04}-{:02}", 1000 + number / 12 % 900, number % 12 + 1);
  if (name == "url" || name == "signup_form_url") return text + fmt::format("#newcomer-{}", number);
  const bool is_hex = text.size() >= 8 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  const std::string hex = chimplift::sha256_hex(fmt::format("newcomer {} {}", name, number));
  return is_hex ? hex.substr(0, std::min(text.size(), hex.size())) : fmt::format("newcomer-{}", number);
}

/// Neither a key nor a parent's id, a time, an address, or what listings filter by.
bool may_change(const std::string& name, const Document& value) {
  if (is_identity(name) || name.ends_with("_id") || name == "status" || name == "type") return false;
  if (value.is_number_integer()) return name != "size" && !name.starts_with("offset") && name != "total_items";
  if (!value.is_string()) return false;
  const std::string text = value.get<std::string>();
  const bool is_time = text.size() >= 10 && text[4] == '-' && text[7] == '-';
  return !text.empty() && !is_time && text.find("://") == std::string::npos && text.find('@') == std::string::npos &&
         (name.find("name") != std::string::npos || name.find("title") != std::string::npos || name == "source" || name == "text");
}

}  // namespace

Row newcomer_like(const Row& row, i64 number) {
  Row made = row;
  const auto renew = [&](std::string& json) {
    if (json.empty()) return;
    Document record = Document::parse(json);
    bool is_new = false;
    for (auto& [name, value] : record.items()) {
      if (!is_identity(name) || value.is_structured()) continue;
      const bool is_id = !row.id.empty() && text_of(value) == row.id;
      value = fresh(name, value, number);
      if (is_id) made.id = text_of(value);
      is_new = true;
    }
    if (!is_new) record["newcomer"] = number;
    json = write(record);
  };
  renew(made.json);
  renew(made.json_without_full);
  return made;
}

Row changed(const Row& row, i64 number) {
  Row made = row;
  const auto renew = [&](std::string& json) {
    if (json.empty()) return;
    Document record = Document::parse(json);
    for (auto& [name, value] : record.items()) {
      if (!may_change(name, value)) continue;
      value = value.is_string() ? Document(value.get<std::string>() + fmt::format(" ({})", number)) : Document(value.get<i64>() + number);
      json = write(record);
      return;
    }
    record["changed"] = number;
    json = write(record);
  };
  renew(made.json);
  renew(made.json_without_full);
  return made;
}

Row with_text(const Row& row, const std::string& field, const std::string& text) {
  Row made = row;
  for (std::string* json : {&made.json, &made.json_without_full}) {
    if (json->empty()) continue;
    Document record = Document::parse(*json);
    record[field] = text;
    *json = write(record);
  }
  return made;
}

std::string with_id(const std::string& record, const std::string& old_id, const std::string& new_id) {
  Document document = Document::parse(record);
  for (auto& [name, value] : document.items()) {
    if (value.is_string() && value.get<std::string>() == old_id) value = new_id;
    if (value.is_number_integer() && value.dump() == old_id) value = Document::parse(new_id);
  }
  return write(document);
}

}  // namespace mailchimp_sim
