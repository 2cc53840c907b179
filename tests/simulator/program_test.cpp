// mailchimp-sim as a program: one line on stdout, a private accounts file, the truth in a folder, and an end on request.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "built_paths.hpp"
#include "plain_client.hpp"

namespace mailchimp_sim::testing {
namespace {

struct Program {
  pid_t pid = -1;
  std::string line;  // the first one on stdout
  int output = -1;

  explicit Program(std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
    arguments.insert(arguments.begin(), CHIMPLIFT_SIM);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid = fork();
    if (pid == 0) {
      dup2(ends[1], 1);
      execv(pointers[0], pointers.data());
      _exit(127);
    }
    close(ends[1]);
    output = ends[0];
    for (char c = 0; read(output, &c, 1) == 1 && c != '\n';) line += c;
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid > 0) (void)end();
    close(output);
  }
  int end() {
    kill(pid, SIGTERM);
    int status = -1;
    waitpid(pid, &status, 0);
    pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST(program, says_where_it_listens_and_writes_what_tests_need) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / ("sim-program-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string accounts = folder / "accounts.json";
  Program program({"--scale", "0.05", "--accounts", "2", "--accounts-file", accounts, "--truth-dir", folder / "truth", "--exit-after",
                   "1500", "--fault", "status_500:/ping:1"});
  ASSERT_TRUE(program.line.starts_with("listening on http://127.0.0.1:")) << program.line;
  EXPECT_TRUE(program.line.ends_with("/3.0"));
  const int port = std::stoi(program.line.substr(std::string("listening on http://127.0.0.1:").size()));

  struct stat state{};
  ASSERT_EQ(stat(accounts.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777U, 0600U);
  std::ifstream file(accounts);
  const auto list = nlohmann::json::parse(file);
  ASSERT_EQ(list.size(), 2U);
  const std::string key = list[0].at("api_key");
  EXPECT_TRUE(key.ends_with("-" + list[0].at("server").get<std::string>()));
  EXPECT_EQ(request(port, "GET", "/3.0/ping", basic(key)).status, 500);
  EXPECT_EQ(request(port, "GET", "/3.0/ping", basic(key)).status, 200);
  for (const std::string name : {"list_members", "email_activity", "files", "campaign_content"})
    EXPECT_GT(std::filesystem::file_size(folder / "truth" / list[1].at("account_name").get<std::string>() / (name + ".ndjson")), 0U)
        << name;
  EXPECT_EQ(program.end(), 0);
  std::filesystem::remove_all(folder);
}

TEST(program, ends_by_itself) {
  Program program({"--scale", "0.05", "--exit-after", "0.2"});
  int status = -1;
  waitpid(program.pid, &status, 0);
  program.pid = -1;
  EXPECT_EQ(status, 0);
}

TEST(program, refuses_a_port_that_another_program_has) {
  const Running running;
  Program program({"--scale", "0.05", "--port", std::to_string(running.simulator.port())});
  EXPECT_EQ(program.line, "");
  int status = -1;
  waitpid(program.pid, &status, 0);
  program.pid = -1;
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(program, refuses_a_fault_that_does_not_exist) {
  Program program({"--scale", "0.05", "--fault", "unheard_of"});
  EXPECT_EQ(program.line, "");
  int status = -1;
  waitpid(program.pid, &status, 0);
  program.pid = -1;
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
}  // namespace mailchimp_sim::testing
