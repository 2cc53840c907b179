// See disk.hpp.
#include "faults/disk.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace chimplift::faults {

namespace fs = std::filesystem;

Disk::Disk(const fs::path& folder) : root_(read(folder)) {}

std::shared_ptr<Disk::Folder> Disk::read(const fs::path& folder) {
  auto read_folder = std::make_shared<Folder>();
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    Thing thing;
    if (entry.is_directory()) {
      thing.folder = read(entry.path());
    } else {
      thing.file = std::make_shared<Bytes>();
      thing.file->durable = thing.file->now = e2e::read_text(entry.path());
    }
    read_folder->now[entry.path().filename()] = thing;
  }
  read_folder->durable = read_folder->now;
  return read_folder;
}

void Disk::apply(std::string& bytes, const Change& change) {
  const auto at = static_cast<std::size_t>(change.at);
  if (!change.bytes) {
    bytes.resize(at);
    return;
  }
  if (bytes.size() < at + change.bytes->size()) bytes.resize(at + change.bytes->size());
  bytes.replace(at, change.bytes->size(), *change.bytes);
}

void Disk::set(Folder& folder, const std::string& name, std::optional<Thing> thing) {
  if (thing) {
    folder.now[name] = *thing;
  } else {
    folder.now.erase(name);
  }
  folder.pending.emplace_back(name, std::move(thing));
}

std::shared_ptr<Disk::Folder> Disk::folder_at(const std::string& path) const {
  std::shared_ptr<Folder> at = root_;
  for (const fs::path& part : fs::path(path)) {
    const auto found = at->now.find(part);
    if (found == at->now.end() || !found->second.folder) throw std::runtime_error("the log speaks of a folder that is not there: " + path);
    at = found->second.folder;
  }
  return at;
}

Disk::Thing Disk::thing_at(const std::string& path) const {
  const std::shared_ptr<Folder> folder = folder_at(fs::path(path).parent_path());
  const auto found = folder->now.find(fs::path(path).filename());
  if (found == folder->now.end()) throw std::runtime_error("the log speaks of a file that is not there: " + path);
  return found->second;
}

void Disk::place(const std::string& path, std::optional<Thing> thing) {
  set(*folder_at(fs::path(path).parent_path()), fs::path(path).filename(), std::move(thing));
}

void Disk::change(i64 number, Change change) {
  Bytes& file = *files_.at(number);
  apply(file.now, change);
  file.pending.push_back(std::move(change));
}

void Disk::replay(const fs::path& log) {
  files_.clear();
  std::ifstream in(log, std::ios::binary);
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string what;
    words >> what;
    words.get();
    if (what == "create" || what == "open") {
      i64 number = 0;
      std::string path;
      words >> number;
      words.get();
      std::getline(words, path);
      if (what == "create") place(path, Thing{std::make_shared<Bytes>(), nullptr});
      files_[number] = thing_at(path).file;
    } else if (what == "write") {
      i64 number = 0;
      i64 at = 0;
      std::size_t size = 0;
      words >> number >> at >> size;
      std::string bytes(size, '\0');
      in.read(bytes.data(), static_cast<std::streamsize>(size));
      change(number, {at, std::move(bytes)});
    } else if (what == "cut") {
      i64 number = 0;
      i64 size = 0;
      words >> number >> size;
      change(number, {size, std::nullopt});
    } else if (what == "sync") {
      i64 number = 0;
      words >> number;
      Bytes& file = *files_.at(number);
      file.durable = file.now;
      file.pending.clear();
    } else if (what == "rename" || what == "link") {
      std::string from;
      std::string to;
      std::getline(words, from, '\t');
      std::getline(words, to);
      const Thing thing = thing_at(from);
      if (what == "rename") place(from, std::nullopt);
      place(to, thing);
    } else {
      std::string path;
      std::getline(words, path);
      if (what == "mkdir") {
        place(path, Thing{nullptr, std::make_shared<Folder>()});
      } else if (what == "remove") {
        place(path, std::nullopt);
      } else if (what == "sync-folder") {
        const std::shared_ptr<Folder> folder = folder_at(path);
        folder->durable = folder->now;
        folder->pending.clear();
      } else {
        throw std::runtime_error("the log has a line that nobody knows: " + line);
      }
    }
  }
}

std::string Disk::left_of(const Bytes& file, Kept kept, e2e::Chance& chance) {
  if (kept == Kept::all) return file.now;
  std::string bytes = file.durable;
  if (kept == Kept::none) return bytes;
  for (Change change : file.pending) {
    if (chance.between(0, 1) == 0) continue;
    constexpr i64 kSector = 512;
    if (change.bytes && chance.between(0, 7) == 0) {
      const i64 sectors = static_cast<i64>(change.bytes->size()) / kSector;
      change.bytes->resize(static_cast<std::size_t>(chance.between(0, sectors) * kSector));
    }
    apply(bytes, change);
  }
  return bytes;
}

void Disk::leave(const Folder& folder, const fs::path& at, Kept kept, e2e::Chance& chance) {
  fs::create_directory(at);
  fs::permissions(at, fs::perms::owner_all);
  std::map<std::string, Thing> entries = kept == Kept::all ? folder.now : folder.durable;
  if (kept == Kept::some) {
    const i64 changes = chance.between(0, static_cast<i64>(folder.pending.size()));
    for (i64 i = 0; i < changes; ++i) {
      const auto& [name, thing] = folder.pending[static_cast<std::size_t>(i)];
      if (thing) {
        entries[name] = *thing;
      } else {
        entries.erase(name);
      }
    }
  }
  for (const auto& [name, thing] : entries) {
    if (thing.folder) {
      leave(*thing.folder, at / name, kept, chance);
    } else {
      e2e::write_text(at / name, left_of(*thing.file, kept, chance));
    }
  }
}

void Disk::leave(const fs::path& folder, Kept kept, e2e::Chance& chance) const {
  fs::remove_all(folder);
  leave(*root_, folder, kept, chance);
}

}  // namespace chimplift::faults
