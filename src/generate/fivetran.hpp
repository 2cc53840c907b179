// Views with the names and columns that Fivetran gives to Mailchimp's data, as data: models that were built on those go on working.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace chimplift {

struct FivetranView {
  std::string_view name;
  std::string_view about;
  std::string_view from;  // our table
  std::string_view key;   // columns of the view, with account_name not written
  // "name", "name=column" or "name=column.path.in.json", then ":integer", ":number" or ":boolean" where JSON holds no text.
  std::string_view columns;
  // Which rows of what was sent: automations' e-mails, automations themselves and children of tests stand among campaigns, and so does
  // what is reported of them. `once` is what belongs to a campaign or to an automation's e-mail, neither counted twice.
  enum class Sends { all, campaigns, automations, once };
  Sends sends = Sends::all;
  std::string_view sent_id = "campaign_id";  // our column that says which campaign or e-mail a row is of
  bool is_activity = false;                  // several rows may share a second
  bool has_deleted = false;                  // has _fivetran_deleted
  bool has_merge_fields = false;             // one column for each of the variable chimplift_merge_fields
};

std::span<const FivetranView> fivetran_views();

}  // namespace chimplift
