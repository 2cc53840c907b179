#include "pull/file_work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "inventory/file_ledger.hpp"
#include "inventory/local_bodies.hpp"
#include "mailchimp/links.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

// Chosen: an address leads on once or twice (to https, to another host); more than five times is a circle.
constexpr int kMostRedirects = 5;
// Chosen below a page's kMostAttempts: what files lack holds nothing else up.
constexpr int kMostFileAttempts = 6;
// Chosen: what comes as doubtful four times is what there is, and is kept.
constexpr int kMostDoubts = 3;
// Chosen: files of a server that may be asked for to see whether it gives any.
constexpr std::size_t kMostControls = 5;

// An e-mail's image is at most some megabytes; Mailchimp's file manager takes 10 MB a file. Beyond these somebody sends without end.
constexpr i64 kMostLinkBytes = 100'000'000;
constexpr i64 kMostFileBytes = 2'000'000'000;
// Chosen so that the largest of each can still come, at less than 1 MB a second; a minute of silence is a connection that is dead.
constexpr i64 kLinkTimeoutMillis = 120'000;
constexpr i64 kFileTimeoutMillis = 3'600'000;
constexpr i64 kStallSeconds = 60;

std::string extension_for(const Download& download, const HttpResponse& response) {
  static const std::map<std::string, std::string, std::less<>> kByType = {
      {"image/png", "png"},     {"image/jpeg", "jpg"},      {"image/gif", "gif"}, {"image/webp", "webp"},
      {"image/svg+xml", "svg"}, {"application/pdf", "pdf"}, {"video/mp4", "mp4"}, {"audio/mpeg", "mp3"}};
  for (const std::string& name : {download.wanted.name, download.wanted.url, download.url}) {
    if (std::string extension = extension_of(name); !extension.empty()) return extension;
  }
  const auto found = kByType.find(to_lower(trim(response.content_type.substr(0, response.content_type.find(';')))));
  return found == kByType.end() ? "bin" : found->second;
}

/// What a page says of a file: where it differs from what was said before, the file is another one.
std::string word_of(const WantedFile& file) {
  if (file.read_again) return file.content_sha256;
  return file.content ? sha256_hex(*file.content) : fmt::format("{} {}", file.expected_bytes.value_or(-1), file.url);
}

/// Of a file that pages speak of more than once, the last word counts, as it does for whoever verifies.
std::vector<WantedFile> last_of_each(std::vector<WantedFile> files) {
  std::map<std::pair<std::string, std::string>, std::size_t> last;
  for (std::size_t i = 0; i < files.size(); ++i) last[{files[i].kind, files[i].id}] = i;
  std::vector<WantedFile> kept;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (last.at({files[i].kind, files[i].id}) == i) kept.push_back(std::move(files[i]));
  }
  return kept;
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

}  // namespace

FileWork::FileWork(AccountArchive& archive, const std::string& api_base, bool private_links)
    : archive_(&archive), private_links_(private_links) {
  const std::optional<Url> base = parse_url(api_base);
  api_is_private_ = base && is_private_host(base->host);
  if (base) trusted_origins_.insert(base->origin());
}

void FileWork::trust(const WantedFile& file) {
  if (file.kind == kImages || file.url.empty()) return;
  if (const std::optional<Url> url = parse_url(file.url)) trusted_origins_.insert(url->origin());
}

Result<void> FileWork::add(std::vector<WantedFile> files, const FileRecords& known, i64 now_micros) {
  for (const WantedFile& file : files) trust(file);
  for (WantedFile& file : last_of_each(std::move(files))) {
    const std::string word = word_of(file);
    const News news = note(file, word);
    if (news == News::none) continue;
    const bool is_first = news == News::first;
    // What was had before this run says nothing any more once the run itself has kept or asked for something else.
    const FileRecord* had = nullptr;
    if (is_first) {
      TRY_ASSIGN(had, find_had(file, known));
    }
    if (file.content) {
      if (is_first) {
        ++known_;
        ++ended_;
      }
      if (had != nullptr && had->sha256 == word) continue;
      if (file.read_again) {
        TRY_ASSIGN(file.content, file.read_again());
      }
      keep_body(std::move(file), now_micros);
      continue;
    }
    if (is_first || !drop_queued(file)) ++known_;  // what is not queued any more is had, or under way
    if (had != nullptr && had->source_url == file.url && had->expected_bytes == file.expected_bytes) {
      ++ended_;
      note_given(had->source_url, had->bytes);
    } else {
      TRY(note_sound(file, known));
      enqueue(std::move(file), known, now_micros);
    }
  }
  return {};
}

