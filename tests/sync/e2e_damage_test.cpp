// What an archive lost, Mailchimp may still have: verify names it, sync reads it again, and everything is as if nothing had happened.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "base/hash.hpp"
#include "e2e_compare.hpp"
#include "support/tries.hpp"

namespace chimplift::e2e {
namespace {

using std::filesystem::path;

/// For a verification that is about pages and files: what it says of tables is said where they are.
const Words kNoTables = {"--warehouse", "none"};

/// Flips a bit, cuts, or takes away. Says what it did.
std::string damage(const path& file, Chance& chance) {
  std::string bytes = read_text(file);
  const i64 kind = chance.between(0, bytes.empty() ? 0 : 3);
  if (bytes.empty() || kind == 0) {
    std::filesystem::remove(file);
    return file.string() + " removed\n";
  }
  const auto at = static_cast<std::size_t>(chance.between(0, static_cast<i64>(bytes.size()) - 1));
  if (kind == 1)
    bytes.resize(at);
  else
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << chance.between(0, 7)));
  write_text(file, bytes);
  return file.string() + (kind == 1 ? " cut at " : " flipped at ") + std::to_string(at) + "\n";
}

/// Different files of these.
std::vector<path> some_of(std::vector<path> files, std::size_t count, Chance& chance) {
  for (std::size_t i = 0; i + 1 < files.size(); ++i)
    std::swap(files[i], files[static_cast<std::size_t>(chance.between(static_cast<i64>(i), static_cast<i64>(files.size()) - 1))]);
  files.resize(std::min(count, files.size()));
  return files;
}

TEST(e2e_damage, verify_names_it_and_sync_mends_what_mailchimp_still_has) {
  Chance chance;
  const Scene scene;
  ASSERT_EQ(scene.sync().code, 0);
  const int rounds = times(1, 30);
  i64 damages = 0;
  for (int round = rounds; round > 0; --round) {
    std::string what = chance.seed() + "\n";
    const std::vector<path> segments = some_of(files_below(scene.account_folder() / "raw"), 4, chance);
    const std::vector<path> files = some_of(files_below(scene.account_folder() / "files"), 4, chance);
    for (const path& file : segments) what += damage(file, chance);
    for (const path& file : files) what += damage(file, chance);
    damages += static_cast<i64>(segments.size() + files.size());
    SCOPED_TRACE(what);
    const Ended verified = scene.run("verify", kNoTables);
    EXPECT_EQ(verified.code, 3) << verified.all();
    const std::string named = scene.certificate().at("gaps").dump() + scene.certificate().at("exceptions").dump();
    for (const path& file : segments) EXPECT_NE(named.find(file.string()), std::string::npos) << file << " in " << named;
    for (const path& file : files)
      EXPECT_NE(named.find(file.lexically_relative(scene.account_folder()).string()), std::string::npos) << file << " in " << named;
    const Ended synced = scene.sync();
    EXPECT_EQ(synced.code, 0) << synced.all() << scene.certificate().at("gaps");
    expect_truth(scene);
    EXPECT_EQ(scene.run("verify", kNoTables).code, 0);
    const std::string exceptions = reasons(scene.certificate().at("exceptions"));
    for (const path& file : segments) EXPECT_NE(exceptions.find(file.string()), std::string::npos) << file << " in " << exceptions;
    // Also tables that are made anew have everything.
    std::filesystem::remove(scene.duckdb());
    const Ended loaded = scene.run("load");
    EXPECT_EQ(loaded.code, 0) << loaded.all();
    expect_truth(scene);
  }
  tried(damages);
}

