#include "sync/certificate_files.hpp"

#include "base/files.hpp"
#include "sync/certificate_html.hpp"

namespace chimplift {

Result<void> write_certificate(const AccountArchive& archive, const KnownSums& known, Certificate& certificate) {
  const AccountLayout& layout = archive.layout();
  TRY_ASSIGN(const ContentList content, list_content(layout, known));
  certificate.content = content.sum;
  TRY(write_file(layout.content_list(), content.text));
  TRY(write_file(layout.certificate_page(), to_html(certificate)));
  return write_file(layout.certificate(), to_json(certificate));
}

}  // namespace chimplift