void FileWork::add_lost(std::vector<WantedFile> files) {
  for (const WantedFile& file : files) trust(file);
  lost_ = std::move(files);
}

void FileWork::take_up_lost() {
  for (WantedFile& file : std::exchange(lost_, {})) {
    if (note(file, word_of(file)) != News::first) continue;  // a page has the last word on where it is now
    ++known_;
    (file.kind == kImages ? links_ : queue_).push_back(std::move(file));
  }
}

/// Whether a page said the same of the file before, in this run.
FileWork::News FileWork::note(const WantedFile& file, const std::string& word) {
  const auto [seen, is_first] = seen_.try_emplace({file.kind, file.id}, word);
  if (is_first) return News::first;
  return std::exchange(seen->second, word) == word ? News::none : News::changed;
}

/// What is known of the file, where it is there as it should be.
Result<const FileRecord*> FileWork::find_had(const WantedFile& file, const FileRecords& known) const {
  const auto had = known.find({file.kind, file.id});
  if (had == known.end()) return nullptr;
  TRY_ASSIGN(const bool is_had, is_there(had->second));
  return is_had ? &had->second : nullptr;
}

/// Notes where the archive has bytes that are not to be lost to an apology in their place, whatever their size.
Result<void> FileWork::note_sound(const WantedFile& file, const FileRecords& known) {
  const auto had = known.find({file.kind, file.id});
  if (had == known.end() || had->second.outcome != FileOutcome::fetched) return {};
  const FileRecord& record = had->second;
  if (is_doubtful(record.path, record.bytes, record.content_type)) return {};
  TRY_ASSIGN(const bool is_had, archive_->has_file(record));
  if (is_had) sound_.insert(had->first);
  return {};
}

void FileWork::keep_body(WantedFile file, i64 now_micros) {
  FileRecord fresh = body_record(file, now_micros);
  archive_->keep(FileToKeep{std::move(fresh), std::move(file.content), {}});
}

/// False where it was not queued.
bool FileWork::drop_queued(const WantedFile& file) {
  return std::erase_if(queue_, [&file](const WantedFile& w) { return w.kind == file.kind && w.id == file.id; }) > 0;
}

void FileWork::enqueue(WantedFile file, const FileRecords& known, i64 now_micros) {
  const bool is_link = file.kind == kImages;
  if (is_link && has_merge_tag(file.url)) {
    skip(std::move(file), known, now_micros);
  } else {
    (is_link ? links_ : queue_).push_back(std::move(file));
  }
}

/// What nobody can ask for as it stands is no gap, which no run could ever close, but it is to be known that it was there.
void FileWork::skip(WantedFile file, const FileRecords& known, i64 now_micros) {
  const auto had = known.find({file.kind, file.id});
  if (had != known.end() && had->second.outcome == FileOutcome::skipped) {
    ++ended_;
    return;
  }
  Download download;
  download.wanted = std::move(file);
  record(download, FileOutcome::skipped, "its address has a merge tag, in whose place Mailchimp puts something else for each recipient",
         now_micros);
}

/// Fetched as it should be, and still where the ledger says. Its bytes are verify's to prove.
Result<bool> FileWork::is_there(const FileRecord& record) const {
  const bool is_right =
      record.expected_bytes ? *record.expected_bytes == record.bytes : !is_doubtful(record.path, record.bytes, record.content_type);
  if (record.outcome != FileOutcome::fetched || !is_right) return false;
  return archive_->has_file(record);
}

