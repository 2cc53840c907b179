#include "cli/snowflake_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "cli/archive_options.hpp"
#include "cli/aws_options.hpp"
#include "cli/config.hpp"
#include "cli/content.hpp"
#include "cli/private_file.hpp"
#include "cli/warehouse_option.hpp"
#include "warehouse/snowflake_sql.hpp"

namespace chimplift {
namespace {

using Document = std::map<std::string, std::string>;

// What a name of the document is called among the options, where it is one.
constexpr std::pair<const char*, const char*> kNames[] = {
    {"account", "snowflake-account"},     {"user", "snowflake-user"},
    {"role", "snowflake-role"},           {"warehouse", "snowflake-warehouse"},
    {"database", "snowflake-database"},   {"dev_database", "snowflake-dev-database"},
    {"schema", "snowflake-schema"},       {"stage", "snowflake-stage"},
    {"stage_url", "snowflake-stage-url"}, {"url", "snowflake-url"},
};
constexpr std::pair<const char*, const char*> kFiles[] = {
    {"private_key", "snowflake-private-key"}, {"private_key_passphrase", "snowflake-passphrase"}, {"token", "snowflake-token"}};

/// What the file that the option names holds, or what the option holds itself. Never a word of either in an error: what was meant as a name
/// may be the secret.
Result<std::string> read_named(const Values& values, const std::string& option) {
  const std::string given = values.text(option);
  const std::string where = values.where(option);
  if (is_content(given)) {
    if (!where.starts_with("--")) return std::string(trim(given));
    return fail(ErrorKind::usage,
                fmt::format("{} names a file and is not the secret itself: every user of this machine could see it", where),
                fmt::format("Put it into a file, or into {}.", environment_name(*find_option(option))));
  }
  TRY(expect_private(given));
  const Result<std::string> text = read_file(given);
  if (text) return std::string(trim(*text));
  const std::string& message = text.error().message;
  return fail(ErrorKind::usage, fmt::format("cannot read the file that {} names: {}", where, message.substr(message.rfind(": ") + 2)),
              fmt::format("{} is the name of a file.", where));
}

Result<Document> read_document(const Values& values, const Environment& environment) {
  const std::string given = values.text("snowflake-secret");
  if (given.empty()) return Document();
  if (!names_secret(given)) {
    TRY_ASSIGN(const std::string text, read_named(values, "snowflake-secret"));
    return parse_snowflake_secret(text, is_content(given) ? values.where("snowflake-secret") : given);
  }
  TRY_ASSIGN(const Secret secret, read_named_secret(given, values, environment));
  return parse_snowflake_secret(secret.reveal(), given);
}

/// The document, and over it what the options say.
Result<Document> all_of(const Values& values, const Environment& environment) {
  TRY_ASSIGN(Document all, read_document(values, environment));
  for (const auto& [name, option] : kNames) {
    if (values.has(option)) all[name] = values.text(option);
  }
  for (const auto& [name, option] : kFiles) {
    if (values.has(option)) {
      TRY_ASSIGN(all[name], read_named(values, option));
    }
  }
  return all;
}

SnowflakeLogin login_of(const Document& all) {
  const auto text = [&all](const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? std::string() : found->second;
  };
  SnowflakeLogin login;
  login.account = text("account");
  login.user = text("user");
  login.private_key = Secret(text("private_key"));
  login.passphrase = Secret(text("private_key_passphrase"));
  login.token = Secret(text("token"));
  login.token_is_oauth = text("token_type") == "oauth";
  return login;
}

}  // namespace

std::string snowflake_name(const std::string& text) {
  if (text.size() > 1 && text.starts_with('"') && text.ends_with('"')) return text.substr(1, text.size() - 2);
  return snowflake::upper(text);
}

Result<Document> parse_snowflake_secret(std::string_view text, const std::string& where) {
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) {
    return fail(ErrorKind::usage, fmt::format("the secret {} is not a JSON object", where),
                R"(It holds {"account", "user", "private_key", "role", "warehouse", "database"}, see docs/snowflake.md.)");
  }
  Document all;
  for (const auto& [name, value] : document.items()) {
    // A template of such a secret has all names, and "" where there is nothing to say.
    if (value.is_string() && !value.get_ref<const std::string&>().empty()) all[name] = value.get<std::string>();
  }
  return all;
}

