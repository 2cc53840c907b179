// Words, environment and settings file to values: what comes first, what is refused, and in which words.
#include "cli/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "cli/aws_options.hpp"
#include "cli/config.hpp"
#include "cli/parse.hpp"
#include "cli/settings.hpp"
#include "cli/toml_file.hpp"
#include "cli/warehouse_option.hpp"
#include "process.hpp"
#include "run/closing_command.hpp"

namespace chimplift {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

Result<CommandLine> parse(const std::vector<std::string>& words) { return parse_command_line(words); }

Result<Values> values(const std::vector<std::string>& words, std::map<std::string, std::string> variables = {}) {
  const Result<CommandLine> line = parse(words);
  if (!line) return tl::unexpected(line.error());
  return resolve(*line, environment_of(std::move(variables)));
}

std::string message(const std::vector<std::string>& words, std::map<std::string, std::string> variables = {}) {
  const Result<Values> result = values(words, std::move(variables));
  return result ? "no error" : result.error().message;
}

TEST(Options, HaveOneSentenceEachAndNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const OptionSpec& option : options()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_TRUE(option.help.ends_with('.')) << option.name;
    EXPECT_LE(option.help.size(), 80U) << option.name;
    EXPECT_EQ(find_option(option.name), &option);
  }
  EXPECT_EQ(environment_name(*find_option("excluded-steps")), "CHIMPLIFT_EXCLUDED_STEPS");
}

TEST(Options, CommandsStandAtTheirOwnPlaceInTheTable) {
  for (const CommandSpec& command : commands()) EXPECT_EQ(spec_of(command.command).name, command.name);
}

TEST(Parse, TakesValuesWithAndWithoutEqualsSignAndOptionsAnywhere) {
  EXPECT_EQ(values({"sync", "--archive=a b"})->text("archive"), "a b");
  EXPECT_EQ(values({"sync", "--archive", "a b"})->text("archive"), "a b");
  EXPECT_EQ(values({"--archive", "x", "sync"})->text("archive"), "x");
  EXPECT_TRUE(values({"sync", "--json"})->is_true("json"));
  EXPECT_TRUE(values({"sync", "--json=true"})->is_true("json"));
  EXPECT_FALSE(values({"sync", "--json=false"})->is_true("json"));
}

TEST(Parse, TakesNamesAsTheyAre) {
  const Result<Values> result = values({"sync", "--account", "[a,b]", "--account", "../☕ x/y", "--account=-dash"});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->list("account"), ElementsAre("[a,b]", "../☕ x/y", "-dash"));
}

TEST(Parse, JoinsLists) {
  EXPECT_THAT(values({"sync", "--excluded-steps", "a, b", "--excluded-steps", "c"})->list("excluded-steps"), ElementsAre("a", "b", "c"));
}

TEST(Parse, SuggestsTheNearestCommandAndOption) {
  EXPECT_EQ(message({"snyc"}), "unknown command snyc; did you mean sync?");
  EXPECT_EQ(message({"sync", "--acounts", "x"}), "unknown option --acounts; did you mean --accounts?");
  EXPECT_EQ(message({"sync", "--acounts=x"}), "unknown option --acounts; did you mean --accounts?");
  // The "=" was forgotten: what is glued to the name is a key all the same.
  EXPECT_EQ(message({"sync", "--api-key-override0123456789abcdef0123456789abcdef-us1"}).find("0123456789"), std::string::npos);
  EXPECT_EQ(message({"sync", "--X=0123456789abcdef0123456789abcdef-us1"}).find("0123456789"), std::string::npos);
  EXPECT_EQ(message({"zzzzzzzzzz"}), "unknown command zzzzzzzzzz");
}

TEST(Parse, RefusesWhatACommandDoesNotTake) {
  EXPECT_EQ(message({"plan", "--warehouse", "none"}), "plan takes no --warehouse");
  EXPECT_EQ(message({"sync", "plan"}), "unexpected word plan after sync");
  EXPECT_EQ(message({"sync", "--archive", "a", "--archive", "b"}), "--archive is given twice");
}