// Nothing but the ledger names such a file then.
TEST(e2e_damage, a_file_whose_page_is_damaged_with_it_is_named_and_mended) {
  const Scene scene;
  const Words only = {"--only-steps", "campaign_content"};
  ASSERT_EQ(scene.sync(only).code, 0);
  for (const path& segment : files_below(scene.account_folder() / "raw" / "campaign_content")) std::filesystem::remove(segment);
  const path file = files_below(scene.account_folder() / "files" / "campaigns").at(0);
  std::filesystem::resize_file(file, 1);
  EXPECT_EQ(scene.run("verify", only).code, 3);
  const std::string gaps = scene.certificate().at("gaps").dump();
  EXPECT_NE(gaps.find(file.lexically_relative(scene.account_folder()).string()), std::string::npos) << file << " in " << gaps;
  const Ended synced = scene.sync(only);
  EXPECT_EQ(synced.code, 0) << synced.all() << scene.certificate().at("gaps");
  EXPECT_GT(std::filesystem::file_size(file), 1U);
  expect_truth(scene, steps_but({"campaign_content"}));
}

TEST(e2e_damage, tables_that_are_made_of_a_damaged_archive_are_not_called_whole) {
  const Scene scene;
  const Words only = {"--only-steps", "lists"};
  ASSERT_EQ(scene.run("pull", only).code, 0);
  std::filesystem::remove(files_below(scene.account_folder() / "raw" / "list_members").at(0));
  const Ended loaded = scene.run("load", only);
  EXPECT_EQ(loaded.code, 7) << loaded.all();
  EXPECT_NE(loaded.all().find("list_members"), std::string::npos) << loaded.all();
  EXPECT_EQ(scene.run("verify", only).code, 3);
  EXPECT_EQ(scene.sync(only).code, 0);
  expect_truth(scene, steps_but({"lists"}));
}

TEST(e2e_damage, a_run_that_was_killed_goes_on_although_pages_were_damaged_meanwhile) {
  Chance chance;
  const int rounds = times(1, 20);
  tried(rounds);
  for (int round = rounds; round > 0; --round) {
    const Scene scene;
    const Ended killed = scene.signal_after("sync", chance.between(20, 300), SIGKILL);
    std::string what = chance.seed() + "\n";
    for (const path& file : some_of(files_below(scene.account_folder() / "raw"), 3, chance)) what += damage(file, chance);
    SCOPED_TRACE(what);
    const Ended synced = scene.sync();
    EXPECT_EQ(synced.code, 0) << synced.all() << scene.certificate().at("gaps");
    expect_truth(scene);
    EXPECT_EQ(scene.run("verify", kNoTables).code, 0);
  }
}

// ---- what Mailchimp has no more

const std::string kStoredFiles = "/file-manager/files";

void flip_a_bit(const path& file) {
  std::string bytes = read_text(file);
  bytes.at(bytes.size() / 2) ^= 1;
  write_text(file, bytes);
}

/// A step of an account that was read, and of which something goes. Its tables are few, and it is read and verified many times.
class Gone {
 public:
  explicit Gone(std::string step) : step_(std::move(step)) { expect("sync", 0, "safe to close"); }

