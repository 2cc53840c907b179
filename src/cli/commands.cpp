#include "cli/commands.hpp"

#include <algorithm>
#include <type_traits>

#include "base/log.hpp"
#include "cli/ca_file.hpp"
#include "cli/generate.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/metrics_file.hpp"
#include "cli/output.hpp"
#include "cli/progress_view.hpp"
#include "cli/settings.hpp"
#include "cli/summary.hpp"
#include "cli/tables.hpp"
#include "cli/unknown_variables.hpp"
#include "sync/doctor.hpp"
#include "sync/engine.hpp"
#include "sync/plan.hpp"
#include "sync/status.hpp"

namespace chimplift {
namespace {

struct Context {
  Command command;
  Values values;
  const Environment* environment;
  Output output;
  std::string run;  // its name in logs and metrics
};

template <typename T>
int exit_code_of(const std::vector<T>& results) {
  std::vector<ErrorKind> kinds;
  for (const T& result : results) {
    if (result.error) kinds.push_back(result.error->kind);
  }
  const std::optional<ErrorKind> worst = worst_of(kinds);
  return worst ? exit_code_now(*worst) : 0;
}

/// Settings with what a run needs around them: a place for its progress, and the signals.
Result<Settings> prepare(const Context& context, Progress& progress) {
  TRY_ASSIGN(Settings settings, settings_of(context.command, context.values, *context.environment));
  for (const Account& account : settings.accounts) progress.accounts.emplace_back().account_name = account.name;
  // These two begin where a sync is when it has read everything.
  progress.phase = context.command == Command::load     ? RunPhase::load
                   : context.command == Command::verify ? RunPhase::verify
                                                        : RunPhase::pull;
  settings.progress = &progress;
  settings.interrupted = &watch_signals();
  return settings;
}

/// The important thing last: what went wrong stands where the eye is. The same for all accounts is said once.
template <typename T>
void show_failures(const Output& output, const std::vector<T>& accounts, const std::optional<Error>& of_all = {}) {
  std::vector<std::string> said;
  if (of_all) said.push_back(of_all->message);
  for (const T& account : accounts) {
    if (!account.error || std::find(said.begin(), said.end(), account.error->message) != said.end()) continue;
    said.push_back(account.error->message);
    show_error(output, *account.error);
  }
  if (of_all) show_error(output, *of_all);
}

/// sync, pull, load and verify: they move data and show how that goes.
int run_engine(const Context& context, RunResult (*work)(const Settings&)) {
  Progress progress;
  const Result<Settings> settings = prepare(context, progress);
  if (!settings) return end_with_error(context.output, settings.error());
  const std::string_view name = spec_of(context.command).name;
  const Result<std::unique_ptr<MetricsFile>> metrics =
      MetricsFile::begin(context.values.text("metrics-file"), {context.run, std::string(name)}, progress);
  if (!metrics) return end_with_error(context.output, metrics.error());
  RunResult result;
  {
    const ProgressView view(progress, context.output, *settings->interrupted);
    result = work(*settings);
  }
  const std::optional<ErrorKind> failure = result.failure();
  const int code = failure ? exit_code_now(*failure) : 0;
  if (*metrics) (*metrics)->end(result, code);
  const std::string said = context.output.json
                               ? run_document(name, result, code)
                               : summary_text(context.command, result, *settings, context.output.out, !context.output.quiet);
  const int ended = end_with_result(context.output, said, code);
  show_failures(context.output, result.accounts, result.error);
  return ended;
}

/// plan, status and doctor: they look, and show what they found as one list.
template <typename T>
int run_report(const Context& context, std::vector<T> (*look)(const Settings&), std::string (*document)(const std::vector<T>&, int),
               std::string (*text)(const std::vector<T>&, const Paint&)) {
  Progress progress;
  const Result<Settings> settings = prepare(context, progress);
  if (!settings) return end_with_error(context.output, settings.error());
  const std::vector<T> found = look(*settings);
  const int code = exit_code_of(found);
  const int ended = end_with_result(context.output, context.output.json ? document(found, code) : text(found, context.output.out), code);
  // A check that failed has its error in the list.
  if constexpr (!std::is_same_v<T, Check>) show_failures(context.output, found);
  return ended;
}

/// The same list with and without --json: it is for a workflow, which asks for its accounts before all else. A step that does not exist is
/// said here, and not after hours.
int run_accounts(const Context& context) {
  if (const Result<std::string> file = ca_file_of(context.values); !file) return end_with_error(context.output, file.error());
  const Result<Selection> selection = Selection::of(context.values.list("excluded-steps"), {});
  if (!selection) return end_with_error(context.output, selection.error());
  const Result<std::vector<Account>> accounts = accounts_of(context.command, context.values, *context.environment);
  if (!accounts) return end_with_error(context.output, accounts.error());
  return end_with_result(context.output, accounts_document(*accounts), 0);
}

}  // namespace

int run_command(const CommandLine& line, const Environment& environment) {
  Result<Values> values = resolve(line, environment);
  if (!values) {
    Output output;
    output.json = wants_json(line, environment);
    if (wants_json_log(line, environment)) output.format = LogFormat::json;
    begin_log(output);
    return end_with_error(output, values.error());
  }
  Context context{line.command, std::move(*values), &environment, {}, {}};
  context.output = output_of(context.values, environment);
  context.run = begin_log(context.output);
  for (const std::string& sentence : unknown_variables(variable_names())) log_warning(sentence);
  switch (line.command) {
    case Command::sync:
      return run_engine(context, sync);
    case Command::pull:
      return run_engine(context, pull_only);
    case Command::load:
      return run_engine(context, load_only);
    case Command::verify:
      return run_engine(context, verify_only);
    case Command::plan:
      return run_report(context, plan, plan_document, plan_text);
    case Command::status:
      return run_report(context, status, status_document, status_text);
    case Command::doctor:
      return run_report(context, doctor, doctor_document, doctor_text);
    case Command::accounts:
      return run_accounts(context);
    case Command::generate:
      return run_generate(line, context.values, context.output);
    case Command::streams:
      return end_with_result(context.output, context.output.json ? streams_document() : streams_text(context.output.out), 0);
    case Command::version:
      return end_with_result(context.output, context.output.json ? version_document() : "chimplift " CHIMPLIFT_VERSION "\n", 0);
    case Command::help:
      break;  // the parser answers it
  }
  return end_with_result(context.output, short_help(), 0);
}

}  // namespace chimplift