TEST(Parse, SaysWhichValueIsMissing) {
  EXPECT_EQ(message({"sync", "--archive"}), "--archive needs a value");
  EXPECT_THAT(message({"sync", "--archive", "--json"}), HasSubstr("--archive needs a value"));
  EXPECT_EQ(message({"sync", "--archive="}), "--archive has an empty value");
  EXPECT_EQ(message({"sync", "--archive=", "--json"}), "--archive has an empty value");
  for (const std::string flag : {"--json", "--quiet", "--source"}) EXPECT_EQ(message({"verify", flag + "="}), flag + " has an empty value");
}

TEST(Parse, KnowsWhatGenerateMakesAndWhatThatTakes) {
  EXPECT_EQ(parse({"generate", "completion", "zsh"})->choice, "zsh");
  EXPECT_EQ(parse({"generate", "man"})->topic, "man");
  EXPECT_EQ(message({"generate"}), "generate needs to know what to make");
  EXPECT_EQ(message({"generate", "completions"}), "generate does not make completions; did you mean completion?");
  EXPECT_EQ(message({"generate", "completion"}), "generate completion makes it for bash, zsh, fish");
  EXPECT_EQ(message({"generate", "completion", "csh"}), "generate completion makes it for bash, zsh, fish");
  EXPECT_EQ(message({"generate", "man", "page"}), "unexpected word page after man");
  EXPECT_EQ(message({"generate", "man", "--snowflake-user", "x"}), "generate man takes no --snowflake-user");
  EXPECT_EQ(parse({"generate", "man", "--archive", "x"}).error().advice, "It takes what every command takes.");
  EXPECT_EQ(parse({"generate", "dbt", "--archive", "x"}).error().advice, "It takes --out, and what every command takes.");
  for (const TopicSpec& topic : topics()) {
    for (const std::string& name : split(topic.options, ' ')) {
      ASSERT_NE(find_option(name), nullptr) << name;
      EXPECT_TRUE(takes(Command::generate, *find_option(name))) << name;
    }
    EXPECT_THAT(help_for(spec_of(Command::generate)), HasSubstr(std::string(topic.name)));
  }
}

// The archive's folder is nothing that generate knows of.
TEST(Parse, HelpOfGenerateNamesItsOwnDefaults) {
  const std::string help = help_for(spec_of(Command::generate));
  EXPECT_THAT(help, HasSubstr("[lookml: in Snowflake; duckdb-links: duckdb:mailchimp.duckdb]\n"));
  EXPECT_THAT(help, Not(HasSubstr("in the archive's folder")));
  EXPECT_THAT(help_for(spec_of(Command::sync)), HasSubstr("[duckdb:mailchimp.duckdb in the archive's folder]\n"));
  EXPECT_THAT(help, HasSubstr("\n  --out FOLDER                  Where the files go.\n"));
  EXPECT_THAT(help, HasSubstr("\n  --warehouse duckdb:FILE|snowflake:|none\n                                Where the tables are. ["));
}

TEST(Parse, HelpsWhateverElseIsWrong) {
  EXPECT_THAT(parse({"sync", "--foo", "--help"})->help, HasSubstr("chimplift sync"));
  EXPECT_THAT(parse({"--help"})->help, HasSubstr("Commands:"));
  EXPECT_THAT(parse({"help", "plan"})->help, HasSubstr("chimplift plan"));
  EXPECT_TRUE(parse({"-h"})->asked);
  EXPECT_FALSE(parse({})->asked);
}

TEST(Parse, NeverRepeatsAKey) {
  const std::string key = "0123456789abcdef0123456789abcdef-us12";
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{key},
                                                                                     {"sync", key},
                                                                                     {"sync", "--api-key-overide", key},
                                                                                     {"sync", "--api-key-overide=" + key},
                                                                                     {"sync", "--is-test", key},
                                                                                     {"sync", "--warehouse", key}}) {
    const Result<CommandLine> line = parse(words);
    Result<Values> result = line ? resolve(*line, environment_of({})) : tl::unexpected(line.error());
    const Error error = result ? Error() : result.error();
    EXPECT_THAT(error.message + error.advice, Not(HasSubstr("0123456789abcdef")));
  }
}

