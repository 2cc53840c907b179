// The ground truth: each row that a table must hold after a complete run, in spirit, straight from the generated world.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulator/drift.hpp"
#include "simulator/world.hpp"

namespace mailchimp_sim {

/// Table → lines of {"parents":{…},"record":{…}}; of email_activity one line an event, with "occurrence". Tables without rows are there.
std::map<std::string, std::vector<std::string>> truth_of(const Account& account);
/// A row of an account that changed while it was read.
struct RowTruth {
  RowStory::Fate fate = RowStory::Fate::stayed;  // only what stayed must be in its table
  std::vector<std::string> versions = {};        // lines as above: if the row is in its table, it is one of these
};
std::map<std::string, std::vector<RowTruth>> truth_of(const std::map<std::string, std::vector<RowStory>>& stories);
/// Lines of {"kind","id","url","bytes","sha256"}: each file whose bytes must be had.
std::vector<std::string> file_truth_of(const Account& account);
/// Writes <folder>/<account>/<table>.ndjson and files.ndjson. Throws std::runtime_error where that fails.
void write_truth(const World& world, const std::string& folder);

}  // namespace mailchimp_sim