Result<SnowflakeTarget> snowflake_of(std::string_view given, const Values& values, const Environment& environment, bool is_production) {
  TRY_ASSIGN(Document all, all_of(values, environment));
  TRY_ASSIGN(const WarehouseOption option, parse_warehouse(std::string(given), values.where("warehouse")));
  const std::vector<std::string>& parts = option.address;
  const char* in_order[] = {"account", "database", "schema"};
  for (std::size_t i = 0; i < parts.size(); ++i) all[in_order[i]] = parts[i];
  all.try_emplace("schema", "MAILCHIMP");
  all.try_emplace("stage", "CHIMPLIFT_STAGE");
  const std::string archive = values.text("archive");
  if (archive.starts_with("s3://")) all.try_emplace("stage_url", archive + (archive.ends_with('/') ? "" : "/") + "_snowflake_stage/");

  std::vector<std::string> missing;
  for (const char* name : {"account", "user", "database", "stage_url"}) {
    if (all[name].empty())
      missing.push_back("--" + std::string(std::ranges::find(kNames, std::string_view(name), [](const auto& each) {
                                             return std::string_view(each.first);
                                           })->second));
  }
  if (all["private_key"].empty() && all["token"].empty()) missing.emplace_back("--snowflake-private-key");
  if (!missing.empty()) {
    return fail(ErrorKind::usage, fmt::format("Snowflake as the warehouse needs {}", join(missing, ", ")),
                "As options, as CHIMPLIFT_SNOWFLAKE_…, in chimplift.toml, or in the document of --snowflake-secret.");
  }
  SnowflakeTarget target;
  SnowflakeSettings& snowflake = target.snowflake;
  snowflake.login = login_of(all);
  snowflake.url = all["url"];
  snowflake.role = snowflake_name(all["role"]);
  snowflake.warehouse = snowflake_name(all["warehouse"]);
  snowflake.place = {snowflake_name(all["database"]), snowflake_name(all["schema"])};
  snowflake.stage = snowflake_name(all["stage"]);
  snowflake.ca_file = values.text("ca-file");
  snowflake.proxies = proxies_of(environment);
  snowflake.reload = [values, environment]() -> Result<SnowflakeLogin> {
    TRY_ASSIGN(const Document anew, all_of(values, environment));
    return login_of(anew);
  };
  // The account may have stood in the address.
  snowflake.reload = [reload = snowflake.reload, account = snowflake.login.account]() -> Result<SnowflakeLogin> {
    TRY_ASSIGN(SnowflakeLogin login, reload());
    login.account = account;
    return login;
  };
  target.stage_url = all["stage_url"] + (all["stage_url"].ends_with('/') ? "" : "/");
  target.aws = aws_settings_of(values, environment);
  target.s3 = s3_settings_of(values);
  if (!is_production) {
    const std::string dev = all["dev_database"].empty() ? snowflake.place.database + "_DEV" : snowflake_name(all["dev_database"]);
    if (!values.is_true("dev-override")) {
      return fail(ErrorKind::usage, fmt::format("this is not a production run, and {} is shared", snowflake.place.database),
                  fmt::format("--dev-override true writes to {} instead; CHIMPLIFT_ENV=production makes it a production run.", dev));
    }
    snowflake.place.database = dev;
  }
  return target;
}

std::string snowflake_owner(Command command, const Values& values, const std::vector<Account>& accounts, const SnowflakeSettings& into) {
  const std::string archive = values.text("archive");
  std::string who = archive;
  if (!archive.starts_with("s3://")) {
    // Two machines may have folders of one name.
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    std::error_code ignored;
    who = std::filesystem::absolute(archive.empty() ? "mailchimp-archive" : archive, ignored).lexically_normal().string() + "\n" + host;
  }
  // One archive may be loaded into several places at a time, by way of the same folder of staged files.
  who += "\n" + join(std::vector{into.login.account, into.url, into.place.database, into.place.schema}, "\n");
  // A verify or load beside a sync is none of its business.
  who += "\n" + std::string(spec_of(command).name);
  std::vector<std::string> names;
  for (const Account& account : accounts) names.push_back(account.name);
  std::ranges::sort(names);
  who += "\n" + join(names, "\n");
  for (const char* option : {"excluded-steps", "only-steps"}) who += "\n" + join(values.list(option), ",");
  // On S3 it has an archive of its own, so nothing keeps it from running beside the real one.
  if (values.is_true("is-test")) who += "\nis-test";
  return snowflake::upper(sha256_hex(who).substr(0, 12));
}

Result<snowflake::Setup> snowflake_setup_of(const Values& values) {
  snowflake::Setup setup;
  const auto take = [&values](const char* option, std::string& into) {
    if (values.has(option)) into = snowflake_name(values.text(option));
  };
  take("snowflake-user", setup.user);
  take("snowflake-role", setup.role);
  take("snowflake-warehouse", setup.warehouse);
  take("snowflake-database", setup.database);
  take("snowflake-dev-database", setup.dev_database);
  take("snowflake-schema", setup.schema);
  take("snowflake-stage", setup.stage);
  setup.stage_url = values.text("snowflake-stage-url");
  if (!setup.stage_url.empty()) {
    if (!setup.stage_url.ends_with('/')) setup.stage_url += '/';
    // What a run would refuse is not made either.
    SnowflakeTarget target;
    target.stage_url = setup.stage_url;
    target.aws = aws_settings_to_judge();
    TRY(open_stage_files(target));
  }
  setup.storage_role_arn = values.text("storage-role-arn");
  if (values.has("snowflake-private-key")) {
    TRY_ASSIGN(const std::string pem, read_named(values, "snowflake-private-key"));
    std::string passphrase;
    if (values.has("snowflake-passphrase")) {
      TRY_ASSIGN(passphrase, read_named(values, "snowflake-passphrase"));
    }
    TRY_ASSIGN(const PrivateKey key, PrivateKey::parse(pem, Secret(passphrase)));
    setup.public_key = key.public_pem();
  }
  return setup;
}

}  // namespace chimplift
