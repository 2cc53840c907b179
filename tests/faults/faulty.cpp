// See faulty.hpp.
#include "faults/faulty.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <sstream>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
#include "base/hash.hpp"
#include "inventory/ledger_view.hpp"
#include "sync/e2e_compare.hpp"

namespace chimplift::faults {

namespace fs = std::filesystem;
using e2e::Json;

namespace {

mailchimp_sim::SimulatorOptions tiny() {
  mailchimp_sim::SimulatorOptions options = e2e::Scene::small();
  options.scale = 0.01;
  return options;
}

/// The certificate without times and names of this very archive, and without how often pages were read.
std::string stable(Json certificate) {
  for (const char* field : {"created_at", "archive_id", "pulled", "content"}) certificate.erase(field);
  for (Json& stream : certificate.at("streams")) stream.erase("duplicates");
  std::string text;
  for (const auto& [name, value] : certificate.items()) text += "certificate " + name + " " + value.dump() + "\n";
  return text;
}

/// All rows, table by table. Tables that cannot be read are a difference like another: who compares knows what was done to them.
std::string rows_of(const fs::path& duckdb, const std::string& account) try {
  std::string text;
  for (const auto& [table, rows] : e2e::tables_in(duckdb, account, true)) {
    std::set<std::string> lines;
    for (const std::string& row : rows) {
      Json values = Json::parse(row);
      values.erase("synced_at");
      lines.insert("row " + table + " " + values.dump() + "\n");
    }
    for (const std::string& line : lines) text += line;
    text += "rows " + table + " " + std::to_string(rows.size()) + "\n";
  }
  return text;
} catch (const std::exception& unreadable) {
  return std::string("tables ") + unreadable.what() + "\n";
}

std::string bodies_of(AccountArchive& archive) {
  const auto ledger = view_ledger(archive);
  if (!ledger) return "ledger " + ledger.error().message + "\n";
  std::set<std::string> lines;
  for (const auto& [table, pages] : ledger->pages) {
    for (const PageRecord& page : pages) {
      const auto body = archive.read_body(page);
      std::string line = "body " + table;
      for (const std::string& parent : page.unit.parents) line += " " + parent;
      lines.insert(line + " " + (body ? sha256_hex(*body) : body.error().message));
    }
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

Victim::Victim(Words options) : e2e::Scene(tiny()), options_(std::move(options)) {}

Ended Victim::attacked(const std::string& name, const Words& faults) const {
  for (const char* file : {"faults.log", "faults.told", "faults.counts"}) fs::remove(folder() / file);
  Words environment = {"LD_PRELOAD=" CHIMPLIFT_FAULTS, "FAULTS_ROOT=" + archive.string(),
                       "FAULTS_COUNTS=" + (folder() / "faults.counts").string(), "FAULTS_TOLD=" + (folder() / "faults.told").string()};
  environment.insert(environment.end(), faults.begin(), faults.end());
  return run(name, options_, environment);
}

Ended Victim::attacked_for(const std::string& name, std::chrono::milliseconds time) const {
  e2e::Process process(command(name, options_), folder());
  if (!process.ended_within(time)) process.send(SIGKILL);
  return process.wait();
}

i64 Victim::calls(Class which) const {
  const std::string counts = e2e::read_text(folder() / "faults.counts");
  i64 number = 0;
  std::memcpy(&number, counts.data() + sizeof number * static_cast<std::size_t>(which), sizeof number);
  return number;
}

std::string Victim::told() const {
  const std::string all = e2e::read_text(folder() / "faults.told");
  return all.substr(0, all.find('\n'));
}

std::string Victim::contents() const {
  if (!fs::exists(duckdb())) return "no tables\n";
  std::string text = rows_of(duckdb(), account().name);
  for (const fs::path& file : e2e::files_below(archive)) {
    const std::string path = fs::relative(file, archive);
    const bool has_own_order = path.find("/raw/") != std::string::npos || path.find("/ledger/") != std::string::npos;
    const bool tells_of_the_run = path.find("certificate.") != std::string::npos || path.find("content.sha256") != std::string::npos;
    const bool is_ours = path.find("/files/") != std::string::npos;
    text += "file " + path + (is_ours && !has_own_order && !tells_of_the_run ? " " + sha256_hex(e2e::read_text(file)) : "") + "\n";
  }
  const auto opened = AccountArchive::open_to_read(*folder_tree(archive), account().name);
  text += opened ? bodies_of(**opened) : "archive " + opened.error().message + "\n";
  return text + (fs::exists(account_folder() / "certificate.json") ? stable(certificate()) : "no certificate\n");
}

std::string Victim::damage() const {
  if (ledger().empty()) return "";  // not even its first line is whole
  const auto opened = AccountArchive::open_to_read(*folder_tree(archive), account().name);
  if (!opened) return opened.error().message;
  const auto view = view_ledger(**opened);
  if (!view) return view.error().message;
  for (const auto& [table, pages] : view->pages) {
    for (const PageRecord& page : pages) {
      if (const auto body = (*opened)->read_body(page); !body) return body.error().message;
    }
  }
  for (const auto& [path, file] : view->files.records) {
    if (!file.path.empty() && !(*opened)->has_file(file).value_or(false))
      return "the file " + file.path + " is in the ledger and not there";
  }
  return "";
}

bool Victim::lost_its_tables(const Ended& ended) const {
  if (ended.code != 6 || ended.err.find("makes all tables again") == std::string::npos) return false;
  for (const fs::path& file : e2e::files_below(archive)) {
    if (file.filename().string().starts_with("mailchimp.duckdb")) fs::remove(file);
  }
  return true;
}

std::string Victim::ledger() const {
  std::string lines = e2e::read_text(account_folder() / "ledger" / "ledger.ndjson");
  lines.resize(lines.rfind('\n') == std::string::npos ? 0 : lines.rfind('\n') + 1);
  return lines;
}

std::string difference(const std::string& expected, const std::string& got) {
  if (expected == got) return "";
  std::istringstream one(expected);
  std::istringstream other(got);
  std::multiset<std::string> lines;
  for (std::string line; std::getline(one, line);) lines.insert(line);
  std::string surplus;
  for (std::string line; std::getline(other, line);) {
    const auto found = lines.find(line);
    if (found != lines.end()) {
      lines.erase(found);
    } else {
      surplus += "  too much: " + line.substr(0, 600) + "\n";
    }
  }
  std::string lacking;
  for (const std::string& line : lines) lacking += "  lacking: " + line.substr(0, 600) + "\n";
  return (lacking + surplus).substr(0, 4000);
}

}  // namespace chimplift::faults
