// LookML: a view for each table, and a model with an explore for each, joined by keys so that no row is counted twice.
#pragma once

#include <string>
#include <vector>

#include "generate/files.hpp"
#include "generate/sql_words.hpp"
#include "generate/tables.hpp"

namespace chimplift {

struct LookmlSettings {
  std::string connection;
  TablePlace place = {};
};

std::vector<GeneratedFile> lookml(const LookmlSettings& settings);

// Its parts, for lookml.cpp.
std::string lookml_view(const DescribedTable& table, const LookmlSettings& settings);
std::string lookml_links_view(const LookmlSettings& settings);
std::string lookml_model(const LookmlSettings& settings);
std::string lookml_text(std::string_view text);
/// What stands before any view or model.
std::string lookml_header(std::string_view advice);

}  // namespace chimplift
