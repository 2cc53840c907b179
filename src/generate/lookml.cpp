// The model, and what is put together of its parts.
#include "generate/lookml.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace chimplift {
namespace {

std::string joined(std::string_view view, std::string_view target, const std::string& on, bool one_to_one) {
  return fmt::format(
      "\n  join: {} {{\n    type: left_outer\n    relationship: {}\n    sql_on: ${{{}.account_name}} = ${{{}.account_name}}{} ;;\n  }}\n",
      target, one_to_one ? "one_to_one" : "many_to_one", view, target, on);
}

std::string explore(const DescribedTable& described) {
  const std::string& view = described.table.name;
  const bool has_files = described.table.find("storage_uri") >= 0;
  std::string text = fmt::format("\nexplore: {} {{\n  description: {}\n", view, lookml_text(described.about));
  if (described.stream != nullptr)
    text += fmt::format("  group_label: {}\n", lookml_text(fmt::format("Mailchimp {}", described.stream->step)));
  // A link from Snowflake dies after an hour: no cached answer may be older.
  if (has_files) text += "  persist_for: \"50 minutes\"\n";
  if (described.stream != nullptr) {
    for (const Join& join : joins_of(*described.stream)) {
      std::string on;
      for (const auto& [here, there] : join.on) on += fmt::format(" AND ${{{}.{}}} = ${{{}.{}}}", view, here, join.target->table, there);
      text += joined(view, join.target->table, on, join.one_to_one);
    }
  }
  if (has_files) text += joined(view, "file_links", fmt::format(" AND ${{{}.storage_uri}} = ${{file_links.storage_uri}}", view), false);
  return text + "}\n";
}

}  // namespace

std::string lookml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string lookml_header(std::string_view advice) { return fmt::format("# {} lookml`; {}\n\n", kMadeBy, advice); }

std::string lookml_model(const LookmlSettings& settings) {
  std::string text = lookml_header("do not edit it: refine an explore in a file of your own: explore: +campaigns");
  text += fmt::format("connection: {}\nlabel: \"Mailchimp\"\n\ninclude: \"views/*.view.lkml\"\n", lookml_text(settings.connection));
  for (const DescribedTable& described : described_tables()) text += explore(described);
  return text;
}

std::vector<GeneratedFile> lookml(const LookmlSettings& settings) {
  std::vector<GeneratedFile> files = {{"mailchimp.model.lkml", lookml_model(settings)},
                                      {"views/file_links.view.lkml", lookml_links_view(settings)}};
  for (const DescribedTable& described : described_tables())
    files.push_back({fmt::format("views/{}.view.lkml", described.table.name), lookml_view(described, settings)});
  return files;
}

}  // namespace chimplift
