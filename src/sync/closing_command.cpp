#include "sync/closing_command.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace chimplift {

std::string closing_command(const Settings& settings, std::string_view command, const std::vector<GivenOption>& own) {
  std::string line = "chimplift " + std::string(command);
  const auto add = [&line](const GivenOption& option) {
    if (!option.second.empty()) line += " --" + option.first + " " + shell_word(option.second);
  };
  for (const GivenOption& option : own) add(option);
  const auto given = settings.given.find(command);
  if (given == settings.given.end()) return line;
  for (const GivenOption& option : given->second) {
    const bool is_own = std::any_of(own.begin(), own.end(), [&option](const GivenOption& one) { return one.first == option.first; });
    if (!is_own) add(option);
  }
  return line;
}

std::string pull_elsewhere_command(const Settings& settings, std::string_view account_name) {
  std::string place = settings.archive->name_of("");
  while (place.size() > 1 && place.ends_with('/')) place.pop_back();
  // Without a name for it the tables go into the new archive's folder; beside S3 they would come among those of the old one.
  const std::string tables = place.starts_with("s3://") ? "duckdb:mailchimp-again.duckdb" : "";
  return closing_command(settings, "sync", {{"account", std::string(account_name)}, {"archive", place + "-again"}, {"warehouse", tables}});
}

std::string removing_command(const AccountArchive& archive, const FileRecord& record) {
  std::vector<std::string> words;
  for (const std::string& word : archive.tree().removal_of(file_path(record.path))) words.push_back(shell_word(word));
  return join(words, " ");
}

}  // namespace chimplift