/// Folders of builds have the sum of a commit as their name; commands to copy and certificates have them.
TEST(Parse, TakesNoPartOfAPlaceForAKeyAndAMistypedKeyForOne) {
  const std::string sum = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";
  for (const std::string& place : {"s3://" + sum + "/" + sum + "/x", "s3://bucket/a=" + sum, "/builds/" + sum, sum,
                                   "/builds/" + sum + "/archive", sum + "/archive", "./" + sum + "-usual", "/My Builds/" + sum + "/x",
                                   "duckdb:/builds/" + sum + "/x.duckdb", "duckdb:" + sum + "/x.duckdb", "@/run/keys/" + sum}) {
    ASSERT_TRUE(parse({"sync", "--archive", place})) << place;
    ASSERT_TRUE(parse({"sync", "--archive=" + place})) << place;
    EXPECT_EQ(redact(place), place);
  }
  const std::string mistyped = "deadbeefdeadbeefdeadbeefdeadbee-us12";  // 31 digits
  EXPECT_THAT(message({"sync", "--warehouse", mistyped}), Not(HasSubstr("deadbeef")));
  EXPECT_THAT(message({"sync", "--excluded-stepsdeadbeefdeadbeefdeadbeefdeadbee-us12"}), Not(HasSubstr("deadbeef")));
  EXPECT_EQ(redact("--warehouse " + mistyped), "--warehouse [secret]");
}