std::unique_ptr<Download> FileWork::next(bool rows_done) {
  if (rows_done) take_up_lost();
  auto download = std::make_unique<Download>();
  const auto take_from = [&download](std::deque<WantedFile>& queue) {
    download->wanted = std::move(queue.front());
    queue.pop_front();
  };
  if (!queue_.empty()) {
    take_from(queue_);
  } else if (rows_done && !links_.empty()) {
    take_from(links_);
  } else if (rows_done && !refused_.empty() && !waits_for_refused() && (under_way_ == 0 || second_round_)) {
    // What is still missing in the second round is recorded and does not come back here, so the round ends.
    second_round_ = true;
    download->turn = Download::Turn::second;
    download->wanted = std::move(refused_.front().wanted);
    refused_.pop_front();
  } else if (rows_done && refused_.empty() && under_way_ == 0 && on_trial_) {
    download->turn = Download::Turn::control;
    download->wanted.kind = kImages;
    download->wanted.url = given_.at(parse_url(on_trial_->url)->origin()).begin()->address;
  } else if (rows_done && refused_.empty() && under_way_ == 0 && !forbidden_.empty()) {
    download->turn = Download::Turn::alone;
    take_from(forbidden_);
  } else {
    return nullptr;
  }
  download->url = download->wanted.url;
  ++under_way_;
  return download;
}

bool FileWork::is_done() const {
  return lost_.empty() && queue_.empty() && links_.empty() && refused_.empty() && forbidden_.empty() && !on_trial_ && under_way_ == 0;
}

bool FileWork::waits_for_refused() const {
  return std::ranges::any_of(refused_, [](const Refused& refused) { return refused.is_doubted; });
}

void FileWork::take_up_refused() {
  for (Refused& refused : refused_) refused.is_doubted = false;
}

bool FileWork::is_public_only(const Download& download) const {
  if (download.wanted.kind != kImages) return !api_is_private_;
  if (private_links_) return false;
  const std::optional<Url> url = parse_url(download.url);
  return !(api_is_private_ && url && trusted_origins_.contains(url->origin()));
}

bool FileWork::is_mailchimps(const Download& download) const {
  if (download.wanted.kind != kImages) return true;
  const std::optional<Url> url = parse_url(download.wanted.url);
  if (!url) return false;
  return trusted_origins_.contains(url->origin()) || is_mailchimp_host(url->host);
}

Result<HttpRequest> FileWork::request(Download& download) {
  TRY_ASSIGN(download.path, archive_->temporary_file());
  TRY_ASSIGN(download.file, File::create(download.path));
  download.hash = Sha256();
  download.bytes = 0;
  const bool is_link = download.wanted.kind == kImages;
  HttpRequest request;
  request.url = download.url;
  request.max_bytes = is_link ? kMostLinkBytes : kMostFileBytes;
  request.timeout_millis = is_link ? kLinkTimeoutMillis : kFileTimeoutMillis;
  request.stall_seconds = kStallSeconds;
  // A picture that a server keeps packed is to be seen; of a file of Mailchimp's the size is compared, and an archive stays one.
  // A coding that nobody knows, or that the bytes do not have, is no reason to lose the picture: the last attempts take it as it is sent.
  request.coding = is_link && download.attempts < kMostFileAttempts / 2 ? Coding::plain : Coding::exact;
  request.public_only = is_public_only(download);
  request.sink = [&download](std::string_view bytes) {
    download.hash.update(bytes);
    download.bytes += static_cast<i64>(bytes.size());
    Result<void> written = download.file.append(bytes);
    if (!written) download.disk_error = std::move(written).error();
    return !download.disk_error;
  };
  return request;
}

FileWork::Next FileWork::take(std::unique_ptr<Download>& download, const HttpResponse& response, i64 now_micros) {
  if (download->turn == Download::Turn::control) return take_control(download, response, now_micros);
  if (response.error != TransportError::none) {
    const bool is_final = response.error == TransportError::private_address || response.error == TransportError::too_large ||
                          response.error == TransportError::bad_url;
    return fail_once(download, std::string(name_of(response.error)), is_final, now_micros);
  }
  if (is_redirect(response.status)) return follow_redirect(download, response.location, now_micros);
  if (response.status != 200) return take_refusal(download, response.status, now_micros);
  if (is_asked_for_again(*download, response)) return Next::later;
  if (is_something_else(*download, response))
    return fail_once(download,
                     download->bytes == 0 ? "it came empty, each time" : "it came as " + to_utf8(response.content_type) + ", each time",
                     true, now_micros);
  keep(*download, response, now_micros);
  --under_way_;
  download.reset();
  return Next::done;
}

