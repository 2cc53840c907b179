// File manager: folders, files that are real, names that would like to be paths. Also the images that campaigns link.
#include <fmt/format.h>

#include <array>

#include "simulator/images.hpp"
#include "simulator/make.hpp"
#include "simulator/shape.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

struct Folder {
  i64 id;
  std::string name;
  i64 files = 0;
};

constexpr std::array<std::string_view, 7> kOddNames = {"../../etc/passwd.png",
                                                       "über bild.JPG",
                                                       "logo (1) final_FINAL.png",
                                                       "emoji 🎈.gif",
                                                       "..\\windows\\win.ini",
                                                       "name with \"quotes\" & 100%.png",
                                                       "same.png"};

}  // namespace

void make_stored_files(Maker& maker) {
  Random random = maker.random("files");
  std::vector<Folder> folders = {{1001, "Logos"}, {1002, "2024/Spring ✿"}, {1003, "Empty folder"}};
  const i64 count = maker.scaled_root(25);
  std::vector<Row> rows;
  i64 total_bytes = 0;
  for (i64 i = 0; i < count; ++i) {
    const i64 id = 500'000 + i * 7;
    const bool document = i % 12 == 11;
    Maker::Image image = document ? Maker::Image{"application/pdf", "pdf", make_pdf(random), 0, 0} : Maker::make_image(random);
    std::string name = fmt::format("{}-{}.{}", words::word(random), i, image.extension);
    if (i < static_cast<i64>(kOddNames.size())) name = kOddNames[static_cast<std::size_t>(i)];
    if (i == 7) name = "same.png";  // two files of one name
    Folder* folder = i % 3 == 0 ? &folders[0] : (i % 3 == 1 ? &folders[1] : nullptr);
    if (folder != nullptr) ++folder->files;
    const auto size = static_cast<i64>(image.bytes.size());
    total_bytes += size;
    const i64 added = 1'600'000'000 + i * 86'461;
    const std::string id_text = std::to_string(id);
    const std::string url = maker.add_file("stored_files", id_text, fmt::format("/images/{}.{}", random.hex(12), image.extension),
                                           image.content_type, std::move(image.bytes));
    std::string thumbnail;
    if (!document)
      thumbnail = maker.add_file("stored_file_thumbnails", id_text, fmt::format("/thumbs/{}.png", random.hex(12)), "image/png",
                                 make_png(16, 16, random));
    Row row;
    row.json = make_record("stored_files",
                           {{"id", id_text},
                            {"folder_id", json::number(folder == nullptr ? 0 : folder->id)},
                            {"type", json::text(document ? "file" : "image")},
                            {"name", json::text(name)},
                            {"full_size_url", json::text(url)},
                            {"thumbnail_url", json::text(thumbnail)},
                            {"size", json::number(size)},
                            {"width", document ? "" : json::number(image.width)},
                            {"height", document ? "" : json::number(image.height)},
                            {"created_at", json::date(added)},
                            {"created_by", json::text(words::first_name(random))}},
                           random);
    row.id = id_text;
    row.type = document ? "file" : "image";
    row.sort_keys = {json::plain_date(added), name, fmt::format("{:020}", size)};
    rows.push_back(std::move(row));
  }
  Collection files{.table = "stored_files", .path = "/file-manager/files", .items_key = "files"};
  files.rows = std::move(rows);
  files.sort_names = {"added_date", "name", "size"};
  files.also = fmt::format(",\"total_file_size\":{}", total_bytes);
  maker.account.add(std::move(files));

  Collection folder_rows{.table = "stored_file_folders", .path = "/file-manager/folders", .items_key = "folders"};
  for (const Folder& folder : folders) {
    Row row;
    row.id = std::to_string(folder.id);
    row.json = make_record("stored_file_folders",
                           {{"id", row.id},
                            {"name", json::text(folder.name)},
                            {"file_count", json::number(folder.files)},
                            {"created_at", json::date(1'590'000'000 + folder.id)}},
                           random);
    folder_rows.rows.push_back(std::move(row));
  }
  maker.account.add(std::move(folder_rows));

  for (i64 i = 0; i < 12; ++i) {
    Maker::Image image = Maker::make_image(random);
    // A query in the address: in HTML its & becomes &amp;.
    maker.images.push_back(maker.add_file("campaign_images", std::to_string(i),
                                          fmt::format("/linked/{}.{}{}", random.hex(10), image.extension, i % 4 == 3 ? "?w=600&h=2" : ""),
                                          image.content_type, std::move(image.bytes)));
  }
}

void make_templates(Maker& maker) {
  Random random = maker.random("templates");
  const std::vector<std::pair<std::string, std::string>> folders = {{random.hex(10), "Seasonal 🍂"}, {random.hex(10), "Empty"}};
  i64 in_first = 0;
  const i64 own = maker.scaled_root(12);
  Collection templates{.table = "templates", .path = "/templates", .items_key = "templates"};
  templates.sort_names = {"date_created", "date_edited", "name"};
  templates.sweeps_type_user = true;
  for (i64 i = 0; i < own + 4; ++i) {
    const bool user = i < own;
    Row row;
    row.id = std::to_string(10'000'000 + i * 13);
    row.type = user ? "user" : (i % 2 == 0 ? "base" : "gallery");
    const bool filed = user && i % 3 == 0;
    in_first += filed ? 1 : 0;
    const std::string name = words::phrase(random, 3);
    const i64 created = 1'550'000'000 + i * 1'000'003;
    std::string thumbnail;
    if (i % 5 != 4) {
      Maker::Image image = Maker::make_image(random);
      thumbnail =
          maker.add_file(user ? "templates" : "gallery_templates", row.id, fmt::format("/templates/{}.{}", random.hex(10), image.extension),
                         image.content_type, std::move(image.bytes));
    }
    const std::string edited = i % 4 == 0 ? "" : json::plain_date(created + 86'400 * 30);
    row.json = make_record("templates",
                           {{"id", row.id},
                            {"type", json::text(row.type)},
                            {"name", json::text(name)},
                            {"date_created", json::date(created)},
                            {"date_edited", json::text(edited)},
                            {"active", json::boolean(i % 6 != 5)},
                            {"folder_id", filed ? json::text(folders[0].first) : (i % 2 == 0 ? "\"\"" : "")},
                            {"thumbnail", json::text(thumbnail)},
                            {"share_url", i % 5 == 1 ? "\"\"" : json::text("https://us12.example/templates/share?id=" + random.hex(12))}},
                           random);
    row.sort_keys = {json::plain_date(created), edited, name};
    json::Members sections;
    for (i64 s = 0; s < i % 4; ++s) {
      std::string html = "<h1>" + words::phrase(random, 4) + "</h1>";
      if (user && s == 1) {
        Maker::Image image = Maker::make_image(random);
        const std::string path = fmt::format("/linked/{}.{}", random.hex(10), image.extension);
        html += fmt::format("<img src='{}' width=600>",
                            maker.add_file("campaign_images", "template " + row.id, path, image.content_type, std::move(image.bytes)));
      }
      sections.emplace_back(fmt::format("section_{}", s), json::text(html));
    }
    maker.account.add(Single{user ? "template_default_content" : "",
                             fmt::format("/templates/{}/default-content", row.id),
                             {{"template_id", row.id}},
                             json::object({{"sections", json::object(sections)}})});
    templates.rows.push_back(std::move(row));
  }
  maker.account.add(std::move(templates));

  Collection rows{.table = "template_folders", .path = "/template-folders", .items_key = "folders"};
  for (const auto& [id, name] : folders) {
    Row row;
    row.id = id;
    row.json = json::object(
        {{"name", json::text(name)}, {"id", json::text(id)}, {"count", json::number(&id == &folders[0].first ? in_first : 0)}});
    rows.rows.push_back(std::move(row));
  }
  maker.account.add(std::move(rows));
}

}  // namespace mailchimp_sim