TEST(Parse, FindsAKeyBesideAPlaceToo) {
  const auto said = [](const std::string& word) {
    return message({word}) + message({"sync", word}) + message({"sync", "--is-test", word}) + message({"sync", "--x=" + word});
  };
  for (const std::string server : {"-us12", ""}) {
    const std::string key = (server.empty() ? "ab1e5ca1" : "c0ffee5e") + std::string("0123456789abcdef01234567") + server;
    for (const std::string& word : {"https://user:" + key + "@host/3.0", "https://host/3.0/?apikey=" + key,
                                    "sync --archive /x/y --account " + key, R"({"url":"https://host/","api_key":")" + key + "\"}"}) {
      const std::string text = said(word);
      EXPECT_NE(text, "");
      EXPECT_THAT(text, Not(HasSubstr(key))) << word;
    }
  }
  const std::string key = "0ddba11e0ddba11e0ddba11e0ddba11e-us7";
  for (const std::string& word : {"/x/" + key, "s3://bucket/" + key + "/x", "@/run/" + key})
    EXPECT_THAT(said(word), Not(HasSubstr(key))) << word;
  EXPECT_EQ(redact("https://user:" + key + "@host"), "https://user:[secret]@host");
}

TEST(Values, BooleansAreTrueOrFalseAlone) {
  for (const std::string wrong : {"yes", "True", "1", "TRUE", "on"}) {
    EXPECT_EQ(message({"sync", "--is-test", wrong}), "--is-test is true or false, nothing else");
    EXPECT_EQ(message({"sync"}, {{"CHIMPLIFT_IS_TEST", wrong}}), "CHIMPLIFT_IS_TEST is true or false, nothing else");
  }
  EXPECT_EQ(values({"sync", "--log-format", "xml"}).error().advice, "Write text or json, in lower case.");
  EXPECT_TRUE(values({"sync", "--is-test", "true"})->is_true("is-test"));
  EXPECT_FALSE(values({"sync", "--is-test", "false"})->is_true("is-test"));
}

TEST(Values, NoneMeansNotGivenForTheFiveParametersOfTheOriginal) {
  for (const std::string name : {"api-key-override", "server-override", "dev-override", "is-test", "excluded-steps"}) {
    for (const std::string absent : {"none", ""}) {
      const Result<Values> result = values({"sync", "--" + name, absent});
      ASSERT_TRUE(result) << name << ": " << result.error().message;
      EXPECT_FALSE(result->has(name)) << name;
    }
    EXPECT_FALSE(values({"sync"}, {{environment_name(*find_option(name)), "none"}})->has(name)) << name;
  }
  EXPECT_EQ(values({"sync", "--warehouse", "none"})->text("warehouse"), "none");
  EXPECT_EQ(values({"sync", "--account", "none"})->text("account"), "none");
}

TEST(Values, ComeFromTheFirstPlaceThatHasOne) {
  const testing::Folder folder;
  folder.write("c.toml", "archive = \"file\"\nexcluded-steps = [\"templates\", \"lists\"]\nis-test = true\n");
  const std::string file = (folder.path() / "c.toml").string();
  EXPECT_EQ(values({"sync", "--config", file, "--archive", "option"}, {{"CHIMPLIFT_ARCHIVE", "variable"}})->text("archive"), "option");
  EXPECT_EQ(values({"sync", "--config", file}, {{"CHIMPLIFT_ARCHIVE", "variable"}})->text("archive"), "variable");
  EXPECT_EQ(values({"sync", "--config", file}, {{"CHIMPLIFT_ARCHIVE", ""}})->text("archive"), "file");
  EXPECT_EQ(values({"sync"}, {{"CHIMPLIFT_CONFIG", file}})->text("archive"), "file");
  EXPECT_EQ(values({"sync"})->text("archive"), "");
  EXPECT_THAT(values({"sync", "--config", file})->list("excluded-steps"), ElementsAre("templates", "lists"));
  EXPECT_TRUE(values({"sync", "--config", file})->is_true("is-test"));
  // "none" is no value: the next place is asked.
  EXPECT_TRUE(values({"sync", "--config", file, "--is-test", "none"})->is_true("is-test"));
  EXPECT_THAT(values({"sync", "--excluded-steps", "none", "--excluded-steps", "lists", "--excluded-steps", ""})->list("excluded-steps"),
              ElementsAre("lists"));
}

TEST(Toml, NamesTheLineAndTheNearestKey) {
  const testing::Folder folder;
  const auto error = [&folder](const std::string& text) {
    folder.write("c.toml", text);
    const Result<GivenByName> given = read_toml(folder.path() / "c.toml");
    return given ? "no error" : given.error().message;
  };
  EXPECT_THAT(error("archive = \"x\"\narchve = \"y\"\n"), HasSubstr("c.toml, line 2: unknown key archve; did you mean archive?"));
  EXPECT_THAT(error("excluded_steps = \"x\"\n"), HasSubstr("did you mean excluded-steps?"));
  EXPECT_THAT(error("\narchive = 3\n"), HasSubstr("line 2: the value of archive has the wrong type"));
  EXPECT_THAT(error("archive = [\"a\"]\n"), HasSubstr("wrong type"));
  EXPECT_THAT(error("config = \"other.toml\"\n"), HasSubstr("unknown key config"));
  EXPECT_THAT(error("archive = \n"), HasSubstr("line 1"));
  EXPECT_EQ(error("# nothing\n"), "no error");
}

TEST(Toml, AnUnreadableFileIsAdvisedOnByWhatNamesIt) {
  const testing::Folder folder;
  const std::string place = folder.path().string();
  EXPECT_THAT(values({"sync", "--config", place}).error().advice, HasSubstr("leave --config out"));
  EXPECT_THAT(values({"sync"}, {{"CHIMPLIFT_CONFIG", place}}).error().advice, HasSubstr("leave CHIMPLIFT_CONFIG out"));
  std::filesystem::create_directory(folder.path() / "chimplift.toml");
  const testing::Ended ended = testing::run({.words = {"sync"}, .folder = folder.path()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("chimplift.toml"), HasSubstr("current folder"), Not(HasSubstr("--config"))));
}

// A volume that is not mounted, say. Without its file the run would be another one: of other steps, into another archive.
TEST(Toml, ALinkToNothingIsNotTakenForNone) {
  const testing::Folder folder;
  std::filesystem::create_symlink(folder.path() / "gone" / "chimplift.toml", folder.path() / "chimplift.toml");
  const testing::Ended ended = testing::run({.words = {"sync"}, .folder = folder.path()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("chimplift.toml"));
}

TEST(Settings, SayWhereAnAddressThatIsNoneWasGiven) {
  const testing::Folder folder;
  folder.write("accounts.json", R"([{"account_name": "a", "api_key": "fedcba9876543210fedcba9876543210-us9"}])");
  const std::string file = (folder.path() / "accounts.json").string();
  for (const std::string base : {"foo", "ftp://a/", "http://"}) {
    const testing::Ended ended = testing::chimplift({"accounts", "--accounts", file}, {{"CHIMPLIFT_API_BASE", base}});
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.err, StartsWith("chimplift: CHIMPLIFT_API_BASE " + base + " is not an http or https address\n"));
    EXPECT_THAT(testing::chimplift({"accounts", "--accounts", file, "--api-base", base}).err,
                StartsWith("chimplift: --api-base " + base + " is not"));
  }
  EXPECT_EQ(testing::chimplift({"accounts", "--accounts", file}, {{"CHIMPLIFT_API_BASE", "http://127.0.0.1:1/3.0//"}}).code, 0);
}

TEST(Settings, SayWhatIsWrongWithThem) {
  const auto error = [](const std::vector<std::string>& words, std::map<std::string, std::string> variables = {}) {
    const Environment environment = environment_of(std::move(variables));
    const Result<CommandLine> line = parse(words);
    const Result<Settings> settings = settings_of(line->command, *resolve(*line, environment), environment);
    EXPECT_FALSE(settings);
    if (settings) return std::string();
    EXPECT_EQ(settings.error().kind, ErrorKind::usage);
    EXPECT_NE(settings.error().advice, "");
    return settings.error().message;
  };
  EXPECT_THAT(error({"sync", "--accounts", "aws:brand"}, {{"HOME", "/nonexistent"}}), HasSubstr("region"));
  EXPECT_THAT(error({"sync", "--warehouse", "snowflake:"}), HasSubstr("Snowflake as the warehouse needs"));
  EXPECT_THAT(error({"sync", "--warehouse", "duckdb:"}), HasSubstr("names no file"));
  EXPECT_THAT(error({"sync", "--warehouse", "x.db"}), HasSubstr("duckdb:FILE, snowflake: or none"));
  EXPECT_THAT(error({"load", "--warehouse", "none"}), HasSubstr("needs a warehouse"));
  EXPECT_THAT(error({"sync"}, {{"CHIMPLIFT_ENV", "production"}, {"HOME", "/nonexistent"}}), HasSubstr("region"));
  EXPECT_THAT(error({"sync"}, {{"RES_ENV", "production"}, {"HOME", "/nonexistent"}}), HasSubstr("region"));
  EXPECT_THAT(error({"sync", "--server-override", "us3"}), HasSubstr("--api-key-override"));
  EXPECT_THAT(error({"sync", "--excluded-steps", "tempates"}), HasSubstr("did you mean \"templates\"?"));
}

TEST(Settings, TakeProxiesFromTheEnvironmentAsCurlDoes) {
  const auto proxies = [](const std::map<std::string, std::string>& variables) {
    const std::vector<std::string> words = {"sync", "--api-key-override", "fedcba9876543210fedcba9876543210-us9", "--warehouse", "none"};
    const Result<Settings> settings = settings_of(Command::sync, *values(words, variables), environment_of(variables));
    EXPECT_TRUE(settings.has_value()) << settings.error().message;
    const HttpProxies of_aws = aws_settings_of(*values(words, variables), environment_of(variables)).http.proxies;
    EXPECT_EQ(of_aws.http + of_aws.https + of_aws.except, settings->proxies.http + settings->proxies.https + settings->proxies.except);
    return std::vector<std::string>{settings->proxies.http, settings->proxies.https, settings->proxies.except};
  };
  EXPECT_THAT(proxies({}), ElementsAre("", "", ""));
  EXPECT_THAT(proxies({{"http_proxy", "a"}, {"https_proxy", "b"}, {"no_proxy", "c"}}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(proxies({{"HTTP_PROXY", "a"}, {"HTTPS_PROXY", "b"}, {"NO_PROXY", "c"}}), ElementsAre("", "b", "c"));
  EXPECT_THAT(proxies({{"all_proxy", "a"}, {"https_proxy", "b"}, {"HTTPS_PROXY", "c"}}), ElementsAre("a", "b", ""));
  EXPECT_THAT(proxies({{"ALL_PROXY", "a"}, {"https_proxy", ""}}), ElementsAre("a", "a", ""));
}

TEST(Settings, AWarehouseThatIsNoneLeadsToOneThatIs) {
  const auto advice = [](const std::string& warehouse) {
    const Result<Settings> settings = settings_of(Command::sync, *values({"sync", "--warehouse", warehouse}), environment_of({}));
    EXPECT_FALSE(settings.has_value()) << warehouse;
    return settings ? std::string() : settings.error().advice;
  };
  EXPECT_EQ(advice("tables.db"), "As in: --warehouse duckdb:tables.db");
  EXPECT_EQ(advice("snowflake"), "As in: --warehouse snowflake:");
  EXPECT_EQ(advice("duckdb"), "As in: --warehouse duckdb:mailchimp.duckdb");
  for (const char* other : {"sqlite:foo", "postgres://host/x", "DuckDB:x"})
    EXPECT_EQ(advice(other), "As in: --warehouse duckdb:mailchimp.duckdb") << other;
}

/// The tables were made in memory, or in a folder called "s3:", and certified.
TEST(Settings, AWarehouseOfDuckDbIsAFile) {
  const auto parsed = [](const std::string& file) { return parse_warehouse("duckdb:" + file, "--warehouse"); };
  for (const char* memory : {":memory:", ":memory:x"}) {
    const auto refused = parsed(memory);
    ASSERT_FALSE(refused) << memory;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage) << memory;
    EXPECT_THAT(refused.error().message, HasSubstr("--warehouse is a file, and :memory:")) << memory;
    EXPECT_THAT(refused.error().advice, HasSubstr("--warehouse none")) << memory;
  }
  for (const std::string address : {"s3://b/x.duckdb", "s3:/b/x.duckdb", "http://h/x.duckdb", "file:///x.duckdb", "sqlite:x", "md:x",
                                    "my_ext:x", "a+b-c.d:x", "c:/x"}) {
    const auto refused = parsed(address);
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage) << address;
    EXPECT_THAT(refused.error().message, HasSubstr("and " + address + " looks like an address")) << address;
    EXPECT_THAT(refused.error().advice, HasSubstr("--warehouse duckdb:./" + address)) << address;
  }
  for (const std::string file :
       {"x.duckdb", "./s3://b/x", "/b/a:/x", "a b:x", "x:y", ":/x", "3d:x", "F\u00EAte:x", "./:memory:", "data.json"}) {
    const auto taken = parsed(file);
    ASSERT_TRUE(taken) << file << ": " << taken.error().message;
    EXPECT_EQ(taken->file.string(), file);
  }
}

TEST(Settings, MakeOneAccountOfAnOverride) {
  const Environment environment = environment_of({});
  const auto accounts = [&](const std::vector<std::string>& words) {
    const Result<CommandLine> line = parse(words);
    return accounts_of(line->command, *resolve(*line, environment), environment);
  };
  const std::string key = "fedcba9876543210fedcba9876543210";
  Result<std::vector<Account>> one = accounts({"sync", "--api-key-override", key + "-us9"});
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->at(0).name, "us9");
  one = accounts({"sync", "--api-key-override", key, "--server-override", "us3", "--account", "brand"});
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->at(0).name, "brand");
  EXPECT_EQ(one->at(0).server, "us3");
  one = accounts({"sync", "--api-key-override", key, "--api-base", "http://127.0.0.1:1/3.0"});
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->at(0).name, "mailchimp");
  EXPECT_FALSE(accounts({"sync", "--api-key-override", key + "-us9", "--account", "a", "--account", "b"}));
  EXPECT_THAT(accounts({"sync", "--api-key-override", key}).error().advice, HasSubstr("--server-override us12"));
  EXPECT_THAT(accounts({"sync", "--api-key-override", "'" + key + "'"}).error().message, HasSubstr("blanks or quotes"));
  const testing::Folder folder;
  folder.write("key", key + "-us7\n");
  one = accounts({"sync", "--api-key-override", "@" + (folder.path() / "key").string()});
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->at(0).key.now().reveal(), key + "-us7");
  EXPECT_FALSE(accounts({"sync", "--api-key-override", "@" + (folder.path() / "nothing").string()}));
}

