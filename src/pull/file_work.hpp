// The bytes of one account: which files are wanted, which are had, and what came of the others.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/account_archive.hpp"
#include "base/hash.hpp"
#include "inventory/discovery.hpp"
#include "inventory/file_ledger.hpp"
#include "net/http.hpp"

namespace chimplift {

/// A file that is being downloaded.
struct Download {
  enum class Turn {
    first,
    second,   // its server refused it (4xx), and it is asked for once more at the end
    alone,    // the server forbade it both times, and gives others: asked for while nothing else is
    control,  // another file of that server, for its bytes' being there; they are not kept
  };
  WantedFile wanted;
  std::string url;           // where it is now, after redirects
  int attempts = 0;          // that failed so far
  i64 failing_since = 0;     // steady milliseconds of the first failure
  std::string trouble = {};  // the last one
  int redirects = 0;
  Turn turn = Turn::first;
  bool was_put_aside = false;  // it failed too often once before
  int doubts = 0;              // came, and was not what it should be: asked for again before that is believed
  std::filesystem::path path = {};
  File file = {};
  Sha256 hash = {};
  i64 bytes = 0;
  std::optional<Error> disk_error = {};
};

class FileWork {
 public:
  /// `private_links`: addresses in bodies may be private ones. `api_base`: its server may be, if it is one itself (a simulator, a proxy).
  FileWork(AccountArchive& archive, const std::string& api_base, bool private_links);

  /// Takes files that pages speak of: bodies are kept at once, the rest is queued, each once, and again where a page gives it another
  /// address or size. What `known` has is not asked for again. Error: the archive cannot be looked at.
  Result<void> add(std::vector<WantedFile> files, const FileRecords& known, i64 now_micros);

  /// Takes files that the archive had and lost. What no page speaks of until all of them are read is asked for where it came from.
  void add_lost(std::vector<WantedFile> files);

  /// The next download. Links in bodies come last: they are other people's servers, and `rows_done` says that nothing of Mailchimp's is
  /// waiting. What was refused is asked for once more behind them.
  std::unique_ptr<Download> next(bool rows_done);
  /// True where something was refused that should be there: it is not handed out before take_up_refused(), for which time is to pass.
  [[nodiscard]] bool waits_for_refused() const;
  void take_up_refused();
  /// The request for it; the bytes go into a temporary file.
  Result<HttpRequest> request(Download& download);

  enum class Next { done, again, later, exhausted };
  /// Takes the answer: the file is kept, or its outcome is; or it is to be asked for again, at once (a redirect) or after a wait; or it has
  /// failed so often that the caller has to decide.
  Next take(std::unique_ptr<Download>& download, const HttpResponse& response, i64 now_micros);
  /// Records that the file could not be had.
  void give_up(std::unique_ptr<Download>& download, i64 now_micros);
  /// Bytes that go with the account. What an e-mail links elsewhere is somebody else's, and stays where it is when the account is closed.
  [[nodiscard]] bool is_mailchimps(const Download& download) const;
  [[nodiscard]] bool is_done() const;
  [[nodiscard]] i64 known() const { return known_; }
  [[nodiscard]] i64 ended() const { return ended_; }

 private:
  enum class News { none, first, changed };
  struct Refused {
    WantedFile wanted;
    bool is_doubted;  // a cache on the way may keep an error for a while, which has not passed yet
  };
  /// A file that an origin gave, in this run or before.
  struct Given {
    i64 bytes = 0;
    std::string address;
    friend auto operator<=>(const Given&, const Given&) = default;
  };
  News note(const WantedFile& file, const std::string& word);
  void trust(const WantedFile& file);
  [[nodiscard]] Result<const FileRecord*> find_had(const WantedFile& file, const FileRecords& known) const;
  [[nodiscard]] Result<bool> is_there(const FileRecord& record) const;
  void keep_body(WantedFile file, i64 now_micros);
  [[nodiscard]] Result<void> note_sound(const WantedFile& file, const FileRecords& known);
  bool drop_queued(const WantedFile& file);
  void take_up_lost();
  void enqueue(WantedFile file, const FileRecords& known, i64 now_micros);
  [[nodiscard]] bool is_public_only(const Download& download) const;
  void keep(Download& download, const HttpResponse& response, i64 now_micros);
  Next follow_redirect(std::unique_ptr<Download>& download, const std::string& location, i64 now_micros);
  Next take_refusal(std::unique_ptr<Download>& download, int status, i64 now_micros);
  void note_given(const std::string& address, i64 bytes);
  [[nodiscard]] bool may_be_gone(const Download& download, int status) const;
  Next take_control(std::unique_ptr<Download>& download, const HttpResponse& response, i64 now_micros);
  void begin_again(Download& download) const;
  bool is_asked_for_again(Download& download, const HttpResponse& response) const;
  [[nodiscard]] bool is_something_else(const Download& download, const HttpResponse& response) const;
  Next fail_once(std::unique_ptr<Download>& download, const std::string& reason, bool is_final, i64 now_micros);
  void record(const Download& download, FileOutcome outcome, const std::string& reason, i64 now_micros);
  void skip(WantedFile file, const FileRecords& known, i64 now_micros);
  void discard(Download& download) const;

  AccountArchive* archive_;
  bool private_links_;
  bool api_is_private_;
  std::set<std::string> trusted_origins_;                            // of the API and of the files that it names
  std::map<std::pair<std::string, std::string>, std::string> seen_;  // by kind and id: what the last page said of it
  std::vector<WantedFile> lost_;
  std::deque<WantedFile> queue_;
  std::deque<WantedFile> links_;
  std::deque<Refused> refused_;                          // to be asked for once more at the end
  std::map<std::string, std::set<Given>> given_;         // by the origin of the address that pages name: the smallest few
  std::deque<WantedFile> forbidden_;                     // on origins that give others: they may be gone
  std::optional<WantedFile> on_trial_;                   // forbidden a third time: the next request is for what that origin gave
  std::set<std::pair<std::string, std::string>> sound_;  // by kind and id: wanted anew, and the archive has bytes that came as they should
  bool second_round_ = false;
  i64 known_ = 0;
  i64 ended_ = 0;
  i64 under_way_ = 0;
};

}  // namespace chimplift
