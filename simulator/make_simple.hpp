// Collections of records that need nothing but an id and plausible values.
#pragma once

#include <string>
#include <vector>

#include "simulator/make.hpp"
#include "simulator/shape.hpp"

namespace mailchimp_sim {

struct SimpleRows {
  std::string table;
  std::string path;
  std::string items;
  Parents parents = {};
  i64 count = 0;
  std::string id = "id";  // the field that is the id
  bool numeric = false;   // the id is a number
  Paging paging = Paging::offset;
  bool has_total = true;
  Given given = {};
  std::vector<std::string> ids = {};  // in place of made-up ones; `count` is theirs then
  // Values for the rows in turn, in the place of those that were made up, which are drawn all the same: what is made next stays as it is.
  std::vector<Given> set = {};
};

class SimpleMaker {
 public:
  SimpleMaker(Maker& maker, const std::string& purpose) : maker_(maker), random_(maker.random(purpose)) {}

  /// Adds the collection; returns its rows' ids.
  std::vector<std::string> rows(const SimpleRows& wanted);
  void single(const std::string& table, const std::string& path, const Parents& parents, const Given& given);
  Random& random() { return random_; }
  Maker& maker() { return maker_; }

 private:
  Maker& maker_;
  Random random_;
};

}  // namespace mailchimp_sim
