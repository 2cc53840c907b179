// What verification leaves in an account's folder: certificate.json for programs, certificate.html for people, content.sha256 for whoever
// wants to prove later that the archive is still the same.
#pragma once

#include "archive/account_archive.hpp"
#include "sync/certificate.hpp"
#include "sync/content.hpp"

namespace chimplift {

/// Sums up the archive's content into the certificate and writes all three. The ledger must have its last word before. Error: destination.
Result<void> write_certificate(const AccountArchive& archive, const KnownSums& known, Certificate& certificate);

}  // namespace chimplift
