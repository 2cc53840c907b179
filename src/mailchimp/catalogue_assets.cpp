// The catalogue: templates, stored_files.
#include "mailchimp/catalogue.hpp"

namespace chimplift {

std::span<const Stream> asset_streams() {
  static const std::vector<Stream> streams = {
      {.table = "template_folders",
       .step = "templates",
       .path = "/template-folders",
       .items = "folders",
       .key = "id",
       .paging = Paging::offset,
       .columns = "name:text id:text count:integer",
       .about = "Folders of templates."},
      {.table = "templates",
       .step = "templates",
       .path = "/templates",
       .items = "templates",
       .key = "id",
       .paging = Paging::offset,
       .columns = "id:integer type:text name:text drag_and_drop:boolean responsive:boolean category:text "
                  "date_created:timestamp date_edited:timestamp created_by:text edited_by:text active:boolean folder_id:text "
                  "thumbnail:text share_url:text content_type:text",
       .about = "The account's own templates. The API gives no template's whole HTML.",
       .sort = "sort_field=date_created&sort_dir=ASC",
       .sweeps = {"type=user"},
       .files = {{.field = "thumbnail", .folder = "templates", .id_field = "id", .in_row = true}}},
      {.table = "template_default_content",
       .step = "templates",
       .path = "/templates/{template_id}/default-content",
       .items = "",
       .key = "template_id",
       .paging = Paging::object,
       .columns = "sections:json",
       .about = "The editable sections of each template.",
       .parent = "templates",
       .parent_field = "id",
       .files =
           {{.source = FileRule::Source::body, .folder = "template_sections", .suffix = ".html", .each = "sections", .is_html = true}}},
      {.table = "stored_file_folders",
       .step = "stored_files",
       .path = "/file-manager/folders",
       .items = "folders",
       .key = "id",
       .paging = Paging::offset,
       .columns = "id:integer name:text file_count:integer created_at:timestamp created_by:text",
       .about = "Folders of the file manager."},
      {.table = "stored_files",
       .step = "stored_files",
       .path = "/file-manager/files",
       .items = "files",
       .key = "id",
       .paging = Paging::offset,
       .columns = "id:integer folder_id:integer type:text name:text full_size_url:text thumbnail_url:text size:integer "
                  "created_at:timestamp created_by:text width:integer height:integer",
       .about = "Files of the file manager; their bytes are in the archive.",
       .sort = "sort_field=added_date&sort_dir=ASC",
       .files = {{.field = "full_size_url",
                  .folder = "stored_files",
                  .size_field = "size",
                  .name_field = "name",
                  .id_field = "id",
                  .in_row = true},
                 {.field = "thumbnail_url", .folder = "stored_files/thumbnails", .id_field = "id"}}},
  };
  return streams;
}

}  // namespace chimplift