// The list has a place for the server; --server-override goes only with the key that takes the list's place.
TEST(Settings, AnEntryOfTheListIsMendedInTheList) {
  const testing::Folder folder;
  const std::string file = (folder.path() / "accounts.json").string();
  const auto refused = [&](const std::string& entry) {
    folder.write("accounts.json", "[{" + entry + "}]");
    const Result<Settings> settings = settings_of(Command::sync, *values({"sync", "--accounts", file}), environment_of({}));
    EXPECT_FALSE(settings.has_value()) << entry;
    return settings ? Error{} : settings.error();
  };
  const std::string digits = "fedcba9876543210fedcba9876543210";
  const Error no_server = refused(R"("account_name": "a", "api_key": ")" + digits + "\"");
  EXPECT_THAT(no_server.message, HasSubstr("no server"));
  EXPECT_EQ(no_server.advice, R"(Add "server": "us12" to the account.)");
  for (const std::string field : {"apikey", "apiKey", "api-key", "key"}) {
    const Error error = refused(R"("account_name": "a", ")" + field + R"(": ")" + digits + "-us9\"");
    EXPECT_EQ(error.message, "entry 1 of " + file + " has \"" + field + "\"; did you mean api_key?");
  }
  for (const std::string field : {"name", "accountName", "account"}) {
    const Error error = refused("\"" + field + R"(": "a", "api_key": ")" + digits + "-us9\"");
    EXPECT_EQ(error.message, "entry 1 of " + file + " has \"" + field + "\"; did you mean account_name?");
  }
  EXPECT_THAT(refused("\"" + digits + "\": 1").message, Not(HasSubstr(digits)));
}

