#include "mailchimp/catalogue.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace chimplift {

std::span<const Stream> catalogue() {
  static const std::vector<Stream> all = [] {
    std::vector<Stream> streams;
    for (const std::span<const Stream> part : {account_streams(), campaign_streams(), list_streams(), report_streams(), outreach_streams(),
                                               shop_streams(), asset_streams(), contact_streams()}) {
      streams.insert(streams.end(), part.begin(), part.end());
    }
    return streams;
  }();
  return all;
}

const Stream* find_stream(std::string_view table) {
  for (const Stream& stream : catalogue()) {
    if (stream.table == table) return &stream;
  }
  return nullptr;
}

std::vector<const Stream*> children_of(const Stream& stream) {
  std::vector<const Stream*> children;
  for (const Stream& other : catalogue()) {
    if (other.parent == stream.table) children.push_back(&other);
  }
  return children;
}

const Stream* by_id(const Stream& stream) {
  static const std::map<std::string_view, Stream> all = [] {
    std::map<std::string_view, Stream> streams;
    for (const Stream& list : catalogue()) {
      if (list.record_path.empty()) continue;
      Stream one = list;
      one.path = list.record_path;
      one.items = {};
      one.paging = Paging::object;
      one.sort = {};
      one.sweeps = {""};
      one.record_path = {};
      one.mentioned_in = {};
      one.is_by_id = true;
      streams.emplace(list.table, std::move(one));
    }
    return streams;
  }();
  const auto found = all.find(stream.table);
  return found == all.end() ? nullptr : &found->second;
}

const std::vector<std::string>& steps() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const Stream& stream : catalogue()) {
      if (std::find(found.begin(), found.end(), stream.step) == found.end()) found.emplace_back(stream.step);
    }
    return found;
  }();
  return names;
}

}  // namespace chimplift