  /// The file of that kind that the archive has.
  [[nodiscard]] path file_of(const std::string& kind, const std::string& id) const {
    for (const path& file : files_below(scene.account_folder() / "files" / kind)) {
      if (file.filename().string().starts_with(id)) return file;
    }
    ADD_FAILURE() << "no file " << kind << " " << id;
    return {};
  }
  /// The one that the simulator has.
  [[nodiscard]] const mailchimp_sim::StoredFile& served(const std::string& kind, const std::string& id) const {
    for (const auto& [path, file] : scene.account().files) {
      if (file.kind == kind && file.id == id) return file;
    }
    throw std::out_of_range("the simulator has no file " + kind + " " + id);
  }
  /// How its address is answered from now on.
  void answer(const mailchimp_sim::StoredFile& file, const std::string& kind) {
    scene.simulator.lift_faults();
    scene.simulator.plant({.kind = kind, .path_contains = file.url.substr(file.url.find("/files/"))});
  }
  void remove(const std::string& record) {
    scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = record});
    expect("sync", 0, "safe to close");
  }
  /// Runs the command, which certifies that: as if there were no other steps, which are exceptions as well.
  void expect(const std::string& command, int code, const std::string& verdict) const {
    const Ended ended = scene.run(command, {"--only-steps", step_});
    ASSERT_TRUE(exists(scene.account_folder() / "certificate.json")) << ended.all();
    EXPECT_EQ(ended.code, code) << ended.all() << scene.certificate().at("gaps");
    EXPECT_EQ(scene.certificate().at("verdict"), verdict == "safe to close" ? "safe to close, with exceptions" : verdict)
        << command << scene.certificate().at("gaps");
    if (verdict == "safe to close") {
      EXPECT_TRUE(exceptions().empty()) << exceptions();
    } else if (verdict != "not safe") {
      EXPECT_FALSE(exceptions().empty());
    }
  }
  /// Those that are not of other steps.
  [[nodiscard]] Json exceptions() const {
    const Json certificate = scene.certificate();
    Json all = Json::array();
    for (const Json& one : certificate.at("exceptions")) {
      if (one.at("reason") != "excluded") all.push_back(one);
    }
    return all;
  }
  /// The reason that the certificate gives for the only gap, or the only exception.
  [[nodiscard]] std::string reason_of(const std::string& file, const std::string& list) const {
    const Json found = list == "exceptions" ? exceptions() : scene.certificate().at(list);
    EXPECT_EQ(found.size(), 1U) << found;
    if (found.empty()) return "";
    EXPECT_EQ(found[0].value("file", ""), file);
    return found[0].at("reason");
  }
  /// "expected fetched missing" of the kind.
  [[nodiscard]] std::string counted(const std::string& kind) const {
    const Json certificate = scene.certificate();
    for (const Json& line : certificate.at("files")) {
      if (line.at("kind") == kind) return line.at("expected").dump() + " " + line.at("fetched").dump() + " " + line.at("missing").dump();
    }
    return "none";
  }
  [[nodiscard]] std::string asset(const std::string& kind, const std::string& id) const {
    std::string rows;
    for (const std::string& row :
         column_of(scene.duckdb(),
                   "SELECT outcome || ' ' || coalesce(sha256, '-') || ' ' || (storage_uri IS NOT NULL) FROM mailchimp.assets "
                   "WHERE kind = '" +
                       kind + "' AND file_id = '" + id + "'"))
      rows += row + "\n";
    return rows;
  }

  Scene scene;

 private:
  std::string step_;
};

TEST(e2e_damage, a_file_that_mailchimp_has_no_more_is_named_in_every_later_certificate) {
  Gone account("stored_files");
  const std::string id = account.scene.account().collections.at(kStoredFiles).rows.at(0).id;
  const std::string all = std::to_string(account.scene.account().collections.at(kStoredFiles).rows.size());
  const std::string others = std::to_string(account.scene.account().collections.at(kStoredFiles).rows.size() - 1);
  account.remove(kStoredFiles + "/" + id);
  account.answer(account.served("stored_files", id), "missing");
  flip_a_bit(account.file_of("stored_files", id));
  account.expect("verify", 3, "not safe");
  EXPECT_NE(account.reason_of(id, "gaps").find("is damaged"), std::string::npos);
  for (const std::string command : {"sync", "verify", "sync"}) {
    SCOPED_TRACE(command);
    account.expect(command, 0, "safe to close, with exceptions");
    EXPECT_EQ(account.reason_of(id, "exceptions"),
              "what the archive had of it was damaged, and it could not be fetched again: 404: its server no longer has it");
    EXPECT_EQ(account.counted("stored_files"), all + " " + others + " 1");
    EXPECT_EQ(account.asset("stored_files", id), "missing - false\n");
  }
}

TEST(e2e_damage, a_file_that_mailchimp_names_no_more_is_fetched_from_where_it_came) {
  Gone account("stored_files");
  const std::string id = account.scene.account().collections.at(kStoredFiles).rows.at(0).id;
  const mailchimp_sim::StoredFile& served = account.served("stored_files", id);
  const path file = account.file_of("stored_files", id);
  account.remove(kStoredFiles + "/" + id);
  flip_a_bit(file);
  account.expect("sync", 0, "safe to close");
  EXPECT_EQ(read_text(file), served.bytes);
  // Also by a later run, where it does not come at once.
  flip_a_bit(file);
  account.answer(served, "status_403");
  account.expect("sync", 0, "safe to close, with exceptions");
  EXPECT_NE(account.reason_of(id, "exceptions").find("could not be fetched again: status 403"), std::string::npos);
  account.scene.simulator.lift_faults();
  account.expect("sync", 0, "safe to close");
  EXPECT_EQ(read_text(file), served.bytes);
  EXPECT_EQ(account.asset("stored_files", id), "fetched " + sha256_hex(served.bytes) + " true\n");
}