TEST(Settings, KnowWhatACommandThatClosesAGapIsToBeGiven) {
  const ::chimplift::testing::Folder folder;
  const std::string key = std::string(32, 'a') + "-us1";
  folder.write("key", key);
  const std::string file = "@" + (folder.path() / "key").string();
  const auto given = [](const std::vector<std::string>& words, std::map<std::string, std::string> variables = {}) {
    Result<Settings> settings = settings_of(Command::sync, *values(words, variables), environment_of(variables));
    EXPECT_TRUE(settings.has_value()) << settings.error().message;
    return std::move(*settings);
  };
  const Settings settings = given({"sync", "--api-key-override", file, "--account", "a", "--archive", "my archive", "--only-steps", "lists",
                                   "--private-links", "true", "--quiet"},
                                  {{"CHIMPLIFT_WAREHOUSE", "none"}});
  EXPECT_EQ(closing_command(settings, "sync", {{"account", "it's $(a)"}, {"only-steps", "templates"}}),
            "chimplift sync --account 'it'\\''s $(a)' --only-steps templates --api-key-override " + file +
                " --archive 'my archive' --warehouse none --private-links true");
  EXPECT_EQ(closing_command(settings, "load", {{"account", "a"}, {"warehouse", ""}}),
            "chimplift load --account a --api-key-override " + file + " --only-steps lists --archive 'my archive'");
  EXPECT_THAT(settings.limited_by, ElementsAre("--only-steps lists", "--warehouse none"));

  // Without the settings file the command would look for its accounts somewhere else.
  folder.write("my.toml", "api-key-override = \"" + file + "\"\n");
  const std::string config = (folder.path() / "my.toml").string();
  const std::string with_config = "chimplift sync --api-key-override " + file + " --config " + config;
  EXPECT_EQ(closing_command(given({"sync", "--config", config}), "sync", {}), with_config);
  EXPECT_EQ(closing_command(given({"sync"}, {{"CHIMPLIFT_CONFIG", config}}), "sync", {}), with_config);

  // A key is never written down: a file in its place where it came by the command line, nothing where it will be there again.
  EXPECT_EQ(closing_command(given({"sync", "--api-key-override", key}), "sync", {}),
            "chimplift sync --api-key-override @FILE-WITH-THE-KEY");
  EXPECT_EQ(closing_command(given({"sync"}, {{"CHIMPLIFT_API_KEY_OVERRIDE", key}}), "sync", {}), "chimplift sync");
}

}  // namespace
}  // namespace chimplift