FileWork::Next FileWork::follow_redirect(std::unique_ptr<Download>& download, const std::string& location, i64 now_micros) {
  Download& d = *download;
  if (++d.redirects > kMostRedirects || location.empty()) return fail_once(download, "it redirects without end", true, now_micros);
  // Whoever stands between could put other bytes in the place of Mailchimp's, and nobody would ever know.
  if (is_mailchimps(d) && d.url.starts_with("https:") && !location.starts_with("https:"))
    return fail_once(download, "it redirects to an address without TLS", true, now_micros);
  discard(d);
  d.url = location;
  return Next::again;
}

FileWork::Next FileWork::take_refusal(std::unique_ptr<Download>& download, int status, i64 now_micros) {
  Download& d = *download;
  const std::string reason = fmt::format("status {}", status);
  const bool is_refusal = status >= 400 && status < 500 && status != 408 && status != 429;
  if (!is_refusal) return fail_once(download, reason, false, now_micros);
  // A gateway's 403 passes, and a 404 may be a cache's: what is refused is asked for once more when all else is done.
  const bool is_gone = status == 404 || status == 410;
  const bool is_last = d.turn != Download::Turn::first;
  if (is_last && !is_gone && !may_be_gone(d, status)) return fail_once(download, reason, true, now_micros);
  discard(d);
  --under_way_;
  if (is_last && is_gone) {
    record(d, FileOutcome::missing, fmt::format("{}: its server no longer has it", status), now_micros);
  } else if (d.turn == Download::Turn::second) {
    forbidden_.push_back(std::move(d.wanted));
  } else if (d.turn == Download::Turn::alone) {
    on_trial_ = std::move(d.wanted);
  } else {
    const bool is_doubted = d.wanted.expected_bytes || (!is_gone && is_mailchimps(d));
    refused_.push_back({std::move(d.wanted), is_doubted});
  }
  download.reset();
  return Next::done;
}

void FileWork::note_given(const std::string& address, i64 bytes) {
  const std::optional<Url> url = parse_url(address);
  if (!url) return;
  std::set<Given>& given = given_[url->origin()];
  given.insert({bytes, address});
  if (given.size() > kMostControls) given.erase(std::prev(given.end()));
}

/// Amazon's S3 says 403 of what is not there to whoever may not list the bucket (docs/mailchimp.md, "Hosts of files"); a gateway that
/// blocks us, or that counts requests, says it of all.
bool FileWork::may_be_gone(const Download& d, int status) const {
  const std::optional<Url> url = parse_url(d.wanted.url);
  return status == 403 && d.wanted.kind == kImages && is_mailchimps(d) && url && given_.contains(url->origin());
}

/// Where the server gives behind the 403 what it gave before, it does not turn us away: what it forbids is not there.
FileWork::Next FileWork::take_control(std::unique_ptr<Download>& download, const HttpResponse& response, i64 now_micros) {
  discard(*download);
  if (is_redirect(response.status) && !response.location.empty() && ++download->redirects <= kMostRedirects) {
    download->url = response.location;
    return Next::again;
  }
  const bool is_odd = is_doubtful("." + extension_for(*download, response), download->bytes, response.content_type);
  const bool came = response.error == TransportError::none && response.status == 200 && !is_odd;
  const auto given = given_.find(parse_url(on_trial_->url)->origin());
  if (!came) {
    // This one may have gone itself since it came. A smaller one may have come while it was asked for.
    std::erase_if(given->second, [&](const Given& one) { return one.address == download->wanted.url; });
    if (!given->second.empty()) {
      --under_way_;
      download.reset();
      return Next::done;
    }
    given_.erase(given);
  }
  download->wanted = *std::exchange(on_trial_, std::nullopt);
  download->trouble = "status 403";
  if (!came) {
    give_up(download, now_micros);
    return Next::done;
  }
  record(*download, FileOutcome::missing, "403: its server gives others, and not this one", now_micros);
  --under_way_;
  download.reset();
  return Next::done;
}

