// Every gap is named, and nothing else is; what had a gap is asked for again, and nothing else is.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.hpp"
#include "e2e_compare.hpp"
#include "simulator/truth.hpp"

namespace chimplift::e2e {
namespace {

SimulatorOptions recorded() {
  SimulatorOptions options = Scene::small();
  options.record_requests = true;
  return options;
}

/// The ids of a table's records, in the truth's order.
Words ids_of(const Scene& scene, const std::string& collection) {
  Words ids;
  for (const mailchimp_sim::Row& row : scene.account().collections.at(collection).rows) ids.push_back(row.id);
  return ids;
}

/// The path of the file of that kind, as it is asked for.
std::string path_of_file(const Scene& scene, const std::string& kind, const std::string& id) {
  for (const auto& [path, file] : scene.account().files) {
    if (file.kind == kind && file.id == id) return path;
  }
  ADD_FAILURE() << "the simulator has no file " << kind << " " << id;
  return "/none";
}

/// The id of the first file of that kind.
std::string first_of_kind(const Scene& scene, const std::string& kind) {
  for (const auto& [path, file] : scene.account().files) {
    if (file.kind == kind) return file.id;
  }
  ADD_FAILURE() << "the simulator has no file of the kind " << kind;
  return "";
}

/// The address of an image that a campaign links.
std::string linked_image(const Scene& scene) {
  for (const std::string& line : mailchimp_sim::file_truth_of(scene.account())) {
    const Json file = Json::parse(line);
    if (file.at("kind") == "campaign_images") return file.at("url");
  }
  ADD_FAILURE() << "no campaign links an image";
  return "";
}

/// What was asked for, without queries.
Words asked(const Scene& scene) {
  Words paths;
  for (const std::string& line : scene.stats().request_log) paths.push_back(line.substr(0, line.find('?')));
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool contains(const Words& words, const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); }

/// After the faults are gone: a second run closes the gaps and asks for nothing else but `again`, the account and the lists of suspects.
void expect_closed(Scene& scene, const Words& again) {
  scene.simulator.lift_faults();
  scene.simulator.reset_stats();
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
  expect_truth(scene);
  const Words paths = asked(scene);
  for (const std::string& path : again) EXPECT_TRUE(contains(paths, path)) << path << " was not asked for";
  for (const std::string& path : paths) EXPECT_TRUE(path == "/" || contains(again, path)) << path << " was asked for again";
}

// Eleven faults for good: each is the gap or the exception that docs/design.md makes it, nothing else is named, and once they are lifted
// nothing else is asked for.
TEST(e2e_gap, faults_are_named_as_what_they_are_and_close_without_a_question_too_many) {
  Scene scene(recorded());
  const std::string list = ids_of(scene, "/lists")[0];
  const std::string other = ids_of(scene, "/lists")[1];
  const std::string campaign = ids_of(scene, "/reports")[0];
  const Words files = ids_of(scene, "/file-manager/files");
  const std::string thumbnail = first_of_kind(scene, "templates");
  const std::string image = linked_image(scene);
  const std::string categories = "/lists/" + other + "/interest-categories";
  const std::string checklist = "/campaigns/" + campaign + "/send-checklist";
  const auto plant = [&scene](const std::string& kind, const std::string& path) {
    scene.simulator.plant({.kind = kind, .path_contains = path});
  };
  plant("status_403", "/advice");
  plant("status_403", "/reports/" + campaign + "/locations");
  plant("status_404", "/lists/" + list + "/activity");
  plant("missing", path_of_file(scene, "stored_files", files[1]));
  plant("wrong_size", path_of_file(scene, "stored_files", files[2]));
  plant("status_500", categories);
  plant("missing", image.substr(image.find("/files/")));
  plant("html_200", checklist);
  plant("redirect_other_host", "/lists/" + list + "/clients");
  plant("status_502_html", path_of_file(scene, "templates", thumbnail));
  plant("total_plus", "/file-manager/folders");
  const Ended ended = scene.sync({"--warehouse", "none"});
  EXPECT_EQ(ended.code, 3) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "not safe");
  EXPECT_EQ(findings(certificate.at("gaps")),
            (Words{"campaign_advice", "campaign_locations campaign_id=" + campaign, "campaign_send_checklists campaign_id=" + campaign,
                   "list_activity list_id=" + list, "list_clients list_id=" + list, "list_interest_categories list_id=" + other,
                   "stored_file_folders", "templates file=" + thumbnail}))
      << certificate.at("gaps");
  EXPECT_EQ(findings(certificate.at("exceptions")),
            (Words{"campaign_content file=" + image, "stored_files file=" + files[1], "stored_files file=" + files[2]}))
      << certificate.at("exceptions");
  EXPECT_NE(reasons(certificate.at("gaps")).find("list_interests"), std::string::npos) << "what hangs below is not named";
  for (const Json& gap : certificate.at("gaps")) {
    const bool leads_on = gap.at("stream") == "list_interest_categories";
    EXPECT_EQ(gap.value("below", Json()), leads_on ? Json({"list_interests"}) : Json()) << gap;
  }
  const std::map<std::string, std::string> states = {{"campaign_advice", "not permitted"},
                                                     {"campaign_locations", "not permitted"},
                                                     {"list_activity", "incomplete"},
                                                     {"list_clients", "incomplete"},
                                                     {"stored_file_folders", "incomplete"}};
  for (const Json& gap : certificate.at("gaps")) {
    EXPECT_EQ(gap.at("account"), scene.account().name);
    EXPECT_FALSE(gap.at("reason").get<std::string>().empty());
    EXPECT_NE(gap.at("command").get<std::string>().find("chimplift sync"), std::string::npos);
    if (!states.contains(gap.at("stream").get<std::string>())) continue;
    EXPECT_NE(ended.out.find(gap.at("reason").get<std::string>().substr(0, 40)), std::string::npos) << "the screen does not name " << gap;
  }
  const Words others = {"campaign_send_checklists", "list_interest_categories", "list_interests", "templates"};
  for (const Json& stream : certificate.at("streams")) {
    const std::string table = stream.at("table");
    const auto state = states.find(table);
    if (contains(others, table)) continue;
    EXPECT_EQ(stream.at("state"), state == states.end() ? "complete" : state->second) << stream;
  }
  EXPECT_EQ(scene.simulator.stats().other_host_requests_with_key, 0);