TEST(e2e_damage, of_an_older_body_the_image_is_named_and_the_body_made_again_from_its_page) {
  Gone account("templates");
  std::string of_template;
  for (const auto& [url, file] : account.scene.account().files) {
    if (file.kind == "campaign_images" && file.id.starts_with("template ")) of_template = file.id;
  }
  const std::string id = of_template.substr(of_template.rfind(' ') + 1);
  const mailchimp_sim::StoredFile& served = account.served("campaign_images", of_template);
  const path image = account.file_of("campaigns/images", sha256_hex(served.bytes));
  const path body = account.file_of("template_sections", id + ".section_1.html");
  const std::string html = read_text(body);
  account.remove("/templates/" + id);
  account.answer(served, "missing");
  flip_a_bit(image);
  flip_a_bit(body);
  account.expect("sync", 0, "safe to close, with exceptions");
  EXPECT_NE(account.reason_of(served.url, "exceptions").find("404"), std::string::npos);
  EXPECT_EQ(read_text(body), html);
  account.expect("verify", 0, "safe to close, with exceptions");
  // Where the page is lost with it, nothing is left that could say so but the ledger.
  std::filesystem::remove_all(account.scene.account_folder() / "raw" / "template_default_content");
  flip_a_bit(body);
  for (const std::string command : {"sync", "verify"}) {
    account.expect(command, 0, "safe to close, with exceptions");
    const std::string exceptions = account.exceptions().dump();
    for (const std::string& file : {served.url, body.filename().string()})
      EXPECT_NE(exceptions.find(file), std::string::npos) << exceptions;
  }
}

TEST(e2e_damage, a_file_that_cannot_be_had_at_its_new_address_is_what_it_was) {
  Gone account("stored_files");
  const std::string id = account.scene.account().collections.at(kStoredFiles).rows.at(0).id;
  const std::string all = std::to_string(account.scene.account().collections.at(kStoredFiles).rows.size());
  const mailchimp_sim::StoredFile& served = account.served("stored_files", id);
  const path file = account.file_of("stored_files", id);
  const auto expect_kept = [&] {
    EXPECT_EQ(account.reason_of(id, "exceptions"), "404: its server no longer has it; kept as it had come before");
    EXPECT_EQ(account.counted("stored_files"), all + " " + all + " 0");
    EXPECT_EQ(read_text(file), served.bytes);
    EXPECT_EQ(account.asset("stored_files", id), "fetched " + sha256_hex(served.bytes) + " true\n");
    EXPECT_EQ(column_of(account.scene.duckdb(), "SELECT sha256 FROM mailchimp.stored_files WHERE id = " + id).at(0),
              sha256_hex(served.bytes));
  };
  const std::string record = kStoredFiles + "/" + id;
  const std::string moved = served.url.substr(0, served.url.rfind('/')) + "/moved.png";
  account.scene.simulator.plant_drift(mailchimp_sim::Change{.path = record, .field = "full_size_url", .text = moved});
  for (const std::string command : {"sync", "verify"}) {
    account.expect(command, 0, "safe to close, with exceptions");
    expect_kept();
  }
  account.scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = record});
  for (const std::string command : {"sync", "verify"}) {
    account.expect(command, 0, "safe to close, with exceptions");
    expect_kept();
  }
  // Its bytes are proven as those of any other file, and come from where they came before.
  flip_a_bit(file);
  account.expect("verify", 3, "not safe");
  account.expect("sync", 0, "safe to close, with exceptions");
  expect_kept();
}

}  // namespace
}  // namespace chimplift::e2e