/// Where a redirect led may have been for that one time.
void FileWork::begin_again(Download& d) const {
  discard(d);
  d.url = d.wanted.url;
  d.redirects = 0;
}

/// A size that differs may be a download cut short by a proxy, a web page a gateway's apology: asked for again before that is believed.
bool FileWork::is_asked_for_again(Download& d, const HttpResponse& response) const {
  const bool differs = d.wanted.expected_bytes && *d.wanted.expected_bytes != d.bytes;
  const bool is_odd = !d.wanted.expected_bytes && is_doubtful("." + extension_for(d, response), d.bytes, response.content_type);
  if (!(differs || is_odd) || d.doubts >= kMostDoubts) return false;
  ++d.doubts;
  begin_again(d);
  d.trouble = differs ? "a file came with another size than Mailchimp gives" : "a file came empty, or as a message in its place";
  return true;
}

/// A message in the place of a file of which Mailchimp says another size, or of which the archive has better bytes: nothing to keep.
bool FileWork::is_something_else(const Download& d, const HttpResponse& response) const {
  if (!is_doubtful("." + extension_for(d, response), d.bytes, response.content_type)) return false;
  return d.wanted.expected_bytes ? *d.wanted.expected_bytes != d.bytes : sound_.contains({d.wanted.kind, d.wanted.id});
}

void FileWork::keep(Download& d, const HttpResponse& response, i64 now_micros) {
  const std::string sha256 = d.hash.hex();
  const std::string extension = extension_for(d, response);
  if (!is_doubtful("." + extension, d.bytes, response.content_type)) note_given(d.wanted.url, d.bytes);
  const bool is_link = d.wanted.kind == kImages;
  const std::string path = is_link ? fmt::format("campaigns/images/{}.{}", sha256, extension)
                                   : fmt::format("{}/{}.{}", d.wanted.kind, safe_name(d.wanted.id), extension);
  FileRecord record{.kind = d.wanted.kind,
                    .id = d.wanted.id,
                    .path = path,
                    .bytes = d.bytes,
                    .sha256 = sha256,
                    .content_type = to_utf8(response.content_type),
                    .source_url = d.wanted.url,
                    .expected_bytes = d.wanted.expected_bytes,
                    .outcome = FileOutcome::fetched,
                    .at = format_utc(now_micros)};
  ++ended_;
  d.file = File();
  archive_->keep(FileToKeep{std::move(record), std::nullopt, d.path});
}

FileWork::Next FileWork::fail_once(std::unique_ptr<Download>& download, const std::string& reason, bool is_final, i64 now_micros) {
  Download& d = *download;
  begin_again(d);
  d.trouble = reason;
  if (!is_final) return ++d.attempts < kMostFileAttempts ? Next::later : Next::exhausted;
  give_up(download, now_micros);
  return Next::done;
}

void FileWork::give_up(std::unique_ptr<Download>& download, i64 now_micros) {
  const bool is_lost = is_mailchimps(*download);
  record(*download, is_lost ? FileOutcome::failed : FileOutcome::skipped,
         is_lost ? download->trouble : download->trouble + " (not Mailchimp's server)", now_micros);
  --under_way_;
  download.reset();
}

void FileWork::record(const Download& d, FileOutcome outcome, const std::string& reason, i64 now_micros) {
  ++ended_;
  FileRecord record{.kind = d.wanted.kind,
                    .id = d.wanted.id,
                    .source_url = d.wanted.url,
                    .expected_bytes = d.wanted.expected_bytes,
                    .outcome = outcome,
                    .reason = reason,
                    .at = format_utc(now_micros)};
  archive_->keep(FileToKeep{std::move(record), std::nullopt, {}});
}

void FileWork::discard(Download& d) const {
  d.file = File();
  std::error_code ignored;
  std::filesystem::remove(d.path, ignored);
}

}  // namespace chimplift
