// A dbt project: the tables as sources, with descriptions and tests, and views as Fivetran's connector makes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "generate/files.hpp"

namespace chimplift {

struct FivetranView;

std::vector<GeneratedFile> dbt_project();

// Its parts, for dbt.cpp.
std::string yaml_text(std::string_view text);
std::string dbt_sources();
std::string dbt_view(const FivetranView& view);
std::string dbt_views_properties();
std::string dbt_view_file(const FivetranView& view);

}  // namespace chimplift
