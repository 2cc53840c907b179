#include "cli/generate.hpp"

#include "cli/completion.hpp"
#include "cli/json_output.hpp"
#include "cli/man.hpp"
#include "cli/snowflake_options.hpp"

namespace chimplift {
namespace {

int end_with_text(const Output& output, const std::string& text) {
  return end_with_result(output, output.json ? text_document(text) : text, 0);
}

int end_with_sql(const Output& output, const std::string& sql) { return end_with_result(output, output.json ? sql_document(sql) : sql, 0); }

int snowflake_setup(const Values& values, const Output& output) {
  const Result<snowflake::Setup> setup = snowflake_setup_of(values);
  return setup ? end_with_sql(output, setup_sql(*setup)) : end_with_error(output, setup.error());
}

}  // namespace

int run_generate(const CommandLine& line, const Values& values, const Output& output) {
  if (line.topic == "completion") return end_with_text(output, completion_for(line.choice));
  if (line.topic == "man") return end_with_text(output, man_page());
  return snowflake_setup(values, output);
}

}  // namespace chimplift
