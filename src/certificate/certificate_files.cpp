#include "certificate/certificate_files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <optional>

#include "certificate/certificate_html.hpp"
#include "run/closing_command.hpp"

namespace chimplift {

namespace {

/// The tables that the certificate that stands speaks of, or one that it has replaced, and that this one, of some steps alone, leaves out.
Result<std::set<std::string>> left_out_tables(const AccountArchive& archive, const Certificate& certificate) {
  std::set<std::string> tables;
  if (!is_of_some_steps(certificate)) return tables;
  TRY_ASSIGN(const LastVerdict standing, last_verdict(archive, certificate.pages));
  tables.insert(standing.replaced.begin(), standing.replaced.end());
  for (const auto& [table, state] : standing.states) {
    if (state != StreamState::excluded) tables.insert(table);
  }
  for (const StreamLine& line : certificate.streams) {
    if (line.state != StreamState::excluded) tables.erase(line.table);
  }
  return tables;
}

Result<void> note_replaced(const AccountArchive& archive, Certificate& certificate) {
  TRY_ASSIGN(const std::set<std::string> tables, left_out_tables(archive, certificate));
  certificate.replaced.assign(tables.begin(), tables.end());
  return {};
}

/// "Safe" stands in the file that programs read only where the page for people stands, too; "not safe" waits for nothing.
Result<void> write_both(Tree& account, const Certificate& certificate) {
  const auto write_page = [&] { return account.write(std::string(kCertificatePage), to_html(certificate)); };
  const auto write_document = [&] { return account.write(std::string(kCertificate), to_json(certificate)); };
  if (certificate.verdict != Verdict::not_safe) {
    TRY(write_page());
    return write_document();
  }
  const Result<void> document = write_document();
  const Result<void> page = write_page();
  return document ? page : document;
}

/// Another verification of the same pages may have found since what this one, which began before, could not see.
Result<void> check_is_not_overruled(const AccountArchive& archive, const std::string& stood) {
  TRY_ASSIGN(const std::string stands, standing_certificate(archive));
  if (stands == stood || verdict_in(stands) != name_of(Verdict::not_safe)) return {};
  return fail(ErrorKind::busy,
              fmt::format("another verification of \"{}\" has written \"not safe\" while this one went on", archive.about().account_name),
              "Run the same command again. The certificate was left as the other one wrote it.");
}

}  // namespace

Result<void> check_as_opened(const Settings& settings, const AccountArchive& archive) {
  const std::string& name = archive.about().account_name;
  TRY_ASSIGN(const std::unique_ptr<AccountArchive> now, AccountArchive::open_to_read(*settings.archive, name));
  if (now->durable() == archive.durable()) return {};
  return fail(ErrorKind::busy, fmt::format("more came into the archive of \"{}\" while it was verified", name),
              "Verify again when the other run has ended. The certificate was left as it is.");
}

Result<void> write_certificate(const Settings& settings, const AccountArchive& archive, const KnownSums& known, const std::string& stood,
                               Certificate& certificate) {
  Tree& account = archive.tree();
  TRY(note_replaced(archive, certificate));
  const Result<ContentList> content = list_content(settings, account, known);
  // What cannot be read keeps "safe" from being said, and must not keep "not safe" from it.
  if (!content && certificate.verdict != Verdict::not_safe) return tl::unexpected(content.error());
  if (content) {
    certificate.content = content->sum;
  } else {
    const std::string command = closing_command(settings, "verify", {{"account", archive.about().account_name}});
    certificate.gaps.push_back({"", {}, "", "its content could not be summed up: " + content.error().message, command});
  }
  certificate.ledger_bytes = archive.durable();
  // As late as can be: to sum up a large archive takes longer than another run may need from its beginning to its end.
  TRY(check_as_opened(settings, archive));
  if (certificate.verdict != Verdict::not_safe) TRY(check_is_not_overruled(archive, stood));
  // The list may be large and the disk full. "Safe" is not to stand without its list, and "not safe" is not to wait for one.
  if (certificate.verdict != Verdict::not_safe) TRY(account.write(std::string(kContentList), content->text));
  TRY(write_both(account, certificate));
  return certificate.verdict != Verdict::not_safe || !content ? Result<void>() : account.write(std::string(kContentList), content->text);
}

Result<bool> write_partial_certificate(const Settings& settings, const AccountArchive& archive, Certificate& certificate) {
  TRY(check_as_opened(settings, archive));
  if (certificate.gaps.empty()) return false;
  // Gaps of other steps are not to go behind those of these.
  TRY_ASSIGN(const bool is_of_more, stands_for_more(archive, certificate));
  TRY_ASSIGN(const std::string standing, standing_certificate(archive));
  if (is_of_more && verdict_in(standing) == name_of(Verdict::not_safe)) return false;
  TRY(note_replaced(archive, certificate));
  certificate.ledger_bytes = archive.durable();
  TRY(write_both(archive.tree(), certificate));
  return true;
}

Result<bool> stands_for_more(const AccountArchive& archive, const Certificate& certificate) {
  TRY_ASSIGN(const std::set<std::string> tables, left_out_tables(archive, certificate));
  return !tables.empty();
}

Result<std::string> standing_certificate(const AccountArchive& archive) {
  TRY_ASSIGN(const std::optional<std::string> text, archive.tree().read(std::string(kCertificate)));
  return text.value_or("");
}

std::string verdict_in(const std::string& json) {
  const nlohmann::json document = nlohmann::json::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains("verdict") || !document["verdict"].is_string()) return {};
  return document["verdict"].get<std::string>();
}

Result<LastVerdict> last_verdict(const AccountArchive& archive, i64 pages) {
  TRY_ASSIGN(const std::string text, standing_certificate(archive));
  LastVerdict last;
  last.verdict = verdict_in(text);
  if (last.verdict.empty()) return last;
  const nlohmann::json document = nlohmann::json::parse(text);
  const auto at = [&document](const char* where) {
    const nlohmann::json::json_pointer pointer(where);
    return document.contains(pointer) ? document.at(pointer) : nlohmann::json();
  };
  if (const nlohmann::json created_at = at("/created_at"); created_at.is_string()) last.created_at = created_at.get<std::string>();
  // A certificate of an earlier version says nothing of the ledger: there the pages must do.
  const nlohmann::json ledger_bytes = at("/pulled/ledger_bytes");
  last.is_current = at("/archive_id") == archive.about().id &&
                    (ledger_bytes.is_null() ? at("/pulled/pages") == pages : ledger_bytes == archive.durable());
  for (const nlohmann::json& limit : at("/limited_by")) {
    if (limit.is_string()) last.limited_by.push_back(limit.get<std::string>());
  }
  for (const nlohmann::json& table : at("/replaced")) {
    if (table.is_string()) last.replaced.insert(table.get<std::string>());
  }
  for (const nlohmann::json& stream : at("/streams")) {
    if (!stream.is_object() || !stream.contains("table") || !stream.contains("state")) continue;
    if (!stream["table"].is_string() || !stream["state"].is_string()) continue;
    if (const std::optional<StreamState> state = parse_stream_state(stream["state"].get<std::string>()))
      last.states[stream["table"].get<std::string>()] = *state;
  }
  return last;
}

}  // namespace chimplift
