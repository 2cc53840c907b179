// Bodies a second time, with links to the images in the archive: what a campaign looked like can then be seen from the folder alone, when
// Mailchimp's image servers no longer have its images. And bodies whose file was damaged, from the pages in which they came.
#pragma once

#include <string>
#include <string_view>

#include "archive/account_archive.hpp"
#include "inventory/discovery.hpp"
#include "inventory/file_ledger.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// True for a body that has a second version.
bool has_local_version(const WantedFile& file);
std::string local_id(const WantedFile& body);
/// The body with each image that was fetched named by its path from the body's folder, and every other byte as it was, behind a byte order
/// mark where it does not say that it is UTF-8, as all that came in JSON is.
std::string local_version(const WantedFile& body, const FileRecords& files);

/// What the ledger is to say of a body that came in a page.
FileRecord body_record(const WantedFile& body, i64 now_micros);

/// Makes what is lacking or is no longer what the archive's bodies and images give, and anew what was damaged of bodies that Mailchimp may
/// no longer have. Waits until it is durable.
Result<void> make_local_bodies(AccountArchive& archive, const Settings& settings);

}  // namespace chimplift
