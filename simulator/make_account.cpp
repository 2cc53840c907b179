// The order in which an account is made, what its makers share, and the account's own record.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cmath>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "simulator/images.hpp"
#include "simulator/make.hpp"
#include "simulator/shape.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

i64 Maker::scaled(i64 count) const { return std::max<i64>(1, std::llround(static_cast<double>(count) * options.scale)); }
i64 Maker::scaled_root(i64 count) const { return std::max<i64>(1, std::llround(static_cast<double>(count) * std::sqrt(options.scale))); }

std::string Maker::add_file(const std::string& kind, const std::string& id, const std::string& path, const std::string& content_type,
                            std::string bytes) {
  std::string url = files_base + path;
  const std::string key = url.substr(url.find("/files/"));
  account.files.insert_or_assign(key, StoredFile{kind, id, url, content_type, std::move(bytes)});
  return url;
}

std::string Maker::add_picture(const std::string& id) {
  Random random = this->random("picture " + id);
  Image image = make_image(random);
  const std::string path = fmt::format("/pictures/{}.{}", random.hex(10), image.extension);
  return json::text(add_file("pictures", id, path, image.content_type, std::move(image.bytes)));
}

Maker::Image Maker::make_image(Random& random) {
  const i64 width = random.between(2, 12) * 8;
  const i64 height = random.between(2, 10) * 8;
  switch (random.below(3)) {
    case 0:
      return {"image/gif", "gif", make_gif(width, height, random), width, height};
    case 1:
      return {"image/jpeg", "jpg", make_jpeg(width, height, random), width, height};
    default:
      return {"image/png", "png", make_png(width, height, random), width, height};
  }
}

std::string md5_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

void make_header(Maker& maker) {
  Random random = maker.random("header");
  i64 subscribers = 0;
  for (const ListPlan& list : maker.lists)
    for (const Person& person : list.people) subscribers += person.status == "subscribed" ? 1 : 0;
  const Given given = {{"account_id", json::text(random.hex(24))},
                       {"login_id", json::text(std::to_string(random.between(1'000'000, 99'999'999)))},
                       // Mailchimp's own name of the account: not the one that we gave it.
                       {"account_name", json::text(words::company(random) + " ☕ Newsletter")},
                       {"role", json::text("owner")},
                       {"pricing_plan_type", json::text("monthly")},
                       {"first_payment", "\"\""},
                       {"member_since", json::date(1'400'000'000)},
                       {"last_login", json::date(kNow)},
                       {"total_subscribers", json::number(subscribers)}};
  maker.account.add(Single{"account", "/", {}, make_record("account", given, random)});
  maker.account.add(Single{"", "/ping", {}, R"({"health_status":"Everything's Chimpy!"})"});
}

void make_account(Maker& maker) {
  make_stored_files(maker);
  make_templates(maker);
  make_lists(maker);
  make_campaigns(maker);
  make_header(maker);
  make_others(maker);
  make_shop(maker);
  make_member_details(maker);
}

}  // namespace mailchimp_sim