  Words again = {
      "/lists/" + list + "/activity", "/lists/" + list + "/clients", "/reports/" + campaign + "/locations", checklist, categories,
      "/file-manager/folders"};
  int below = 0;
  for (const auto& [path, collection] : scene.account().collections) {
    if (path.starts_with(categories + "/") || collection.table == "campaign_advice") again.push_back(path);
    below += path.starts_with(categories + "/") ? 1 : 0;
  }
  EXPECT_GT(below, 0);
  expect_closed(scene, again);
  EXPECT_EQ(asked(scene).size(), again.size() + 1) << "each once, and the account itself";
  EXPECT_EQ(scene.stats().file_requests, 4);
}

TEST(e2e_gap, bytes_that_mailchimp_lost_or_counts_wrong_are_exceptions) {
  Scene scene;
  const Words files = ids_of(scene, "/file-manager/files");
  const std::string wrong = path_of_file(scene, "stored_files", files[2]);
  const std::string image = linked_image(scene);
  scene.simulator.plant({.kind = "missing", .path_contains = path_of_file(scene, "stored_files", files[1])});
  scene.simulator.plant({.kind = "wrong_size", .path_contains = wrong});
  scene.simulator.plant({.kind = "missing", .path_contains = image.substr(image.find("/files/"))});
  const Ended ended = scene.sync({"--warehouse", "none"});
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close, with exceptions");
  EXPECT_TRUE(certificate.at("gaps").empty()) << certificate.at("gaps");
  EXPECT_EQ(findings(certificate.at("exceptions")),
            (Words{"campaign_content file=" + image, "stored_files file=" + files[1], "stored_files file=" + files[2]}))
      << certificate.at("exceptions");
  EXPECT_EQ(files_in(scene.account_folder()).at("stored_files/" + files[2]), sha256_hex(scene.account().files.at(wrong).bytes + "surplus"))
      << "kept as it came";
}

}  // namespace
}  // namespace chimplift::e2e
